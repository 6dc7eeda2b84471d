// Where a log's files lie. An interface because there are two: files of the machine (posix_storage.h) and memory with a
// model of a power cut (memory_storage.h), which tests and the simulator use.
//
// Names are relative to the storage's root, with '/' between folders; "" is the root itself. Writer thread only, but
// for File::read_at, which any thread may call, and File::sync, which another thread may call while the writer appends.
// Nothing is durable before sync() of the file, and sync_folder() of the folder for a new, renamed or removed name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proto/bytes.h"
#include "proto/result.h"

namespace xylem {

class File {
 public:
  virtual ~File() = default;
  // Reads up to out.size() bytes; fewer only at the end of the file. kIo.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;
  // Appends all or fails; after a failure the file may end with a part of `bytes` (truncate cuts it). kDiskFull, kIo.
  virtual Result<void> append(ByteView bytes) = 0;
  // fdatasync: everything appended before the call is durable after it. After a failure nothing is known about what was
  // appended since the last success, and a later success says nothing about it either.
  virtual Result<void> sync() = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual std::uint64_t size() const = 0;
  // For sendfile; -1 where there is none (memory).
  virtual int descriptor() const = 0;
};

class Storage {
 public:
  virtual ~Storage() = default;
  virtual Result<std::unique_ptr<File>> create(const std::string& name) = 0;  // new and empty; kIo when it exists
  virtual Result<std::unique_ptr<File>> open(const std::string& name) = 0;    // read and append; kNotFound
  virtual Result<std::vector<std::string>> list(
      const std::string& folder) = 0;                               // names in it, sorted; empty when missing
  virtual Result<void> make_folder(const std::string& folder) = 0;  // with its parents; fine when there
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;  // replaces `to`; kNotFound
  virtual Result<void> remove(const std::string& name) = 0;                         // a file; kNotFound
  virtual Result<void> sync_folder(const std::string& folder) = 0;
};

// The folder part of a name: "b00005" of "b00005/kept", "" of "manifest".
std::string folder_of(const std::string& name);

// Writes `name` so that it is either the old or the new content after any crash: temporary file `name`.new, sync,
// rename, sync folder. A temporary file that a crash left behind is replaced.
Result<void> replace_file(Storage& storage, const std::string& name, ByteView content);
// Whole file; kNotFound, kTooLarge above bytes_max.
Result<Bytes> read_file(Storage& storage, const std::string& name, std::size_t bytes_max);
// Exactly out.size() bytes at `offset`; kCorrupt where the file ends before.
Result<void> read_exactly(const File& file, std::uint64_t offset, std::span<std::uint8_t> out);

}  // namespace xylem
