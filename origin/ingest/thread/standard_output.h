// Standard output as the commands of xylem-thread write it. A reader who went away (`… | head`) has had enough: that is
// no failure, but nothing more need be made. SIGPIPE must be ignored.
#pragma once

#include <string>

#include "proto/result.h"

namespace xylem {

class StandardOutput {
 public:
  // What the next flush() writes.
  std::string& text() { return text_; }
  // Whether anyone still takes what is written.
  bool open() const { return error_ == 0; }
  void flush();
  // Flushes; kIo: something could not be written, and not because the reader left.
  Result<void> finish();

 private:
  std::string text_;
  int error_ = 0;  // errno of the first failure
};

}  // namespace xylem
