// What the numbers are made with: a zone, comments as people write them, records as an origin makes them, a node that
// serves them; clocks; and how a bench fails (it says what and ends: nothing here is expected to).
#pragma once

#include <pthread.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "relay/log/bucket_log.h"
#include "relay/log/posix_storage.h"
#include "relay/serve/serve_facts.h"
#include "relay/serve/serve_shell.h"
#include "tests/unit/proto/record_maker.h"

namespace xylem {

[[noreturn]] void give_up(std::string_view what, std::string_view why);

template <typename T, typename E>
T must(tl::expected<T, E> result, std::string_view what) {
  if (!result) give_up(what, result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
void must_be(bool true_enough, std::string_view what);  // errno says why

void raise_descriptor_limit();  // as far as it may

// Seconds: of the clock, of this process, of one thread (0: the calling one).
double wall_seconds();
double process_cpu_seconds();
double thread_cpu_seconds(pthread_t thread = 0);

// A folder below `parent` that goes with the object.
class ScratchFolder {
 public:
  ScratchFolder(const std::string& parent, const std::string& name);
  ~ScratchFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline constexpr Bucket kBenchBucket{5};
inline constexpr FeedId kBenchFeed{31337};  // of that bucket

// Comments as JSON, some 250 bytes each; the same in each run.
class CommentText {
 public:
  std::string next();

 private:
  std::uint64_t state_ = 1;
  std::uint64_t id_ = 0;
};

// Records of the bench's bucket: a thousand feeds, most batches short, some long; 6.4 events on average.
class BucketSource {
 public:
  // Some 64 KiB of whole records, at most `events`.
  std::vector<RecordView> next(std::uint64_t events);  // valid until the next call
  std::uint64_t events_made() const { return events_made_; }

 private:
  SampleZone zone_;
  RecordMaker maker_{zone_};
  CommentText text_;
  std::uint64_t batches_ = 0;
  std::uint64_t events_made_ = 0;
};

// A relay as its serving loops see it.
class BenchNode final : public ServeNode {
 public:
  void on_have(ConnectionId, const RelayId&, const Have&) override {}
  void on_evidence(ConnectionId, const Evidence&) override {}
  std::shared_ptr<const Bytes> blob(const Hash256&) override { return nullptr; }
  std::uint64_t readers() const override { return 0; }
};
std::shared_ptr<const ServeFacts> bench_facts();

// What a child says first; its key is sample_key(kChildKey).
inline constexpr std::uint8_t kChildKey = 11;
Hello bench_hello(Role role);

}  // namespace xylem
