#include "relay/keys/key_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace xylem {
namespace {

constexpr std::string_view kFirstLine = "xylem secret key 1";
constexpr std::size_t kKeyFileBytesMax = 1024;

class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int fd) : fd_(fd) {}
  ~OwnedDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error io_error(const std::string& path) { return {ErrorCode::kIo, fmt::format("{}: {}", path, std::strerror(errno))}; }

Result<std::string> read_text(const std::string& path) {
  const OwnedDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return fail(errno == ENOENT ? Error{ErrorCode::kNotFound, path} : io_error(path));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return fail(io_error(path));
  if ((info.st_mode & 077) != 0) {
    return fail(ErrorCode::kNotAllowed,
                fmt::format("{}: others may read this secret key; run: chmod 600 {}", path, path));
  }
  std::string text(kKeyFileBytesMax, '\0');
  const ssize_t count = ::read(file.get(), text.data(), text.size());
  if (count < 0) return fail(io_error(path));
  text.resize(static_cast<std::size_t>(count));
  return text;
}

// The value of `name: value`, or empty.
std::string_view value_of(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(": ")) return line.substr(name.size() + 2);
    at = end + 1;
  }
  return {};
}

}  // namespace

std::string to_string(KeyUse use) {
  switch (use) {
    case KeyUse::root:
      return "root";
    case KeyUse::origin:
      return "origin";
    case KeyUse::relay:
      return "relay";
    case KeyUse::directory:
      return "directory";
  }
  return {};
}

Result<void> write_key_file(const std::string& path, KeyUse use, const SigningKey& key) {
  const KeySeed seed = key.seed();
  const std::string text = fmt::format("{}\nuse: {}\npublic: {}\nseed: {}\n", kFirstLine, to_string(use),
                                       to_hex(key.public_key()), to_hex(seed));
  const OwnedDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) {
    if (errno == EEXIST) return fail(ErrorCode::kIo, fmt::format("{} exists; a key is never overwritten", path));
    return fail(io_error(path));
  }
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) || ::fsync(file.get()) != 0) {
    const Error error = io_error(path);
    ::unlink(path.c_str());
    return fail(error);
  }
  return {};
}

Result<SigningKey> read_key_file(const std::string& path, KeyUse use) {
  auto text = read_text(path);
  if (!text) return fail(text.error());
  if (!text->starts_with(kFirstLine))
    return fail(ErrorCode::kBadFile, fmt::format("{}: not a secret key of xylem", path));
  if (const auto said = value_of(*text, "use"); said != to_string(use)) {
    return fail(ErrorCode::kBadFile, fmt::format("{}: is a key for '{}', not for '{}'", path, said, to_string(use)));
  }
  const Bytes bytes = from_hex(value_of(*text, "seed"));
  KeySeed seed{};
  if (bytes.size() != seed.size()) return fail(ErrorCode::kBadFile, fmt::format("{}: seed is not 64 hex digits", path));
  std::copy(bytes.begin(), bytes.end(), seed.begin());
  SigningKey key = SigningKey::from_seed(seed);
  if (to_hex(key.public_key()) != value_of(*text, "public")) {
    return fail(ErrorCode::kBadFile, fmt::format("{}: public key and seed do not belong together", path));
  }
  return key;
}

Result<SigningKey> read_or_make_key(const std::string& path, KeyUse use) {
  auto key = read_key_file(path, use);
  if (key || key.error().code != ErrorCode::kNotFound) return key;
  SigningKey made = SigningKey::generate();
  if (auto written = write_key_file(path, use, made); !written) return fail(written.error());
  return made;
}

}  // namespace xylem
