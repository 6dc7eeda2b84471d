// Reads the RECORD frames of a log file one after the other, in large pieces: checks each envelope (length, type, CRC)
// and header, and knows where each record lies. What records mean to each other is for whoever asks.
#pragma once

#include <optional>

#include "proto/record.h"
#include "relay/log/storage.h"

namespace xylem {

class RecordFile {
 public:
  // Frames lie in [begin, end) of the file, which must outlive this.
  RecordFile(const File& file, std::uint64_t begin, std::uint64_t end) : file_(file), next_(begin), end_(end) {}

  // The next record; its views live until the next call. Nothing at the end. kCorrupt: no whole and valid record lies
  // at next_offset(), where it stays until skip(); kIo.
  Result<std::optional<RecordView>> next();
  // The bytes that follow, `count` of them or up to the end; for what may lie between records.
  Result<ByteView> peek(std::size_t count);
  void skip(std::size_t count);                        // of the bytes that were peeked
  std::uint64_t offset() const { return offset_; }     // of the record last returned
  std::uint64_t next_offset() const { return next_; }  // behind it

 private:
  std::size_t unread() const { return buffer_.size() - used_; }
  bool at_end() const { return next_ + unread() >= end_; }
  Result<void> read_more();

  const File& file_;
  std::uint64_t offset_ = 0;
  std::uint64_t next_;
  std::uint64_t end_;
  Bytes buffer_;  // of the file, up to where it was read; used_ bytes of it lie before next_
  std::size_t used_ = 0;
};

}  // namespace xylem
