#include "relay/serve/cold_reads.h"

namespace xylem {

ColdRead::~ColdRead() { reads_.forget(*this); }

std::unique_ptr<ColdRead> ColdReads::start(std::vector<ColdRun> runs, std::function<void(Result<Bytes>)> done) {
  std::unique_ptr<ColdRead> read(new ColdRead(*this, std::move(runs), std::move(done)));
  waiting_.push_back(*read);
  ++waiting_count_;
  start_next();
  return read;
}

void ColdReads::start_next() {
  while (under_way_.size() < reads_max_ && !waiting_.empty()) {
    ColdRead& read = *waiting_.pop_front();
    --waiting_count_;
    read.id_ = ReadId{++last_id_};
    under_way_.emplace(read.id_, &read);
    shell_.read(read.id_, std::move(read.runs_));
  }
}

void ColdReads::on_read(ReadId id, Result<Bytes> bytes) {
  const auto found = under_way_.find(id);
  if (found == under_way_.end()) return;
  ColdRead* read = found->second;
  under_way_.erase(found);
  if (read != nullptr) {
    read->id_ = {};
    const ColdRead::Done done = std::move(read->done_);
    done(std::move(bytes));
  }
  start_next();
}

void ColdReads::forget(ColdRead& read) {
  if (read.linked()) --waiting_count_;
  // The file is still being read: its place stays taken until the answer comes.
  if (const auto found = under_way_.find(read.id_); found != under_way_.end()) found->second = nullptr;
}

}  // namespace xylem
