#include "relay/log/memory_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "proto/limits.h"

namespace xylem {
namespace {

constexpr std::size_t kPageBytes = 4 * kKiB;

// splitmix64: the choices of one power cut.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t count) {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return (x ^ (x >> 31)) % count;
  }

 private:
  std::uint64_t state_;
};

}  // namespace

// `content` and the disk agree in the first `shared` bytes; behind them the disk holds `saved`.
struct MemoryStorage::Inode {
  Bytes content;
  std::size_t shared = 0;
  Bytes saved;
  bool stuck = false;  // a sync failed: nothing behind `shared` will be written any more

  void truncate(std::size_t size) {
    if (size < shared) {
      saved.insert(saved.begin(), content.begin() + static_cast<std::ptrdiff_t>(size),
                   content.begin() + static_cast<std::ptrdiff_t>(shared));
      shared = size;
    }
    content.resize(size);
    if (size <= shared) stuck = false;
  }

  void sync() {
    if (stuck) return;
    shared = content.size();
    saved.clear();
  }

  Bytes after_power_cut(Choices& choices) const {
    Bytes disk(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(shared));
    disk.insert(disk.end(), saved.begin(), saved.end());
    if (disk == content) return disk;
    const std::size_t least = std::min(disk.size(), content.size()), most = std::max(disk.size(), content.size());
    const std::size_t sizes[] = {disk.size(), content.size(), least + choices.below(most - least + 1)};
    const std::size_t size = sizes[choices.below(3)];
    disk.resize(most);
    for (std::size_t page = shared / kPageBytes * kPageBytes; page < most; page += kPageBytes) {
      const std::size_t begin = std::max(page, shared), end = std::min(page + kPageBytes, most);
      const std::uint64_t fate = choices.below(3);
      for (std::size_t i = begin; fate == 0 && i < std::min(end, content.size()); ++i) disk[i] = content[i];
      for (std::size_t i = begin; fate == 1 && i < end; ++i) disk[i] = 0;
    }
    disk.resize(size);
    return disk;
  }
};

struct MemoryStorage::Faults {
  std::uint64_t operations = 0;
  std::uint64_t fail_at = 0;
  ErrorCode code{};
  Effect effect = Effect::none;
  std::uint64_t stop_at = 0;

  struct Outcome {
    std::optional<Error> error;
    Effect effect = Effect::whole;
  };
  Outcome next(const std::string& what) {
    ++operations;
    if (stop_at != 0 && operations >= stop_at) return {Error{ErrorCode::kIo, what + ": stopped"}, Effect::none};
    if (operations == fail_at) return {Error{code, what + ": injected fault"}, effect};
    return {};
  }
};

class MemoryStorage::OpenFile : public File {
 public:
  OpenFile(std::string name, std::shared_ptr<Inode> inode, std::shared_ptr<Faults> faults)
      : name_(std::move(name)), inode_(std::move(inode)), faults_(std::move(faults)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    if (auto outcome = faults_->next("read " + name_); outcome.error) return fail(*outcome.error);
    const Bytes& content = inode_->content;
    if (offset >= content.size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(out.size(), content.size() - static_cast<std::size_t>(offset));
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }

  Result<void> append(ByteView bytes) override {
    const auto outcome = faults_->next("append " + name_);
    if (outcome.effect == Effect::half) bytes = bytes.first(bytes.size() / 2);
    if (outcome.effect != Effect::none) inode_->content.insert(inode_->content.end(), bytes.begin(), bytes.end());
    return done(outcome);
  }

  Result<void> sync() override {
    const auto outcome = faults_->next("sync " + name_);
    if (outcome.effect == Effect::whole) {
      inode_->sync();
    } else {
      inode_->stuck = true;
    }
    return done(outcome);
  }

  Result<void> truncate(std::uint64_t size) override {
    const auto outcome = faults_->next("truncate " + name_);
    if (outcome.effect == Effect::whole) inode_->truncate(static_cast<std::size_t>(size));
    return done(outcome);
  }

  std::uint64_t size() const override { return inode_->content.size(); }
  int descriptor() const override { return -1; }

 private:
  static Result<void> done(const Faults::Outcome& outcome) {
    if (outcome.error) return fail(*outcome.error);
    return {};
  }

  std::string name_;
  std::shared_ptr<Inode> inode_;
  std::shared_ptr<Faults> faults_;
};

MemoryStorage::MemoryStorage() : faults_(std::make_shared<Faults>()) {}
MemoryStorage::~MemoryStorage() = default;

std::shared_ptr<MemoryStorage::Inode> MemoryStorage::find(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

void MemoryStorage::apply(const NameChange& change, Names& names) {
  switch (change.kind) {
    case NameChange::Kind::add:
      names[change.name] = change.inode;
      return;
    case NameChange::Kind::remove:
      names.erase(change.name);
      return;
    case NameChange::Kind::rename:
      names.erase(change.from);
      names[change.name] = change.inode;
      return;
  }
}

void MemoryStorage::change_names(NameChange change) {
  apply(change, names_);
  unsynced_.push_back(std::move(change));
}

Result<std::unique_ptr<File>> MemoryStorage::create(const std::string& name) {
  const auto outcome = faults_->next("create " + name);
  const std::string folder = folder_of(name);
  const bool no_folder = !folder.empty() && !names_.contains(folder), exists = names_.contains(name);
  auto inode = std::make_shared<Inode>();
  if (outcome.effect == Effect::whole && !no_folder && !exists) {
    change_names({NameChange::Kind::add, {}, name, inode});
  }
  if (outcome.error) return fail(*outcome.error);
  if (no_folder) return fail(ErrorCode::kNotFound, "create " + name);
  if (exists) return fail(ErrorCode::kIo, "create " + name + ": it exists");
  return std::make_unique<OpenFile>(name, std::move(inode), faults_);
}

Result<std::unique_ptr<File>> MemoryStorage::open(const std::string& name) {
  if (const auto outcome = faults_->next("open " + name); outcome.error) return fail(*outcome.error);
  auto inode = find(name);
  if (inode == nullptr) return fail(ErrorCode::kNotFound, "open " + name);
  return std::make_unique<OpenFile>(name, std::move(inode), faults_);
}

Result<std::vector<std::string>> MemoryStorage::list(const std::string& folder) {
  if (const auto outcome = faults_->next("list " + folder); outcome.error) return fail(*outcome.error);
  std::vector<std::string> found;
  const std::size_t skip = folder.empty() ? 0 : folder.size() + 1;
  for (const auto& [name, inode] : names_) {
    if (folder_of(name) == folder) found.push_back(name.substr(skip));
  }
  return found;
}

Result<void> MemoryStorage::make_folder(const std::string& folder) {
  const auto outcome = faults_->next("make folder " + folder);
  for (std::size_t end = folder.find('/'); outcome.effect == Effect::whole; end = folder.find('/', end + 1)) {
    const std::string part = folder.substr(0, end);
    if (!names_.contains(part)) change_names({NameChange::Kind::add, {}, part, nullptr});
    if (end == std::string::npos) break;
  }
  if (outcome.error) return fail(*outcome.error);
  return {};
}

Result<void> MemoryStorage::rename(const std::string& from, const std::string& to) {
  const auto outcome = faults_->next("rename " + from);
  auto inode = find(from);
  if (outcome.effect == Effect::whole && inode != nullptr) change_names({NameChange::Kind::rename, from, to, inode});
  if (outcome.error) return fail(*outcome.error);
  if (inode == nullptr) return fail(ErrorCode::kNotFound, "rename " + from);
  return {};
}

Result<void> MemoryStorage::remove(const std::string& name) {
  const auto outcome = faults_->next("remove " + name);
  const bool exists = find(name) != nullptr;
  if (outcome.effect == Effect::whole && exists) change_names({NameChange::Kind::remove, {}, name, nullptr});
  if (outcome.error) return fail(*outcome.error);
  if (!exists) return fail(ErrorCode::kNotFound, "remove " + name);
  return {};
}

Result<void> MemoryStorage::sync_folder(const std::string& folder) {
  const auto outcome = faults_->next("sync folder " + folder);
  if (outcome.effect == Effect::whole) {
    const auto in_folder = [&](const NameChange& change) { return folder_of(change.name) == folder; };
    for (const NameChange& change : unsynced_) {
      if (in_folder(change)) apply(change, durable_names_);
    }
    std::erase_if(unsynced_, in_folder);
  }
  if (outcome.error) return fail(*outcome.error);
  return {};
}

void MemoryStorage::cut_power(std::uint64_t seed) {
  Choices choices(seed);
  for (const NameChange& change : unsynced_) {
    if (choices.below(2) == 0) apply(change, durable_names_);
  }
  unsynced_.clear();
  // Where a folder was lost, so is what was in it. Names are in order: a folder comes before its files.
  names_.clear();
  std::map<const Inode*, std::shared_ptr<Inode>> after;
  for (const auto& [name, inode] : durable_names_) {
    const std::string folder = folder_of(name);
    if (!folder.empty() && !names_.contains(folder)) continue;
    std::shared_ptr<Inode>& fresh = after[inode.get()];
    if (inode != nullptr && fresh == nullptr) {
      fresh = std::make_shared<Inode>();
      fresh->content = inode->after_power_cut(choices);
      fresh->sync();
    }
    names_[name] = fresh;
  }
  durable_names_ = names_;
  faults_ = std::make_shared<Faults>();
}

std::unique_ptr<MemoryStorage> MemoryStorage::copy() const {
  auto twin = std::make_unique<MemoryStorage>();
  std::map<const Inode*, std::shared_ptr<Inode>> copies;
  const auto copy_of = [&copies](const std::shared_ptr<Inode>& inode) {
    std::shared_ptr<Inode>& made = copies[inode.get()];
    if (inode != nullptr && made == nullptr) made = std::make_shared<Inode>(*inode);
    return made;
  };
  for (const auto& [name, inode] : names_) twin->names_[name] = copy_of(inode);
  for (const auto& [name, inode] : durable_names_) twin->durable_names_[name] = copy_of(inode);
  for (NameChange change : unsynced_) {
    change.inode = copy_of(change.inode);
    twin->unsynced_.push_back(std::move(change));
  }
  return twin;
}

std::uint64_t MemoryStorage::operations() const { return faults_->operations; }

void MemoryStorage::fail_operation(std::uint64_t nth, ErrorCode code, Effect effect) {
  faults_->fail_at = faults_->operations + nth;
  faults_->code = code;
  faults_->effect = effect;
}

void MemoryStorage::stop_operation(std::uint64_t nth) { faults_->stop_at = faults_->operations + nth; }

void MemoryStorage::clear_faults() { faults_->fail_at = faults_->stop_at = 0; }

std::uint64_t MemoryStorage::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [name, inode] : names_) sum += inode == nullptr ? 0 : inode->content.size();
  return sum;
}

bool MemoryStorage::flip(const std::string& name, std::uint64_t offset, std::uint8_t mask) {
  const auto inode = find(name);
  if (inode == nullptr || offset >= inode->content.size()) return false;
  inode->content[static_cast<std::size_t>(offset)] ^= mask;
  return true;
}

}  // namespace xylem
