#include "client/discovery/cache_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "client/discovery/dns_cache.h"

namespace xylem {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> io_error(const char* what, const std::filesystem::path& path) {
  const int number = errno;
  const ErrorCode code = number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return fail(code, fmt::format("{} {}: {}", what, path.string(), std::strerror(number)));
}

bool write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<Bytes> read_cache_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return io_error("open", path);
  Bytes bytes(DnsCache::kFileBytesMax + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error("read", path);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > DnsCache::kFileBytesMax) return fail(ErrorCode::kCorrupt, path.string() + " is too large for a DNS cache");
  bytes.resize(size);
  return bytes;
}

Result<void> write_cache_file(const std::filesystem::path& path, ByteView bytes) {
  std::error_code ignored;  // if the folder is missing then, opening says so
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  std::string temporary = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return io_error("create", temporary);
  const bool replaced =
      write_all(file.get(), bytes) && ::fdatasync(file.get()) == 0 && ::rename(temporary.c_str(), path.c_str()) == 0;
  if (replaced) return {};
  const auto error = io_error("write", path);
  ::unlink(temporary.c_str());
  return error;
}

}  // namespace xylem
