// One writer and several readers at once: whatever the writer does, a reader sees one consistent history.
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "relay/log/posix_storage.h"
#include "relay/log/published.h"
#include "relay/log/reclaimer.h"
#include "tests/unit/log/log_folder_on_disk.h"
#include "tests/unit/log/log_maker.h"

using namespace xylem;

namespace {

constexpr std::uint64_t kFeeds = 40;

// Looks at a log from a thread of its own until told to stop; what is wrong it remembers, as assertions belong to the
// main thread. What the writer dropped or cleared meanwhile is no mistake.
class Onlooker {
 public:
  Onlooker(BucketLog& log, unsigned seed) : reader_(log), random_(seed) {}

  void run(const std::atomic<bool>& stop) {
    while (!stop.load(std::memory_order_relaxed) && wrong.empty()) {
      turn();
      reader_.quiescent();
    }
  }

  std::string wrong;
  std::uint64_t records = 0, feeds = 0;

 private:
  void turn() {
    window_ = reader_.window();
    if (window_.floor > window_.head.next()) return fail("floor above the head");
    if (window_.head == Seq()) return;
    if (window_.epoch == Epoch()) return fail("a head without epoch");
    if (window_.floor > window_.head) return;
    const Seq from = window_.floor.plus(random_() % (window_.head.value - window_.floor.value + 1));
    look_at_records(from);
    look_at_head();
    look_at_feed(FeedId(log_feed(random_() % kFeeds)));
  }

  void look_at_records(Seq from) {
    const std::size_t bytes_max = random_() % 20'000;
    if (const auto hot = reader_.hot_run(from, bytes_max)) return check_run(hot->bytes, hot->first, hot->last);
    const auto cold = reader_.cold_run(from, bytes_max);
    if (!cold) return expect_gone(cold.error());
    Bytes bytes(cold->bytes);
    if (!read_exactly(*cold->file, cold->offset, bytes)) return fail("a cold run that cannot be read");
    check_run(bytes, cold->first, cold->last);
  }

  void check_run(ByteView bytes, Seq first, Seq last) {
    Hash256 link{};
    for (Seq seq = first; seq <= last; seq = seq.next()) {
      const auto envelope = parse_envelope(bytes);
      if (!envelope || !*envelope) return fail("a run with something that is no frame");
      const auto record = parse_record(**envelope);
      if (!record || record->header().seq != seq) return fail("a run with another record");
      if (record->header().epoch != window_.epoch) return fail("a run of another epoch");
      if (seq != first && record->header().prev_record != link) return fail("a run that does not link");
      link = link_of(record->decoded);
      bytes = bytes.subspan(record->frame.size());
      ++records;
    }
    if (!bytes.empty()) fail("a run with more than it says");
    if (last == window_.head && link != window_.link) fail("a head with another link");
  }

  void look_at_feed(FeedId feed) {
    Seq after;
    for (int step = 0; step < 5; ++step) {
      const auto next = reader_.next_of_feed(feed, after);
      if (!next) break;
      if (*next <= after) return fail("a feed that goes back");
      after = *next;
      if (const auto header = header_at(after); header && header->feed != feed) return fail("another feed's record");
    }
    const auto state = reader_.feed(feed);
    if (!state) return;
    ++feeds;
    if (state->first_version > state->last_version.next()) return fail("first version above the last");
    if (state->newest_batch != Seq()) check_holds(feed, state->last_version, *state);
  }

  void check_holds(FeedId feed, Version version, const LoggedFeed& state) {
    const auto kept = reader_.notice(feed, RecordType::batch);
    if (kept && parse_record(*kept)->header().feed != feed) return fail("a kept header of another feed");
    if (const auto seq = reader_.seq_of(feed, version)) {
      const auto header = header_at(*seq);
      if (!header) return;
      const bool holds = header->feed == feed && header->first_version <= version && version <= header->last_version();
      if (!holds) fail("a batch without the version");
    } else if (still_holds(feed, state)) {
      fail("a version that is held and not found");
    }
  }

  // Not dropped, not opened anew, and not cleared since: asks for the window, so nothing may follow in this turn.
  bool still_holds(FeedId feed, const LoggedFeed& state) {
    const LogWindow window = reader_.window();
    const auto now = reader_.feed(feed);
    return window.history == window_.history && now && now->epoch == state.epoch && state.newest_batch >= window.floor;
  }

  // The index is never older than the window.
  void look_at_head() {
    const auto header = header_at(window_.head);
    if (!header) return;
    const auto found = reader_.next_of_feed(header->feed, Seq(window_.head.value - 1));
    if (found == window_.head) return;
    if (reader_.cold_run(window_.head, 1)) fail("a head that its feed does not know");
  }

  std::optional<RecordHeader> header_at(Seq seq) {
    const auto bytes = reader_.header_at(seq);
    if (!bytes) {
      expect_gone(bytes.error());
      return std::nullopt;
    }
    return decode_header(*bytes)->header;
  }

  void expect_gone(const Error& error) {
    if (error.code == ErrorCode::kTooOld || error.code == ErrorCode::kEpochChanged) return;
    fail(error.message());
  }
  void fail(const std::string& what) {
    if (wrong.empty()) wrong = what;
  }

  LogReader reader_;
  LogWindow window_;
  std::mt19937 random_;
};

class Onlookers {
 public:
  Onlookers(BucketLog& log, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      threads_.emplace_back([this, &log, i] {
        Onlooker onlooker(log, i);
        onlooker.run(stop_);
        records += onlooker.records;
        feeds += onlooker.feeds;
        if (!onlooker.wrong.empty()) {
          const std::lock_guard lock(mutex_);
          wrong = onlooker.wrong;
        }
      });
    }
  }
  ~Onlookers() { finish(); }
  void finish() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  std::atomic<std::uint64_t> records{0}, feeds{0};
  std::string wrong;

 private:
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

BucketLogOptions small_options() {
  BucketLogOptions options;
  options.segment_bytes = 40 * kKiB;
  options.hot_bytes = 16 * kKiB;
  options.chunk_bytes = 4 * kKiB;
  options.kept_bytes_max = 12 * kKiB;
  return options;
}

void add_record(LogMaker& maker, std::mt19937& random) {
  const FeedId feed = log_feed(std::min(random() % kFeeds, random() % kFeeds));
  constexpr RecordType kTypes[] = {RecordType::open, RecordType::snapshot, RecordType::redaction};
  const auto chance = random() % 30;
  if (chance < 3) {
    maker.notice(feed, kTypes[chance]);
  } else if (chance == 3) {
    maker.reopen(feed);
  } else {
    maker.batch(feed, 1 + random() % 5, random() % 400);
  }
}

}  // namespace

TEST_CASE("readers see one history while records are appended, sealed and dropped") {
  const FolderOnDisk folder;
  const auto storage = PosixStorage::open(folder.path(), PosixStorage::Access::write).value();
  const auto log = BucketLog::open(*storage, "b00005", kLogBucket, small_options()).value();
  LogMaker maker;
  std::mt19937 random(1);
  Onlookers onlookers(*log, 3);
  while (maker.frames.size() < 6000) {
    const std::size_t from = maker.frames.size();
    for (std::size_t i = 0; i <= random() % 8; ++i) add_record(maker, random);
    REQUIRE(log->append(maker.views(from)));
    if (random() % 3 != 0) log->publish();
    if (random() % 100 == 0) REQUIRE(log->roll());
    if (random() % 20 == 0) REQUIRE(log->retain(300 * kKiB));
    if (random() % 50 == 0) log->drop_hot_chunk();
    log->collect();
  }
  log->publish();
  onlookers.finish();
  CHECK(onlookers.wrong == "");
  CHECK(onlookers.records > 0);
  CHECK(onlookers.feeds > 0);
  LogReader reader(*log);
  CHECK(all_bytes(reader) == joined(maker.frames, reader.window().floor.value - 1));
}

TEST_CASE("readers are not confused when the log is cleared and another history begins at the same seqs") {
  const FolderOnDisk folder;
  const auto storage = PosixStorage::open(folder.path(), PosixStorage::Access::write).value();
  const auto log = BucketLog::open(*storage, "b00005", kLogBucket, small_options()).value();
  std::mt19937 random(2);
  Onlookers onlookers(*log, 3);
  for (std::uint64_t history = 0; history < 30; ++history) {
    LogMaker maker;
    maker.epoch = Epoch(maker.epoch.value + history);
    while (maker.frames.size() < 150) {
      const std::size_t from = maker.frames.size();
      for (std::size_t i = 0; i <= random() % 5; ++i) add_record(maker, random);
      REQUIRE(append_and_publish(*log, maker, from));
      log->collect();
    }
    REQUIRE(log->clear());
  }
  onlookers.finish();
  CHECK(onlookers.wrong == "");
}

TEST_CASE("readers come and go while the log is written") {
  const FolderOnDisk folder;
  const auto storage = PosixStorage::open(folder.path(), PosixStorage::Access::write).value();
  const auto log = BucketLog::open(*storage, "b00005", kLogBucket, small_options()).value();
  LogMaker maker;
  std::mt19937 random(3);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        LogReader reader(*log);
        const LogWindow window = reader.window();
        if (window.head != Seq()) static_cast<void>(reader.hot_run(window.head, 1));
        reader.quiescent();
      }
    });
  }
  for (std::size_t i = 0; i < 1500; ++i) {
    add_record(maker, random);
    REQUIRE(append_and_publish(*log, maker, i));
    REQUIRE(log->retain(100 * kKiB));
    log->collect();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  log->collect();
}

TEST_CASE("a published value is read as a whole") {
  struct Pair {
    std::uint64_t number = 0;
    std::uint64_t rest[6] = {};
  };
  Published<Pair> published;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> torn{0}, back{0}, reads{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      std::uint64_t last = 0;
      while (!stop) {
        const Pair pair = published.read();
        for (const std::uint64_t word : pair.rest) torn += word != pair.number * 3;
        back += pair.number < last;
        last = pair.number;
        ++reads;
      }
    });
  }
  for (std::uint64_t number = 1; number < 200'000 || reads == 0; ++number) {
    Pair pair{number, {}};
    for (std::uint64_t& word : pair.rest) word = number * 3;
    published.write(pair);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(torn == 0);
  CHECK(back == 0);
}

TEST_CASE("nothing that a reader may hold is freed") {
  struct Canary {
    std::atomic<bool>& freed_while_held;
    std::atomic<int> holders{0};
    ~Canary() {
      if (holders != 0) freed_while_held = true;
    }
  };
  std::atomic<bool> wrong{false}, stop{false};
  const auto on_heap = std::make_unique<Reclaimer>();  // g++'s sanitizer aligns what is on the stack too loosely
  Reclaimer& reclaimer = *on_heap;
  auto present = std::make_shared<Canary>(wrong);
  std::atomic<Canary*> root{present.get()};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const std::size_t slot = reclaimer.join();
      while (!stop) {
        reclaimer.enter(slot);
        Canary* held = root.load();
        ++held->holders;
        --held->holders;
        reclaimer.exit(slot);
      }
      reclaimer.leave(slot);
    });
  }
  for (int i = 0; i < 20'000; ++i) {
    auto next = std::make_shared<Canary>(wrong);
    root.store(next.get());
    std::swap(present, next);
    reclaimer.retire(std::move(next), 1);
    reclaimer.collect();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  reclaimer.collect();
  CHECK(reclaimer.retired_bytes() == 0);
  CHECK_FALSE(wrong);
}

TEST_CASE("an object waits for the readers that were inside when it was retired, not for later ones") {
  const auto on_heap = std::make_unique<Reclaimer>();  // g++'s sanitizer aligns what is on the stack too loosely
  Reclaimer& reclaimer = *on_heap;
  const std::size_t early = reclaimer.join(), late = reclaimer.join();
  reclaimer.enter(early);
  std::weak_ptr<const void> watched;
  {
    auto object = std::make_shared<int>(1);
    watched = object;
    reclaimer.retire(std::move(object), 7);
  }
  reclaimer.enter(late);
  reclaimer.collect();
  CHECK_FALSE(watched.expired());
  CHECK(reclaimer.retired_bytes() == 7);
  reclaimer.exit(early);
  reclaimer.collect();
  CHECK(watched.expired());
  reclaimer.exit(late);
  reclaimer.leave(early);
  reclaimer.leave(late);
}
