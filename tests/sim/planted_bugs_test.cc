// Each invariant of the simulator bites: a run with one planted mistake fails, and says which. The list is in
// README.md.
#include <catch2/catch.hpp>

#include "tests/sim/planted_bug.h"
#include "tests/sim/scenarios.h"

namespace xylem {
namespace {

template <typename Bug>
std::string violation_with() {
  DrillOptions options;
  options.trouble = std::chrono::seconds(20);
  options.quiet_max = std::chrono::minutes(20);
  Witness witness;
  Bug bug(witness);
  return run_drill(options, founding_forest(options.seed), witness, bug).violation.value_or("none");
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct NoBug final : PlantedBug {
  using PlantedBug::PlantedBug;
};
TEST_CASE("without a planted bug nothing is found") { CHECK(violation_with<NoBug>() == "none"); }

// --- readers ---

struct LosesAnEvent final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_event(std::string_view reader, const FeedEvent& event) override {
    if (!strikes()) PlantedBug::on_event(reader, event);
  }
};
TEST_CASE("a reader that loses an event is found") {
  const std::string found = violation_with<LosesAnEvent>();
  CHECK(contains(found, "is given version"));
  CHECK(contains(found, "after version"));
}

struct LosesTheLastEvent final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_event(std::string_view reader, const FeedEvent& event) override {
    // From some time on nothing reaches it: no gap is ever seen.
    if (reader != "reader 3" || event.version.value < 20) PlantedBug::on_event(reader, event);
  }
};
TEST_CASE("a reader that is left behind is found in the end") {
  CHECK(contains(violation_with<LosesTheLastEvent>(), "reader 3 ends at version 19 of"));
}

struct DoublesAnEvent final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_event(std::string_view reader, const FeedEvent& event) override {
    if (strikes()) PlantedBug::on_event(reader, event);
    PlantedBug::on_event(reader, event);
  }
};
TEST_CASE("a reader that is given an event twice is found") {
  CHECK(contains(violation_with<DoublesAnEvent>(), "is given version"));
}

struct ReordersEvents final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_event(std::string_view reader, const FeedEvent& event) override {
    if (strikes()) {
      kept_reader_ = reader;
      kept_.emplace_back(event);
      return;
    }
    PlantedBug::on_event(reader, event);
    if (kept_.empty() || reader != kept_reader_) return;
    PlantedBug::on_event(reader, kept_.front().event);
    kept_.clear();
  }

 private:
  std::string kept_reader_;
  std::deque<KeptEvent> kept_;
};
TEST_CASE("a reader that is given events in another order is found") {
  CHECK(contains(violation_with<ReordersEvents>(), "is given version"));
}

struct ForgesAByte final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_event(std::string_view reader, const FeedEvent& event) override {
    if (!strikes()) return PlantedBug::on_event(reader, event);
    KeptEvent forged(event);
    forged.details.back() ^= 1;
    PlantedBug::on_event(reader, forged.event);
  }
};
TEST_CASE("a reader that is given a forged byte is found") {
  CHECK(contains(violation_with<ForgesAByte>(), "with another content than was posted"));
}

TEST_CASE("an event that nobody posted is found") {
  Witness witness;
  witness.on_reading("reader 1", FeedId(5), Version());
  FeedEvent event;
  event.feed = FeedId(5);
  event.version = Version(1);
  witness.on_event("reader 1", event);
  CHECK(contains(witness.violation().value_or("none"), "which nobody posted"));
}

struct GivesUp final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_event(std::string_view reader, const FeedEvent& event) override {
    PlantedBug::on_event(reader, event);
    if (strikes()) on_given_up(reader, {ErrorCode::kNoServers, {}});
  }
};
TEST_CASE("a reader that gives up is found") { CHECK(contains(violation_with<GivesUp>(), "gave up")); }

// --- relays ---

struct RelayForgesAByte final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_relay_record(std::string_view relay, Bucket bucket, Seq seq, ByteView frame) override {
    Bytes shown(frame.begin(), frame.end());
    if (strikes()) shown.back() ^= 1;
    PlantedBug::on_relay_record(relay, bucket, seq, shown);
  }
};
TEST_CASE("a relay that shows a forged byte is found") {
  CHECK(contains(violation_with<RelayForgesAByte>(), "with other bytes than its origin"));
}

struct RelayShowsTheFuture final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_relay_record(std::string_view relay, Bucket bucket, Seq seq, ByteView frame) override {
    PlantedBug::on_relay_record(relay, bucket, strikes() ? seq.plus(100'000) : seq, frame);
  }
};
TEST_CASE("a relay that shows what its origin has not is found") {
  CHECK(contains(violation_with<RelayShowsTheFuture>(), "which its origin has not"));
}

// Everyone says the same, and the files hold something else.
struct FilesDiffer final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_origin_record(Bucket bucket, Seq seq, ByteView frame) override {
    PlantedBug::on_origin_record(bucket, seq, changed(bucket, seq, frame));
  }
  void on_relay_record(std::string_view relay, Bucket bucket, Seq seq, ByteView frame) override {
    PlantedBug::on_relay_record(relay, bucket, seq, changed(bucket, seq, frame));
  }

 private:
  static Bytes changed(Bucket bucket, Seq seq, ByteView frame) {
    Bytes bytes(frame.begin(), frame.end());
    if (bucket == Bucket(5) && seq == Seq(3)) bytes.back() ^= 1;
    return bytes;
  }
};
TEST_CASE("a log that is not the origin's is found in the end") {
  CHECK(contains(violation_with<FilesDiffer>(), "its log of bucket 5"));
}

// --- origins ---

struct OriginChangesItsMind final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_origin_record(Bucket bucket, Seq seq, ByteView frame) override {
    PlantedBug::on_origin_record(bucket, seq, frame);
    if (!strikes()) return;
    Bytes other(frame.begin(), frame.end());
    other.back() ^= 1;
    PlantedBug::on_origin_record(bucket, seq, other);
  }
};
TEST_CASE("an origin that shows a place with two contents is found") {
  CHECK(contains(violation_with<OriginChangesItsMind>(), "with another content than before"));
}

struct OriginForgets final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_origin_record(Bucket bucket, Seq seq, ByteView frame) override {
    PlantedBug::on_origin_record(bucket, seq, frame);
    if (strikes()) on_origin_started(bucket, Seq(seq.value - 1));
  }
};
TEST_CASE("an origin that starts without what it has shown is found") {
  CHECK(contains(violation_with<OriginForgets>(), "but has shown"));
}

struct OriginDoublesARequest final : PlantedBug {
  using PlantedBug::PlantedBug;
  void on_accepted(FeedId feed, Version first, Version last) override {
    const std::uint64_t shift = strikes() ? 1 : 0;
    PlantedBug::on_accepted(feed, first.plus(shift), last.plus(shift));
  }
};
TEST_CASE("versions that are not the next ones are found") {
  CHECK(contains(violation_with<OriginDoublesARequest>(), "were acknowledged for what is"));
}

}  // namespace
}  // namespace xylem
