// fsck of one bucket's folder.
#pragma once

#include <map>

#include "relay/log/fsck.h"
#include "relay/log/fsck_feeds.h"
#include "relay/log/log_folder.h"
#include "relay/log/record_file.h"
#include "relay/log/segment_table.h"

namespace xylem {

// The findings of all buckets, and how far the reading is.
class FsckNotebook {
 public:
  FsckNotebook(const FsckOptions& options, FsckReport& report, std::uint64_t all_bytes)
      : options_(options), report_(report), all_bytes_(all_bytes) {}

  bool live() const { return options_.live; }
  void add(FsckFinding finding);
  void read(std::uint64_t bytes);

 private:
  const FsckOptions& options_;
  FsckReport& report_;
  std::uint64_t all_bytes_;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t told_bytes_ = 0;
};

class FsckBucketCheck {
 public:
  FsckBucketCheck(Storage& storage, const Trust& trust, Bucket bucket, FsckNotebook& notebook);

  Result<FsckBucket> run();  // kIo

 private:
  struct Redaction {
    FeedId feed;
    RedactionNotice notice;
  };
  // What is looked at just now.
  struct Place {
    std::string file;
    std::uint64_t offset = 0;
  };

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void damage(const Place& place, std::string cause, std::string cure);
  void note(const Place& place, std::string cause, std::string cure);

  void check_names(const FolderContents& contents);
  Result<std::unique_ptr<File>> open_segment(SegmentName& name);
  Result<void> find_redactions(const std::vector<SegmentName>& segments);
  Result<void> check_segment(SegmentName name, bool last);
  Result<void> check_frames(const File& file, const SegmentName& name, const std::optional<SegmentTable>& table,
                            std::uint64_t end);
  bool is_being_written(const File& file, const SegmentName& name, std::uint64_t offset);
  void check_tail(const File& file, const SegmentName& name, const Place& place, const std::string& cause);
  void check_record(const RecordView& record, const Place& place);
  void check_content(const RecordView& record, const Place& place);
  void lost_sight(Seq next);
  Result<void> check_kept();
  void check_kept_record(const RecordView& record, const Place& place);

  Storage& storage_;
  const Trust& trust_;
  const std::string folder_;
  FsckNotebook& notebook_;
  FsckBucket found_;
  std::optional<BucketChain> chain_;  // as far as records follow each other
  Seq expected_;                      // of the next record; 0: not known
  FeedOrder feeds_{false};
  std::map<Seq, Redaction> redactions_;
};

}  // namespace xylem
