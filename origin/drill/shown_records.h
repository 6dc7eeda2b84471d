// Walks over what a log shows, once each: for whoever compares the records of one node with another's.
#pragma once

#include <functional>
#include <map>

#include "relay/log/log_set.h"

namespace xylem {

class ShownRecords {
 public:
  explicit ShownRecords(LogSet& logs) : logs_(logs) {}

  // Every record that was published since the last call; all that are there, the first time and after a clear().
  void walk(const std::function<void(Bucket bucket, Seq seq, ByteView frame)>& each);

 private:
  struct Place {
    std::uint64_t history = 0;
    Seq last;
  };

  LogSet& logs_;
  std::map<Bucket, Place> places_;
};

// A bucket's records in the files, from floor to head, as one string of bytes.
Result<Bytes> stored_records(BucketLog& log);

}  // namespace xylem
