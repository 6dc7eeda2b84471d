#include "origin/sequence/journal.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "proto/crc32c.h"

namespace xylem {
namespace {

constexpr std::string_view kFolder = "journal";
constexpr std::string_view kSuffix = ".jnl";
constexpr std::size_t kNumberDigits = 20;
constexpr std::size_t kFrameBytes = 8;
constexpr std::size_t kEntryBytesMax = 16 * kMiB;
// What a damaged folder can make us read into memory at once.
constexpr std::size_t kFileBytesMax = 1024 * kMiB;

std::string file_name(JournalPosition first) { return fmt::format("{}/{:020}{}", kFolder, first, kSuffix); }

std::optional<JournalPosition> first_of(std::string_view name) {
  if (name.size() != kNumberDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  JournalPosition first = 0;
  auto [rest, problem] = std::from_chars(name.data(), name.data() + kNumberDigits, first);
  if (problem != std::errc() || rest != name.data() + kNumberDigits || first == 0) return std::nullopt;
  return first;
}

Bytes frame_of(ByteView entry) {
  Bytes frame;
  frame.reserve(kFrameBytes + entry.size());
  ByteWriter out(frame);
  out.u32(static_cast<std::uint32_t>(entry.size()));
  out.u32(crc32c(entry));
  out.bytes(entry);
  return frame;
}

// The entry at the start of `bytes`, or nothing where it is torn or damaged.
std::optional<ByteView> entry_at(ByteView bytes) {
  if (bytes.size() < kFrameBytes) return std::nullopt;
  ByteReader in(bytes);
  const std::uint32_t length = in.u32();
  const std::uint32_t checksum = in.u32();
  if (length == 0 || length > kEntryBytesMax || length > in.rest().size()) return std::nullopt;
  const ByteView entry = in.bytes(length);
  if (crc32c(entry) != checksum) return std::nullopt;
  return entry;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(Storage& storage, const JournalOptions& options, const Replay& replay) {
  std::unique_ptr<Journal> journal(new Journal(storage, options));
  if (auto recovered = journal->recover(replay); !recovered) return fail(recovered.error());
  return journal;
}

Result<void> Journal::recover(const Replay& replay) {
  if (auto made = storage_.make_folder(std::string(kFolder)); !made) return made;
  if (auto synced = storage_.sync_folder(""); !synced) return synced;
  auto names = storage_.list(std::string(kFolder));
  if (!names) return fail(names.error());
  std::vector<JournalPosition> firsts;
  for (const std::string& name : *names) {
    if (auto first = first_of(name)) firsts.push_back(*first);
  }
  std::sort(firsts.begin(), firsts.end());
  if (!firsts.empty()) appended_ = firsts.front() - 1;
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    const JournalPosition next_file = i + 1 < firsts.size() ? firsts[i + 1] : 0;
    if (auto read = recover_file(firsts[i], next_file, replay); !read) return read;
  }
  written_ = durable_ = appended_;
  released_ = files_.empty() ? appended_ : files_.front().first - 1;
  return {};
}

// Entries up to where the next file begins; in the newest file (next_file 0) up to a torn tail, which is cut.
Result<void> Journal::recover_file(JournalPosition first, JournalPosition next_file, const Replay& replay) {
  const std::string name = file_name(first);
  auto content = read_file(storage_, name, kFileBytesMax);
  if (!content) return fail(content.error());
  std::size_t offset = 0;
  while (next_file == 0 || appended_ + 1 < next_file) {
    auto entry = entry_at(ByteView(*content).subspan(offset));
    if (!entry) break;
    if (auto taken = replay(appended_ + 1, *entry); !taken) {
      return fail(taken.error().code, fmt::format("{}: offset {}: {}", name, offset, taken.error().detail));
    }
    ++appended_;
    offset += kFrameBytes + entry->size();
  }
  if (next_file != 0 && appended_ + 1 != next_file) {
    return fail(ErrorCode::kCorrupt, fmt::format("{}: offset {}: entry {} is damaged", name, offset, appended_ + 1));
  }
  auto file = storage_.open(name);
  if (!file) return fail(file.error());
  if (next_file == 0 && offset < content->size()) {
    if (auto cut = (*file)->truncate(offset); !cut) return cut;
  }
  // What was read back may still have been in the page cache only.
  if (auto synced = (*file)->sync(); !synced) return synced;
  files_.push_back({first, std::move(*file), offset});
  begin_new_file_ = false;
  return {};
}

Result<JournalPosition> Journal::append(ByteView entry) {
  XYLEM_ASSERT(!entry.empty() && entry.size() <= kEntryBytesMax);
  if (write_again_) {
    if (auto written = write_again(); !written) return fail(written.error());
  }
  if (backlog_bytes() + entry.size() > options_.backlog_bytes_max) {
    return fail(ErrorCode::kOverloaded, fmt::format("{} bytes of the journal wait to be sealed", backlog_bytes()));
  }
  unsynced_.push_back(frame_of(entry));
  unwritten_bytes_ += unsynced_.back().size();
  return ++appended_;
}

Journal::Sync Journal::begin_sync() {
  XYLEM_ASSERT(sync_needed());
  syncing_ = true;
  const Result<void> written = write_again_ ? write_again() : write_unwritten();
  if (!written) return {appended_, [written] { return written; }};
  return {written_, [file = files_.back().file] { return file->sync(); }};
}

Result<JournalPosition> Journal::end_sync(const Sync& sync, const Result<void>& outcome) {
  XYLEM_ASSERT(syncing_);
  syncing_ = false;
  if (!outcome) {
    write_again_ = true;
    return fail(outcome.error());
  }
  unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(sync.up_to - durable_));
  durable_ = sync.up_to;
  return durable_;
}

bool Journal::would_remove(JournalPosition up_to) const { return files_.size() > 1 && files_[1].first <= up_to + 1; }

Result<void> Journal::release(JournalPosition up_to) {
  released_ = std::max(released_, up_to);
  while (would_remove(released_)) {
    // No file may come back after a power cut that one behind it did not survive.
    if (removed_) {
      if (auto synced = storage_.sync_folder(std::string(kFolder)); !synced) return synced;
    }
    removed_ = true;
    if (auto removed = storage_.remove(file_name(files_.front().first)); !removed) return removed;
    files_.pop_front();
  }
  return {};
}

std::uint64_t Journal::disk_bytes() const {
  std::uint64_t sum = 0;
  for (const JournalFile& file : files_) sum += file.bytes;
  return sum;
}

std::uint64_t Journal::backlog_bytes() const { return released_ == appended_ ? 0 : disk_bytes() + unwritten_bytes_; }

Result<void> Journal::begin_file(JournalPosition first) {
  auto file = storage_.create(file_name(first));
  if (!file) return fail(file.error());
  if (auto synced = storage_.sync_folder(std::string(kFolder)); !synced) {
    (void)storage_.remove(file_name(first));
    return synced;
  }
  removed_ = false;
  files_.push_back({first, std::move(*file), 0});
  begin_new_file_ = false;
  return {};
}

// In one call, up to where a file is full: the next one begins when all before it is durable, so that only the newest
// can be torn. What a failed call left behind is cut off; where even that fails, a new file begins.
Result<void> Journal::write_unwritten() {
  while (written_ < appended_) {
    auto frame = unsynced_.begin() + static_cast<std::ptrdiff_t>(written_ - durable_);
    const bool full =
        !files_.empty() && files_.back().bytes > 0 && files_.back().bytes + frame->size() > options_.file_bytes;
    if (begin_new_file_ || full) {
      if (written_ > durable_) return {};
      if (auto begun = begin_file(written_ + 1); !begun) return begun;
    }
    JournalFile& current = files_.back();
    JournalPosition up_to = written_;
    group_.clear();
    do {
      group_.insert(group_.end(), frame->begin(), frame->end());
      ++up_to;
      ++frame;
    } while (up_to < appended_ && current.bytes + group_.size() + frame->size() <= options_.file_bytes);
    if (auto written = current.file->append(group_); !written) {
      if (auto cut = current.file->truncate(current.bytes); !cut) write_again_ = true;
      return written;
    }
    current.bytes += group_.size();
    unwritten_bytes_ -= group_.size();
    written_ = up_to;
  }
  return {};
}

Result<void> Journal::write_again() {
  while (!files_.empty() && files_.back().first > durable_) {
    if (auto removed = storage_.remove(file_name(files_.back().first)); !removed) return removed;
    files_.pop_back();
  }
  begin_new_file_ = true;
  written_ = durable_;
  unwritten_bytes_ = 0;
  for (const Bytes& frame : unsynced_) unwritten_bytes_ += frame.size();
  if (auto written = write_unwritten(); !written) return written;
  write_again_ = false;
  return {};
}

}  // namespace xylem
