#include "relay/log/storage.h"

#include <fmt/format.h>

namespace xylem {

std::string folder_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

Result<void> replace_file(Storage& storage, const std::string& name, ByteView content) {
  const std::string fresh = name + ".new";
  if (auto removed = storage.remove(fresh); !removed && removed.error().code != ErrorCode::kNotFound) return removed;
  auto file = storage.create(fresh);
  if (!file) return fail(file.error());
  if (auto ok = (*file)->append(content); !ok) return ok;
  if (auto ok = (*file)->sync(); !ok) return ok;
  if (auto ok = storage.rename(fresh, name); !ok) return ok;
  return storage.sync_folder(folder_of(name));
}

Result<Bytes> read_file(Storage& storage, const std::string& name, std::size_t bytes_max) {
  auto file = storage.open(name);
  if (!file) return fail(file.error());
  const std::uint64_t size = (*file)->size();
  if (size > bytes_max) {
    return fail(ErrorCode::kTooLarge, fmt::format("{} has {} bytes, at most {}", name, size, bytes_max));
  }
  Bytes content(static_cast<std::size_t>(size));
  if (auto ok = read_exactly(**file, 0, content); !ok) return fail(ok.error());
  return content;
}

Result<void> read_exactly(const File& file, std::uint64_t offset, std::span<std::uint8_t> out) {
  const auto read = file.read_at(offset, out);
  if (!read) return fail(read.error());
  if (*read != out.size()) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("ends at {}, expected {} bytes at {}", offset + *read, out.size(), offset));
  }
  return {};
}

}  // namespace xylem
