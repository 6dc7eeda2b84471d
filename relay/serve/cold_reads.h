// Reads of files for those who catch up below what the log has in memory. Only so many at the same time; the others
// wait in line, first come first served, and are told nothing worse than waiting.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "relay/serve/intrusive_list.h"
#include "relay/serve/serve_shell.h"

namespace xylem {

struct ColdReadTag;

// One read, waiting or under way. Destroying it takes it back: its `done` is not called any more.
class ColdRead : public ListNode<ColdReadTag> {
 public:
  ~ColdRead();

 private:
  friend class ColdReads;
  using Done = std::function<void(Result<Bytes>)>;
  ColdRead(class ColdReads& reads, std::vector<ColdRun> runs, Done done)
      : reads_(reads), runs_(std::move(runs)), done_(std::move(done)) {}

  ColdReads& reads_;
  std::vector<ColdRun> runs_;  // while it waits
  Done done_;
  ReadId id_{};  // while it is under way
};

class ColdReads {
 public:
  ColdReads(ServeShell& shell, std::size_t reads_max) : shell_(shell), reads_max_(reads_max) {}
  ColdReads(const ColdReads&) = delete;
  ColdReads& operator=(const ColdReads&) = delete;

  // `done` is called once, later; it may destroy the ColdRead.
  std::unique_ptr<ColdRead> start(std::vector<ColdRun> runs, std::function<void(Result<Bytes>)> done);
  void on_read(ReadId id, Result<Bytes> bytes);

  std::size_t under_way() const { return under_way_.size(); }
  std::size_t waiting() const { return waiting_count_; }

 private:
  friend class ColdRead;
  void start_next();
  void forget(ColdRead& read);

  ServeShell& shell_;
  const std::size_t reads_max_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<ReadId, ColdRead*> under_way_;  // nullptr: taken back meanwhile
  IntrusiveList<ColdRead, ColdReadTag> waiting_;
  std::size_t waiting_count_ = 0;
};

}  // namespace xylem
