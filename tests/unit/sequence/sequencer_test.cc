#include "origin/sequence/sequencer.h"

#include "tests/unit/sequence/origin_fixture.h"

namespace xylem {
namespace {

const FeedId kFeed(31337);  // bucket 1 of 4
const FeedId kOther(2);

void lose_journal(Storage& storage) {
  const auto names = storage.list("journal");
  REQUIRE(names);
  for (const std::string& name : *names) REQUIRE(storage.remove("journal/" + name));
  (void)storage.remove("producers");
}

}  // namespace

TEST_CASE("an event gets a version, is durable first and visible after its record's fsync") {
  OriginFixture origin;
  REQUIRE(origin.start());
  auto accepted = origin.submit(kFeed, {"a", "b"});
  REQUIRE(accepted);
  CHECK(accepted->first == Version(1));
  CHECK(accepted->last == Version(2));
  CHECK(accepted->opened);
  CHECK(origin.sequencer->deadline() == kNever);  // nothing may be sealed before the journal is durable
  REQUIRE(origin.sync_journal());
  CHECK(origin.sequencer->deadline() <= origin.now);  // an idle feed does not wait
  REQUIRE(origin.sequencer->seal(origin.now, origin.wall));
  CHECK(origin.content().records == 0);  // appended, not yet synced: nobody sees it
  REQUIRE(origin.logs->of(Bucket(1)).sync());
  REQUIRE(origin.sequencer->publish(origin.now));
  const auto content = origin.content();
  CHECK(content.events.at(kFeed) == std::vector<std::string>{"a", "b"});
  CHECK(content.opened.at(kFeed).content_type == "application/json");
}

TEST_CASE("a busy feed is sealed once a window, an idle one at once") {
  OriginFixture origin;
  REQUIRE(origin.start());
  REQUIRE(origin.submit(kFeed, {"1"}));
  REQUIRE(origin.settle());
  const MonoTime sealed = origin.now;
  REQUIRE(origin.submit(kFeed, {"2"}));
  REQUIRE(origin.sync_journal());
  CHECK(origin.sequencer->deadline() == sealed + kBatchWindowDefault);
  REQUIRE(origin.submit(kFeed, {"3"}));
  REQUIRE(origin.submit(kOther, {"x"}));
  REQUIRE(origin.sync_journal());
  CHECK(origin.sequencer->deadline() == origin.now);  // the other feed is idle
  REQUIRE(origin.settle());
  CHECK(origin.content().batches.at(kFeed) == std::vector<std::size_t>{1, 2});
}

TEST_CASE("a round takes along what would be due soon after it, so that busy feeds share their fsyncs") {
  OriginFixture origin;
  REQUIRE(origin.start());
  REQUIRE(origin.submit(kFeed, {"1"}));
  REQUIRE(origin.settle());
  origin.now += kBatchWindowDefault / 4;
  REQUIRE(origin.submit(kOther, {"x"}));
  REQUIRE(origin.settle());
  REQUIRE(origin.submit(kFeed, {"2"}));
  REQUIRE(origin.submit(kOther, {"y"}));
  REQUIRE(origin.sync_journal());
  CHECK(origin.seal_once().value() == 0);  // nothing is due yet
  origin.now = origin.sequencer->deadline();
  REQUIRE(origin.seal_once());
  CHECK(origin.sequencer->deadline() == kNever);
  CHECK(origin.content().events.at(kFeed).size() == 2);
  CHECK(origin.content().events.at(kOther).size() == 2);
}

TEST_CASE("a batch is cut before it passes its limits, and a large event stands alone") {
  OriginFixture origin;
  REQUIRE(origin.start());
  const std::string large(40 * kKiB, 'x');
  REQUIRE(origin.submit(kFeed, {"a", large, "b"}));
  std::vector<std::string> many(2500, "e");
  REQUIRE(origin.submit(kOther, many));
  REQUIRE(origin.settle());
  const auto content = origin.content();
  CHECK(content.batches.at(kFeed) == std::vector<std::size_t>{1, 1, 1});
  CHECK(content.batches.at(kOther) == std::vector<std::size_t>{1024, 1024, 452});
  CHECK(content.events.at(kFeed)[1] == large);
}

TEST_CASE("a request is refused whole, with its cause") {
  OriginFixture origin;
  REQUIRE(origin.start());
  CHECK(origin.submit(kFeed, {}).error().code == ErrorCode::kBadEvent);
  CHECK(origin.submit(kFeed, {"a", std::string(49 * kKiB, 'x')}).error().code == ErrorCode::kEventTooLarge);
  CHECK(origin.submit(kFeed, std::vector<std::string>(10'001, "e")).error().code == ErrorCode::kRequestTooLarge);
  Append bad_kind = origin.request(kFeed, {"a"});
  bad_kind.events[0].kind = "two words";
  CHECK(origin.sequencer->submit(bad_kind, origin.wall).error().code == ErrorCode::kBadEvent);
  REQUIRE(origin.submit(kFeed, {"a"}));
  Append other_type = origin.request(kFeed, {"a"});
  other_type.content_type = "text/plain";
  CHECK(origin.sequencer->submit(other_type, origin.wall).error().code == ErrorCode::kContentTypeDiffers);
  REQUIRE(origin.settle());
  CHECK(origin.content().events.at(kFeed).size() == 1);
}

TEST_CASE("what could not be signed is refused before it stands in the journal") {
  OriginFixture origin;
  REQUIRE(origin.start());
  const auto code_of = [&](auto change) {
    Append append = origin.request(kFeed, {"a"});
    change(append);
    const auto accepted = origin.sequencer->submit(append, origin.wall);
    return accepted ? ErrorCode{} : accepted.error().code;
  };
  CHECK(code_of([](Append& append) { append.content_type = "text/\xFF"; }) == ErrorCode::kBadRequest);
  CHECK(code_of([](Append& append) { append.content_type = "a\tb"; }) == ErrorCode::kBadRequest);
  CHECK(code_of([](Append& append) { append.content_type.assign(129, 'a'); }) == ErrorCode::kBadRequest);
  CHECK(code_of([](Append& append) { append.view = "two words"; }) == ErrorCode::kBadRequest);
  CHECK(code_of([](Append& append) { append.view.assign(33, 'a'); }) == ErrorCode::kBadRequest);
  CHECK(code_of([](Append& append) { append.events[0].time = from_ms(kTimestampMax + 1); }) == ErrorCode::kBadEvent);
  CHECK(code_of([](Append& append) { append.events[0].time = from_ms(kTimestampMax); }) == ErrorCode{});
  REQUIRE(origin.settle());
  CHECK(origin.content().events.at(kFeed).size() == 1);
}

TEST_CASE("a feed keeps the name it was opened with") {
  OriginFixture origin;
  REQUIRE(origin.start());
  Append named = origin.request(feed_id_of_name("https://a.example/1"), {"a"});
  named.name = "https://a.example/1";
  REQUIRE(origin.sequencer->submit(named, origin.wall));
  REQUIRE(origin.settle());
  CHECK(origin.content().opened.at(named.feed).name == named.name);
  Append wrong = named;
  wrong.name = "https://a.example/2";
  CHECK(origin.sequencer->submit(wrong, origin.wall).error().code == ErrorCode::kBadName);
}

TEST_CASE("a retry never doubles an event") {
  OriginFixture origin;
  REQUIRE(origin.start());
  const ProducerNumber first{"p", 1, 0};
  REQUIRE(origin.submit(kFeed, {"a", "b"}, first));
  auto again = origin.submit(kFeed, {"a", "b"}, first);
  REQUIRE(again);
  CHECK(again->duplicate);
  CHECK(again->first == Version(1));
  CHECK(again->last == Version(2));
  CHECK(origin.submit(kFeed, {"a"}, first).error().code == ErrorCode::kProducerReused);
  CHECK(origin.submit(kFeed, {"c"}, ProducerNumber{"p", 1, 2}).error().code == ErrorCode::kProducerGap);
  CHECK(origin.submit(kFeed, {"c"}, ProducerNumber{"p", 0, 1}).error().code == ErrorCode::kProducerStale);
  REQUIRE(origin.submit(kFeed, {"c"}, ProducerNumber{"p", 1, 1}));
  REQUIRE(origin.settle());
  CHECK(origin.content().events.at(kFeed) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("a retry after a restart is known, from journal, checkpoint or records") {
  SequencerOptions options;
  options.journal.file_bytes = 600;  // files go, so that the checkpoint counts
  for (const bool journal_lost : {false, true}) {
    OriginFixture origin(options);
    REQUIRE(origin.start());
    for (std::uint64_t seq = 0; seq < 20; ++seq) {
      REQUIRE(origin.submit(kFeed, {"event " + std::to_string(seq)}, ProducerNumber{"p", 1, seq}));
      REQUIRE(origin.settle());
    }
    if (journal_lost) {
      lose_journal(origin.storage);
    }
    REQUIRE(origin.start());
    auto again = origin.submit(kFeed, {"event 19"}, ProducerNumber{"p", 1, 19});
    INFO(journal_lost);
    REQUIRE(again);
    CHECK(again->duplicate);
    CHECK(again->last == Version(20));
    REQUIRE(origin.submit(kFeed, {"event 20"}, ProducerNumber{"p", 1, 20}));
    REQUIRE(origin.settle());
    CHECK(origin.content().events.at(kFeed).size() == 21);
  }
}

TEST_CASE("a request of which a part was sealed when the journal was lost is completed, not doubled") {
  SequencerOptions options;
  options.seal_records_max = 1;
  OriginFixture origin(options);
  REQUIRE(origin.start());
  std::vector<std::string> events;
  for (int i = 0; i < 1500; ++i) events.push_back("event " + std::to_string(i));
  const ProducerNumber number{"p", 1, 0};
  REQUIRE(origin.submit(kFeed, events, number));
  REQUIRE(origin.settle());
  // What the log held when only the first batch had been written: the second record is torn.
  const std::string folder = "b00001";
  auto names = origin.storage.list(folder);
  INFO(names->size());
  std::string segment;
  for (const std::string& name : *names) {
    if (name.find("seg") != std::string::npos || segment.empty()) segment = folder + "/" + name;
  }
  {
    LogReader reader(origin.logs->of(Bucket(1)));
    auto last = reader.cold_run(reader.window().head, 1);
    REQUIRE(last);
    auto file = origin.storage.open(segment);
    REQUIRE(file);
    REQUIRE((*file)->truncate(last->offset + 10));
    REQUIRE((*file)->sync());
  }
  lose_journal(origin.storage);
  REQUIRE(origin.start());
  REQUIRE(origin.content().batches.at(kFeed).size() == 1);
  REQUIRE(origin.content().events.at(kFeed).size() < events.size());
  auto again = origin.submit(kFeed, events, number);
  REQUIRE(again);
  CHECK_FALSE(again->duplicate);
  REQUIRE(origin.settle());
  CHECK(origin.content().events.at(kFeed) == events);
  CHECK(origin.submit(kFeed, events, number)->duplicate);
}

TEST_CASE("no acknowledged event is lost and none is seen twice, wherever the power goes") {
  for (std::uint64_t step = 1; step < 160; step += 3) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      SequencerOptions options;
      options.journal.file_bytes = 500;
      OriginFixture origin(options);
      REQUIRE(origin.start());
      origin.storage.stop_operation(step);
      std::map<FeedId, std::size_t> acknowledged;
      std::map<FeedId, std::vector<std::string>> seen;
      for (std::uint64_t round = 0; round < 30; ++round) {
        const FeedId feed(31337 + round % 3);
        auto accepted = origin.submit(feed, {"event " + std::to_string(round)}, ProducerNumber{"p", 1, round / 3});
        if (!accepted || !origin.sync_journal()) break;
        acknowledged[feed] = accepted->last.value;
        origin.now += std::chrono::milliseconds(60);
        if (origin.sequencer->deadline() <= origin.now && !origin.seal_once()) break;
      }
      origin.storage.clear_faults();
      seen = origin.content().events;
      origin.storage.cut_power(seed);
      INFO("step " << step << " seed " << seed);
      auto started = origin.start();
      INFO((started ? "" : started.error().message()));
      REQUIRE(started);
      REQUIRE(origin.settle());
      const auto after = origin.content().events;
      for (const auto& [feed, count] : acknowledged) {
        REQUIRE(after.contains(feed));
        CHECK(after.at(feed).size() >= count);
        for (std::size_t i = 0; i < after.at(feed).size(); ++i) {
          CHECK(after.at(feed)[i] == "event " + std::to_string(feed.value - 31337 + 3 * i));
        }
      }
      for (const auto& [feed, events] : seen) {  // what anyone saw comes back with the same content
        REQUIRE(after.at(feed).size() >= events.size());
        CHECK(std::equal(events.begin(), events.end(), after.at(feed).begin()));
      }
    }
  }
}

TEST_CASE("a wall clock that steps back is held, and said") {
  OriginFixture origin;
  REQUIRE(origin.start());
  REQUIRE(origin.submit(kFeed, {"a"}));
  REQUIRE(origin.settle());
  origin.wall -= std::chrono::seconds(10);
  CHECK(origin.sequencer->clock_held(origin.wall) == std::chrono::seconds(10));
  REQUIRE(origin.submit(kFeed, {"b"}));
  REQUIRE(origin.settle());  // content() verifies: signed time never decreases
  CHECK(origin.content().events.at(kFeed).size() == 2);
}

TEST_CASE("a key without a grant for the range may not start") {
  OriginFixture origin;
  LogSetOptions log_options;
  auto logs = LogSet::open(origin.storage, {Bucket(1), Bucket(OriginFixture::kBuckets)}, log_options);
  REQUIRE(logs);
  auto refused =
      Sequencer::open(origin.storage, **logs, origin.trust(), SigningKey::generate(), {}, origin.now, origin.wall);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kNoGrant);
}

TEST_CASE("beacons tell where each bucket stands") {
  OriginFixture origin;
  REQUIRE(origin.start());
  REQUIRE(origin.submit(kFeed, {"a"}));
  REQUIRE(origin.settle());
  const auto beacons = origin.sequencer->beacons(origin.wall);
  REQUIRE(beacons.size() == OriginFixture::kBuckets);
  std::size_t with_records = 0;
  for (const Bytes& bytes : beacons) {
    auto beacon = decode_beacon(bytes);
    REQUIRE(beacon);
    CHECK(origin.trust().check_beacon(*beacon));
    if (beacon->seq.value > 0) ++with_records;
  }
  CHECK(with_records == 1);
}

}  // namespace xylem
