// Elided records: they count only with the redactions they name, which are fetched, verified and waited for.
#include "tests/unit/session/scripted_parent.h"

namespace xylem {
namespace {

// A feed of three batches whose second lost its first event to a redaction that stands at seq 5.
struct RedactedParent : ScriptedParent {
  Bytes elided;

  RedactedParent() {
    maker.open(kFeed);
    for (int i = 0; i < 3; ++i) maker.batch(kFeed, 2);
    maker.redact(kFeed, {{Version(3), Version(3)}});
    elided = elide_record(maker.record(2), {true, false}, std::array{Seq(5)}).value();
    dial_and_greet();
    REQUIRE(session->subscribe(kFeed, {}));
    collect();
    take_sent();
  }
  // All but the redaction itself, as replay sends it in several reads.
  void say_history() {
    say(frames_of_records(0, 2));
    say(elided);
    say(joined({frames_of_records(3, 1), status(StatusCode::live, 6)}));
  }
};

TEST_CASE("a redaction that is not held is fetched, and everything behind waits for it") {
  RedactedParent parent;
  parent.say_history();
  CHECK(parent.heard.take() == Lines{"feed 31337: 1 2"});
  CHECK(parent.session->holds_back());
  const auto fetches = parent.take_sent<Fetch>();
  REQUIRE(fetches.size() == 1);
  CHECK(std::get<FetchChunk>(fetches[0].what) == FetchChunk{kBucket, Seq(5), Seq(5)});

  parent.say(ScriptedParent::blob(fetches[0].request, parent.frames_of_records(4)));
  CHECK(parent.heard.take() == Lines{"feed 31337: 3 4", "status 1 head 6"});
  CHECK(!parent.session->holds_back());
  CHECK(parent.book.find(kBucket, Seq(5))->feed == kFeed);
}

TEST_CASE("a redaction fetched once serves the next session, too") {
  RedactedParent parent;
  parent.book.add(kBucket, Seq(5), {kFeed, RedactionNotice{true, {}, RedactionReason::legal}});
  parent.say_history();
  CHECK(parent.take_sent<Fetch>().empty());
  CHECK(parent.heard.take() == Lines{"feed 31337: 1 2", "feed 31337: 3", "feed 31337: 4", "status 1 head 6"});
}

TEST_CASE("a redaction that came among the records is in the book") {
  RedactedParent parent;
  parent.say(parent.frames_of_records());
  CHECK(parent.book.find(kBucket, Seq(5))->notice.versions == std::vector<VersionRun>{{Version(3), Version(3)}});
}

TEST_CASE("a program's own records are asked before the parent is") {
  RedactedParent parent;
  parent.book = RedactionBook([](Bucket bucket, Seq seq) -> std::optional<HeldRedaction> {
    if (bucket != kBucket || seq != Seq(5)) return std::nullopt;
    return HeldRedaction{kFeed, {true, {}, RedactionReason::legal}};
  });
  parent.say_history();
  CHECK(parent.take_sent<Fetch>().empty());
  CHECK(parent.heard.lines.back() == "status 1 head 6");
}

TEST_CASE("what is fetched must be the redaction that was named") {
  RedactedParent parent;
  parent.say_history();
  parent.heard.take();
  const auto request = parent.take_sent<Fetch>().at(0).request;

  SECTION("another record") {
    parent.say(ScriptedParent::blob(request, parent.frames_of_records(3, 1)));
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadPayload);
  }
  SECTION("a record of that seq which is no redaction") {
    RecordMaker other(parent.zone);
    for (int i = 0; i < 5; ++i) other.batch(kFeed);
    parent.say(ScriptedParent::blob(request, other.frames[4]));
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadPayload);
  }
  SECTION("a forged one") {
    parent.maker.forge_newest();
    parent.say(ScriptedParent::blob(request, parent.frames_of_records(4)));
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadSignature);
  }
  SECTION("no record at all") {
    parent.say(ScriptedParent::blob(request, Bytes{1, 2, 3}));
    CHECK(parent.heard.failure->error.code == ErrorCode::kBadFrame);
  }
  CHECK(parent.heard.failure->cause == FailureCause::dishonest);
  CHECK(parent.heard.take().size() == 1);
}

TEST_CASE("a server that has no such redaction cannot serve the feed") {
  RedactedParent parent;
  parent.say_history();
  parent.say(ScriptedParent::blob_error(parent.take_sent<Fetch>().at(0).request, ErrorCode::kNotHeld));
  CHECK(parent.heard.failure->error.code == ErrorCode::kNotHeld);
  CHECK(parent.heard.failure->cause == FailureCause::refused);
}

TEST_CASE("the redaction of another feed, or of other versions, covers nothing") {
  RedactedParent parent;
  SECTION("another feed") {
    parent.book.add(kBucket, Seq(5), {FeedId(5), RedactionNotice{true, {}, RedactionReason::legal}});
  }
  SECTION("other versions") {
    parent.book.add(kBucket, Seq(5), {kFeed, {false, {{Version(4), Version(9)}}, RedactionReason::legal}});
  }
  parent.say_history();
  CHECK(parent.heard.failure->error.code == ErrorCode::kBadPayload);
}

TEST_CASE("two records that wait for the same redaction fetch it once") {
  ScriptedParent parent;
  for (int i = 0; i < 2; ++i) parent.maker.batch(kFeed);
  parent.maker.redact(kFeed, {});
  parent.dial_and_greet();
  REQUIRE(parent.session->subscribe(kFeed, {}));
  for (const std::size_t i : {0, 1}) {
    parent.say(elide_record(parent.maker.record(i), {true}, std::array{Seq(3)}).value());
  }
  const auto fetches = parent.take_sent<Fetch>();
  REQUIRE(fetches.size() == 1);
  parent.say(ScriptedParent::blob(fetches[0].request, parent.frames_of_records(2)));
  CHECK(parent.heard.take() == Lines{"feed 31337: 1 2"});
}

TEST_CASE("what waits is bounded; beyond it the session ends") {
  RedactedParent parent;
  parent.say(parent.frames_of_records(0, 2));
  parent.say(parent.elided);
  Bytes details(40 * kKiB);
  fill_random(details);
  RecordDraft draft;
  draft.epoch = kSampleEpoch;
  draft.seq = Seq(6);
  draft.feed = kFeed;
  draft.feed_epoch = FeedEpoch(kSampleEpoch.value);
  draft.first_version = Version(7);
  draft.origin_time = parent.maker.now;
  draft.prev_record = parent.maker.link;
  draft.prev_batch = parent.maker.feeds[kFeed].link;
  const Event event{draft.origin_time, "add_comment", details};
  const SealedRecord big = seal_batch(parent.zone.origin, parent.zone.id, draft, Salt{}, std::array{event});
  for (std::size_t sent = 0; sent < kHeldBackBytesMax; sent += big.frame.size()) parent.say(big.frame);
  CHECK(parent.heard.failure->error.code == ErrorCode::kTooMany);
  CHECK(parent.heard.failure->cause == FailureCause::refused);
}

TEST_CASE("whoever unsubscribes drops what waits") {
  RedactedParent parent;
  parent.say_history();
  const auto request = parent.take_sent<Fetch>().at(0).request;
  parent.session->unsubscribe(kFeed);
  CHECK(!parent.session->holds_back());
  parent.say(ScriptedParent::blob(request, parent.frames_of_records(4)));
  CHECK(!parent.session->failed());
}

TEST_CASE("a book beyond its bytes forgets the oldest") {
  RedactionBook book;
  const RedactionNotice long_notice{false, std::vector<VersionRun>(1024), RedactionReason::spam};
  const std::size_t fits = kRedactionBookBytesMax / (1024 * sizeof(VersionRun));
  for (std::uint64_t seq = 1; seq <= 2 * fits; ++seq) book.add(kBucket, Seq(seq), {kFeed, long_notice});
  CHECK(!book.find(kBucket, Seq(1)));
  CHECK(book.find(kBucket, Seq(2 * fits)));
}

}  // namespace
}  // namespace xylem
