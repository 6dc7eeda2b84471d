// Durable ingest: so many requests of one event are always in flight; each is answered when it is durable in the
// journal, and becomes a signed record meanwhile. Floor: as many journal entries written and made durable by fdatasync,
// over and over. Feeds: 16 of one bucket.
#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>

#include "origin/node/origin_writer.h"
#include "relay/log/log_set.h"
#include "tests/bench/bench_world.h"
#include "tests/bench/figures.h"

namespace xylem {
namespace {

constexpr std::uint64_t kFeeds = 16;

// An origin's writing side, and clients that each send the next event when the last was answered.
class Origin final : private OriginWriterEvents {
 public:
  explicit Origin(const std::string& folder)
      : scratch_(folder, "ingest"),
        storage_(must(PosixStorage::open(scratch_.path(), PosixStorage::Access::write), "open a folder")),
        trust_(SampleZone().trust()) {
    CommentText text;
    for (int i = 0; i < 1000; ++i) {
      const std::string next = text.next();
      texts_.emplace_back(next.begin(), next.end());
    }
    LogSetOptions options;
    options.log.keep_everything = true;
    logs_ = must(LogSet::open(*storage_, {kBenchBucket, kBenchBucket}, options), "open logs");
    sequencer_ =
        must(Sequencer::open(*storage_, *logs_, trust_, sample_key(2), {}, loop_.now(), Loop::now_utc()), "begin");
    OriginWriterEvents& events = *this;
    writer_ = std::make_unique<OriginWriter>(loop_, *sequencer_, *logs_, events);
  }

  struct Run {
    std::uint64_t requests = 0;
    double seconds = 0;
    double cpu_seconds = 0;  // of the main loop
  };
  Run run(std::size_t in_flight, double seconds) {
    answered_ = 0;
    const double begin = wall_seconds();
    const double cpu = thread_cpu_seconds();
    until_ = begin + seconds;
    for (std::size_t i = 0; i < in_flight; ++i) submit();
    in_flight_ = in_flight;
    while (in_flight_ > 0) loop_.run_once();
    const Run run{answered_, wall_seconds() - begin, thread_cpu_seconds() - cpu};
    while (!writer_->idle()) loop_.run_once();
    return run;
  }

 private:
  void submit() {
    Append request;
    const std::uint64_t feed = next_feed_++ % kFeeds;
    request.feed = FeedId(kBenchFeed.value + feed * kSampleBuckets);
    request.content_type = "application/json";
    request.events.push_back({std::nullopt, "add_comment", texts_[next_feed_ % texts_.size()]});
    writer_->submit(std::move(request), [this](const Result<Accepted>& accepted) {
      if (!accepted) give_up("submit", accepted.error().detail);
      ++answered_;
      wall_seconds() < until_ ? submit() : static_cast<void>(--in_flight_);
    });
  }
  void on_published() override { logs_->collect(); }
  void on_beacons(const std::vector<Bytes>&) override {}
  void on_write_failed(const Error& error) override { give_up("write", error.detail); }
  void on_log_uncertain(const Error& error) override { give_up("sync of a log", error.detail); }

  const ScratchFolder scratch_;
  const std::unique_ptr<PosixStorage> storage_;
  const Trust trust_;
  std::unique_ptr<LogSet> logs_;
  Loop loop_;
  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<OriginWriter> writer_;
  std::vector<Bytes> texts_;  // made before: clients are elsewhere
  std::uint64_t next_feed_ = 0;
  std::uint64_t answered_ = 0;
  std::size_t in_flight_ = 0;
  double until_ = 0;
};

// What the journal writes for one request: 8 bytes of frame and the entry.
std::size_t bytes_of_request() {
  CommentText text;
  const std::string details = text.next();
  JournalEntry entry;
  entry.feed = kBenchFeed;
  entry.events.push_back({Timestamp{}, "add_comment", Bytes(details.begin(), details.end())});
  return 8 + encode_journal_entry(entry).size();
}

// Threads that run only where nobody else wants to: a processor that sleeps hears late of a disk that is done, in a
// virtual machine up to a tick of 4 ms, and the figures would be those of waking up.
class KeepAwake {
 public:
  KeepAwake() {
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
      threads_.emplace_back([this] {
        const sched_param none{};
        must_be(::sched_setscheduler(0, SCHED_IDLE, &none) == 0, "be idle");
        while (!stopping_.load(std::memory_order_relaxed)) {
        }
      });
    }
  }
  ~KeepAwake() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

class Floor {
 public:
  explicit Floor(const std::string& folder) : scratch_(folder, "ingest_floor") {
    file_ = ::open((scratch_.path() + "/file").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    must_be(file_ >= 0, "create a file");
  }
  ~Floor() { ::close(file_); }

  // Seconds a request.
  double run(std::size_t in_flight, double seconds) {
    const Bytes group(in_flight * bytes_of_request(), 'x');
    const double begin = wall_seconds();
    std::uint64_t requests = 0;
    while (wall_seconds() < begin + seconds) {
      must_be(::write(file_, group.data(), group.size()) == static_cast<ssize_t>(group.size()), "write");
      must_be(::fdatasync(file_) == 0, "fdatasync");
      requests += in_flight;
    }
    return (wall_seconds() - begin) / static_cast<double>(requests);
  }

 private:
  const ScratchFolder scratch_;
  int file_;
};

}  // namespace

std::vector<Figure> bench_ingest(const BenchSettings& settings) {
  std::vector<Figure> figures;
  Origin origin(settings.folder);
  Floor floor(settings.folder);
  const KeepAwake keep_awake;
  const double seconds = settings.quick ? 0.1 : 1.5;
  for (const std::size_t in_flight : {std::size_t{1}, std::size_t{100}, std::size_t{1000}}) {
    Figure figure;
    figure.name = fmt::format("durable ingest, {} in flight", in_flight);
    figure.unit = "us a request";
    figure.floor = "write() of as many journal entries, fdatasync, again";
    std::vector<double> cpu;
    measure(
        figure, settings.quick ? 2 : 9, [&] { return floor.run(in_flight, seconds) * 1e6; },
        [&] {
          const Origin::Run run = origin.run(in_flight, seconds);
          cpu.push_back(run.cpu_seconds * 1e6 / static_cast<double>(run.requests));
          return run.seconds * 1e6 / static_cast<double>(run.requests);
        });
    figure.facts = {{"bytes_a_request", static_cast<double>(bytes_of_request())},
                    {"requests_a_second", 1e6 / spread_of(figure.subject_costs).median},
                    {"us_main_loop_cpu_a_request", spread_of(cpu).median}};
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace xylem
