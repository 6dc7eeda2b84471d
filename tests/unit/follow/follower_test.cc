// How a relay gets its data, whatever its parents do.
#include "relay/follow/follower.h"

#include "tests/unit/follow/follow_world.h"

namespace xylem {
namespace {

TEST_CASE("a new relay asks for everything, appends what verifies, and tells the loops once a turn") {
  FollowWorld world;
  for (int i = 0; i < 5; ++i) world.maker.batch(kFeed);
  world.reach("a");
  CHECK(world.asked_from().seq == Seq(0));
  world.say_records();
  CHECK(world.window().head == Seq(5));
  CHECK(world.publications == 1);
  CHECK(world.follower->status().records == 5);
  CHECK_FALSE(world.follower->status().upstream.empty());
}

TEST_CASE("after a cut it asks the next server for exactly what is missing") {
  FollowWorld world({"a", "b"});
  for (int i = 0; i < 5; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.say_records(0, 3);
  const Hash256 link = link_of(world.maker.record(2).decoded);
  world.connection = false;
  world.follower->on_closed({ErrorCode::kIo, "reset"}, world.now);
  CHECK(world.follower->status().upstream.empty());
  world.reach("b");
  const BucketCursor from = world.asked_from();
  CHECK(from.seq == Seq(3));
  CHECK(from.hash == ByteReader(link).u32());
  world.say_records(3);
  CHECK(world.window().head == Seq(5));
  CHECK(world.window().link == world.maker.link);
}

TEST_CASE("the word above names what is held: a parent behind us can show that it forked") {
  FollowWorld world;
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.say_records();
  world.connection = false;
  world.follower->on_closed({ErrorCode::kIo, "reset"}, world.now);
  world.reach("a");
  const auto have = world.take_sent<Have>();
  REQUIRE(have.size() == 1);
  REQUIRE(have[0].buckets.size() == 1);
  const auto header = decode_header(have[0].buckets[0].header);
  REQUIRE(header);
  CHECK(header->header.seq == Seq(3));
}

TEST_CASE("a parent that lies is stopped here: nothing of it is stored or passed on, and it is left alone") {
  FollowWorld world({"a", "b"});
  world.maker.batch(kFeed);
  world.reach("a");
  world.say_records();
  const std::size_t published = world.publications;
  world.maker.batch(kFeed);
  SECTION("a forged signature") {
    world.maker.forge_newest();
    world.say_records(1);
  }
  SECTION("a bit of the content") {
    Bytes frame = world.maker.frames.back();
    Bytes body(frame.begin() + kEnvelopeBytes, frame.end());
    body.back() ^= 1;
    frame.clear();
    append_frame(frame, FrameType::record, RecordForm::full, body);
    world.say(frame);
  }
  SECTION("a record left out") {
    world.maker.batch(kFeed);
    world.say_records(2);
  }
  SECTION("another origin's records") {
    const SigningKey stranger = sample_key(77);
    RecordMaker other(world.zone.id, stranger);
    other.batch(kFeed);
    other.batch(kFeed);
    world.say(other.frames[1]);
  }
  CHECK_FALSE(world.connection);
  CHECK(world.window().head == Seq(1));
  CHECK(world.publications == published);
  CHECK(world.failures == std::vector{FailureCause::dishonest});
  CHECK(world.follower->status().refused_peers == 1);
  world.dialled.clear();
  const MonoTime lied_at = world.now;
  world.reach("b");
  while (world.dialled.back() != "a") {
    world.connection = false;
    world.follower->on_closed({ErrorCode::kIo, "reset"}, world.now);
    while (!world.dialling) world.pass();
    if (world.dialled.back() == "a") break;
    world.dialling = false;
    world.greet();
  }
  CHECK(world.now - lied_at >= std::chrono::seconds(30));
}

TEST_CASE("no flipped bit of what a parent sends is stored or passed on") {
  std::optional<FollowWorld> world(std::in_place);
  world->maker.open(kFeed);
  world->maker.batch(kFeed);
  Bytes sent;
  for (const Bytes& frame : world->maker.frames) sent.insert(sent.end(), frame.begin(), frame.end());
  const std::size_t first_bytes = world->maker.frames[0].size();
  for (std::size_t bit = 0; bit < sent.size() * 8; ++bit) {
    Bytes flipped = sent;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    world.emplace();
    world->reach("a");
    world->say(flipped);
    // All that may be there is a record before the one with the flipped bit.
    const Seq head = world->window().head;
    const bool wrong = bit / 8 < first_bytes ? head != Seq(0) : head > Seq(1);
    if (wrong) FAIL("bit " << bit % 8 << " of byte " << bit / 8 << " of " << sent.size());
  }
}

TEST_CASE("a server that says too old is believed only when no other has what comes next") {
  FollowWorld world({"a", "b"});
  for (int i = 0; i < 9; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.say_records(0, 3);
  world.take_sent<Subscribe>();
  world.say_status(StatusCode::too_old, Seq(7));
  CHECK_FALSE(world.connection);
  CHECK(world.window().head == Seq(3));
  SECTION("another has it") {
    world.reach("b");
    CHECK(world.asked_from().seq == Seq(3));
    world.say_records(3);
    CHECK(world.window().floor == Seq(1));
    CHECK(world.window().head == Seq(9));
  }
  SECTION("none has it: the log begins again at the floor, with the first record that verifies") {
    world.reach("b");
    world.take_sent<Subscribe>();
    world.say_status(StatusCode::too_old, Seq(6));
    CHECK(world.asked_from().seq == Seq(5));
    CHECK(world.window().head == Seq(3));  // kept until then
    world.say_records(5);
    CHECK(world.window().floor == Seq(6));
    CHECK(world.window().head == Seq(9));
  }
  SECTION("the next time each of them is asked again") {
    world.reach("b");
    world.say_status(StatusCode::too_old, Seq(6));
    world.say_records(5);
    for (int i = 0; i < 5; ++i) world.maker.batch(kFeed);
    world.say_status(StatusCode::too_old, Seq(13));
    CHECK_FALSE(world.connection);
    CHECK(world.window().floor == Seq(6));
    world.reach("a");
    CHECK(world.asked_from().seq == Seq(9));
  }
  SECTION("what comes instead is forged: what was held is kept") {
    world.reach("b");
    world.say_status(StatusCode::too_old, Seq(9));
    world.maker.batch(kFeed);
    world.maker.forge_newest();
    world.say_records(9);
    CHECK_FALSE(world.connection);
    CHECK(world.window().floor == Seq(1));
    CHECK(world.window().head == Seq(3));
  }
  SECTION("a floor that does not move when it is asked for is a refusal") {
    world.reach("b");
    world.say_status(StatusCode::too_old, Seq(6));
    world.say_status(StatusCode::too_old, Seq(6));
    CHECK_FALSE(world.connection);
    CHECK(world.window().head == Seq(3));
  }
}

TEST_CASE("a relay that holds nothing begins at the floor of whoever it asks") {
  FollowWorld world({"a", "b"});
  for (int i = 0; i < 9; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.take_sent<Subscribe>();
  world.say_status(StatusCode::too_old, Seq(6));
  CHECK(world.asked_from().seq == Seq(5));
  world.say_records(5);
  CHECK(world.window().floor == Seq(6));
  CHECK(world.window().head == Seq(9));
}

TEST_CASE("being ahead of a new parent is no fault: it waits there") {
  FollowWorld world;
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.say_records();
  world.connection = false;
  world.follower->on_closed({ErrorCode::kIo, "reset"}, world.now);
  world.reach("a");
  world.say_status(StatusCode::from_the_future);
  CHECK(world.connection);
  world.maker.batch(kFeed);
  world.say_records(3);
  CHECK(world.window().head == Seq(4));
}

TEST_CASE("a server that is no longer named is left; one that is stays") {
  FollowWorld world({"a", "b"});
  world.reach("a");
  world.name_servers({"a", "c"});
  CHECK(world.connection);
  world.name_servers({"c"});
  CHECK_FALSE(world.connection);
  world.reach("c");
  CHECK(world.connection);
}

TEST_CASE("what the disk refuses ends the session, is told, and is fetched again later") {
  FollowWorld world;
  for (int i = 0; i < 4; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.say_records(0, 2);
  world.storage.fail_operation(1, ErrorCode::kDiskFull);
  world.say_records(2, 1);
  CHECK_FALSE(world.connection);
  REQUIRE(world.append_failures.size() == 1);
  CHECK(world.append_failures[0].code == ErrorCode::kDiskFull);
  CHECK(world.window().head == Seq(2));
  world.storage.clear_faults();
  world.reach("a");
  CHECK(world.asked_from().seq == Seq(2));
  world.say_records(2);
  CHECK(world.window().head == Seq(4));
}

TEST_CASE("a beacon is passed on when what it speaks of is held") {
  FollowWorld world;
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.say_records(0, 2);
  world.say_beacon(from_ms(kSampleEpoch.value + 60'000));
  CHECK(world.beacons.empty());
  world.say_records(2);
  CHECK(world.beacons == std::vector{Seq(3)});
  CHECK(world.follower->status().newest == from_ms(kSampleEpoch.value + 60'000));
}

TEST_CASE("the newest records are withheld or lost: the beacon shows it, and the server is left for another") {
  FollowWorld world({"a", "b"});
  for (int i = 0; i < 3; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.say_records(0, 2);
  const MonoTime told = world.now;
  // Again and again, as beacons come: that is no progress.
  for (int beacon = 1; world.failures.empty(); ++beacon) {
    REQUIRE(world.now < told + kPromisedRecordsTimeout);
    world.say_beacon(from_ms(kSampleEpoch.value + 60'000 + static_cast<std::uint64_t>(beacon)));
    world.pass();
  }
  CHECK(world.failures == std::vector{FailureCause::timeout});
  CHECK(world.now == told + kPromisedRecordsTimeout);
  world.reach("b");
  CHECK(world.asked_from().seq == Seq(2));
}

TEST_CASE("a parent that is slow, and sends, is not left though its beacons are far ahead") {
  FollowWorld world;
  for (int i = 0; i < 20; ++i) world.maker.batch(kFeed);
  world.reach("a");
  world.say_beacon(from_ms(kSampleEpoch.value + 60'000));
  for (std::size_t i = 0; i < 20; ++i) {
    const MonoTime next = world.now + kPromisedRecordsTimeout - 1ms;
    while (world.follower->deadline() < next) {
      world.pass();
      world.say({});
    }
    world.now = next;
    world.say_records(i, 1);
  }
  CHECK(world.failures.empty());
  CHECK(world.beacons == std::vector{Seq(20)});
}

}  // namespace
}  // namespace xylem
