// Reads of log files for those who catch up: at once where the page cache has the bytes, else on a pool thread. Either
// way the answer comes in a later turn of the loop.
#pragma once

#include <functional>
#include <vector>

#include "client/uv/file_worker.h"
#include "client/uv/turn_hook.h"
#include "relay/serve/serve_shell.h"

namespace xylem {

class ColdFileReads {
 public:
  using Done = std::function<void(ReadId id, Result<Bytes> bytes)>;
  ColdFileReads(Loop& loop, std::size_t reads_max, Done done);

  void read(ReadId id, std::vector<ColdRun> runs);

 private:
  struct Answer {
    ReadId id;
    Result<Bytes> bytes;
  };
  void deliver();

  Done done_;
  FileWorker worker_;
  Idle next_turn_;
  std::vector<Answer> ready_;
};

}  // namespace xylem
