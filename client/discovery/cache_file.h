// The resolver cache's file. Both functions block: call them before the loop runs or on a FileWorker.
#pragma once

#include <filesystem>

#include "proto/bytes.h"
#include "proto/result.h"

namespace xylem {

// kNotFound when there is none; kIo; kCorrupt when it is larger than a cache file can be.
Result<Bytes> read_cache_file(const std::filesystem::path& path);
// The new file is whole and durable before it takes the old one's place; folders are made. kIo.
Result<void> write_cache_file(const std::filesystem::path& path, ByteView bytes);

}  // namespace xylem
