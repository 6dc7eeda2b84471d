#include "origin/sequence/journal_entry.h"

#include <catch2/catch.hpp>

namespace xylem {
namespace {

JournalEntry example() {
  JournalEntry entry;
  entry.feed = FeedId(31337);
  entry.feed_epoch = FeedEpoch(1'700'000'000'000);
  entry.accepted = from_ms(1'700'000'000'123);
  entry.first_version = Version(18);
  entry.opening = JournalEntry::Opening{"t/31337", "application/json", "comments"};
  entry.producer = ProducerNumber{"feeder-1", 3, 9};
  entry.taken_before = 2;
  entry.events = {{from_ms(5), "add_comment", {1, 2, 3}}, {from_ms(6), "vote", {}}};
  return entry;
}

}  // namespace

TEST_CASE("a journal entry comes back as it was") {
  CHECK(decode_journal_entry(encode_journal_entry(example())).value() == example());
  JournalEntry plain = example();
  plain.opening.reset();
  plain.producer.reset();
  plain.taken_before = 0;
  CHECK(decode_journal_entry(encode_journal_entry(plain)).value() == plain);
}

TEST_CASE("a journal entry that is cut or continued is refused") {
  const Bytes whole = encode_journal_entry(example());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length);
    auto cut = decode_journal_entry(ByteView(whole).first(length));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == ErrorCode::kCorrupt);
  }
  Bytes longer = whole;
  longer.push_back(0);
  CHECK_FALSE(decode_journal_entry(longer));
}

}  // namespace xylem
