#include "relay/log/posix_storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "proto/limits.h"

namespace xylem {
namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;
// So much is appended before the kernel is told to begin writing it out: the one fdatasync of a sealed segment then
// finds little left to do, and the writer's thread is not held up by a whole segment.
constexpr std::uint64_t kWriteoutBytes = 8 * kMiB;

tl::unexpected<Error> fail_errno(int error, std::string_view action, std::string_view name) {
  const bool full = error == ENOSPC || error == EDQUOT;
  const ErrorCode code = full ? ErrorCode::kDiskFull : error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return fail(code, fmt::format("{} {}: {}", action, name, std::generic_category().message(error)));
}

// Repeats a call that a signal interrupted.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

class PosixFile : public File {
 public:
  PosixFile(FileDescriptor descriptor, std::uint64_t size, std::string name)
      : descriptor_(std::move(descriptor)), size_(size), started_(size), name_(std::move(name)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t count = uninterrupted([&] {
        return ::pread(descriptor(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      });
      if (count == -1) return fail_errno(errno, "read", name_);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<void> append(ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t count =
          uninterrupted([&] { return ::pwrite(descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(size_)); });
      if (count == -1) return fail_errno(errno, "write", name_);
      size_ += static_cast<std::uint64_t>(count);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    if (size_ - started_ >= kWriteoutBytes) start_writeout();
    return {};
  }

  Result<void> sync() override {
    if (uninterrupted([&] { return ::fdatasync(descriptor()); }) == -1) return fail_errno(errno, "sync", name_);
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(descriptor(), static_cast<off_t>(size)); }) == -1) {
      return fail_errno(errno, "truncate", name_);
    }
    size_ = size;
    started_ = std::min(started_, size);
    return {};
  }

  std::uint64_t size() const override { return size_; }
  int descriptor() const override { return descriptor_.number(); }

 private:
  // A hint: what it would report comes back from sync().
  void start_writeout() {
    static_cast<void>(::sync_file_range(descriptor(), static_cast<off_t>(started_),
                                        static_cast<off_t>(size_ - started_), SYNC_FILE_RANGE_WRITE));
    started_ = size_;
  }

  FileDescriptor descriptor_;
  std::uint64_t size_;
  std::uint64_t started_;  // up to here the kernel was told to begin
  std::string name_;
};

FileDescriptor open_below(const FileDescriptor& folder, const std::string& name, int flags) {
  return FileDescriptor(uninterrupted([&] {
    return ::openat(folder.number(), name.empty() ? "." : name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kFileMode);
  }));
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// The lock file holds the writer's process id, for whoever finds it locked.
Result<FileDescriptor> take_lock(const FileDescriptor& folder, const std::string& root) {
  FileDescriptor lock = open_below(folder, "lock", O_RDWR | O_CREAT);
  if (lock.number() == -1) return fail_errno(errno, "open", root + "/lock");
  if (uninterrupted([&] { return ::flock(lock.number(), LOCK_EX | LOCK_NB); }) == -1) {
    if (errno != EWOULDBLOCK) return fail_errno(errno, "lock", root + "/lock");
    std::string holder(20, '\0');
    const ssize_t count = ::pread(lock.number(), holder.data(), holder.size(), 0);
    holder.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return fail(ErrorCode::kIo, fmt::format("{} is in use by another program (process {})", root, holder));
  }
  const std::string id = std::to_string(::getpid());
  if (::ftruncate(lock.number(), 0) == -1 ||
      ::pwrite(lock.number(), id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
    return fail_errno(errno, "write", root + "/lock");
  }
  return lock;
}

Result<void> make_root(const std::string& root) {
  for (std::size_t end = root.find('/', 1); true; end = root.find('/', end + 1)) {
    const std::string part = root.substr(0, end);
    if (::mkdir(part.c_str(), kFolderMode) == -1 && errno != EEXIST) return fail_errno(errno, "make folder", part);
    if (end == std::string::npos) return {};
  }
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

int FileDescriptor::release() { return std::exchange(number_, -1); }

FileDescriptor::~FileDescriptor() {
  if (number_ != -1) ::close(number_);
}

Result<std::unique_ptr<PosixStorage>> PosixStorage::open(const std::string& root, Access access) {
  if (access == Access::write) {
    if (auto ok = make_root(root); !ok) return fail(ok.error());
  }
  FileDescriptor folder(uninterrupted([&] { return ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (folder.number() == -1) return fail_errno(errno, "open", root);
  FileDescriptor lock(-1);
  if (access == Access::write) {
    auto taken = take_lock(folder, root);
    if (!taken) return fail(taken.error());
    lock = std::move(*taken);
  }
  return std::unique_ptr<PosixStorage>(new PosixStorage(root, access, std::move(folder), std::move(lock)));
}

// A shared lock, held for the moment that the question takes.
bool PosixStorage::in_use() const {
  const FileDescriptor lock = open_below(folder_, "lock", O_RDONLY);
  if (lock.number() == -1) return false;
  return uninterrupted([&] { return ::flock(lock.number(), LOCK_SH | LOCK_NB); }) == -1 && errno == EWOULDBLOCK;
}

Result<void> PosixStorage::check_writable(const std::string& name) const {
  if (access_ == Access::write) return {};
  return fail(ErrorCode::kIo, fmt::format("{}/{} was opened for reading only", root_, name));
}

Result<std::unique_ptr<File>> PosixStorage::create(const std::string& name) {
  if (auto ok = check_writable(name); !ok) return fail(ok.error());
  FileDescriptor descriptor = open_below(folder_, name, O_RDWR | O_CREAT | O_EXCL);
  if (descriptor.number() == -1) return fail_errno(errno, "create", name);
  return std::make_unique<PosixFile>(std::move(descriptor), 0, name);
}

Result<std::unique_ptr<File>> PosixStorage::open(const std::string& name) {
  FileDescriptor descriptor = open_below(folder_, name, access_ == Access::write ? O_RDWR : O_RDONLY);
  if (descriptor.number() == -1) return fail_errno(errno, "open", name);
  struct stat status{};
  if (::fstat(descriptor.number(), &status) == -1) return fail_errno(errno, "stat", name);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kIo, fmt::format("{} is no file", name));
  return std::make_unique<PosixFile>(std::move(descriptor), static_cast<std::uint64_t>(status.st_size), name);
}

Result<std::vector<std::string>> PosixStorage::list(const std::string& folder) {
  FileDescriptor descriptor = open_below(folder_, folder, O_RDONLY | O_DIRECTORY);
  if (descriptor.number() == -1) {
    if (errno == ENOENT) return std::vector<std::string>();
    return fail_errno(errno, "list", folder);
  }
  const std::unique_ptr<DIR, CloseFolder> entries(::fdopendir(descriptor.number()));
  if (entries == nullptr) return fail_errno(errno, "list", folder);
  static_cast<void>(descriptor.release());  // now the DIR's
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) return fail_errno(errno, "list", folder);
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> PosixStorage::make_folder(const std::string& folder) {
  if (auto ok = check_writable(folder); !ok) return ok;
  for (std::size_t end = folder.find('/'); true; end = folder.find('/', end + 1)) {
    const std::string part = folder.substr(0, end);
    if (::mkdirat(folder_.number(), part.c_str(), kFolderMode) == -1 && errno != EEXIST) {
      return fail_errno(errno, "make folder", part);
    }
    if (end == std::string::npos) return {};
  }
}

Result<void> PosixStorage::rename(const std::string& from, const std::string& to) {
  if (auto ok = check_writable(to); !ok) return ok;
  if (::renameat(folder_.number(), from.c_str(), folder_.number(), to.c_str()) == -1) {
    return fail_errno(errno, "rename", from);
  }
  return {};
}

Result<void> PosixStorage::remove(const std::string& name) {
  if (auto ok = check_writable(name); !ok) return ok;
  if (::unlinkat(folder_.number(), name.c_str(), 0) == -1) return fail_errno(errno, "remove", name);
  return {};
}

Result<void> PosixStorage::sync_folder(const std::string& folder) {
  if (auto ok = check_writable(folder); !ok) return ok;
  const FileDescriptor descriptor = open_below(folder_, folder, O_RDONLY | O_DIRECTORY);
  if (descriptor.number() == -1) return fail_errno(errno, "open", folder);
  if (uninterrupted([&] { return ::fsync(descriptor.number()); }) == -1) return fail_errno(errno, "sync", folder);
  return {};
}

}  // namespace xylem
