#include "client/discovery/dns_cache.h"

#include <catch2/catch.hpp>

#include "tests/unit/discovery/dns_writer.h"

using namespace xylem;
using namespace std::chrono_literals;
using std::chrono::seconds;

namespace {

const DnsQuestion kSrv{"b5.zone.example", DnsType::srv};
const Timestamp kNow = from_ms(1'700'000'000'000);

Bytes positive(std::uint32_t ttl, std::uint16_t port = 7720, const DnsQuestion& question = kSrv) {
  return DnsWriter(question).srv(question.name, ttl, {0, 0, port, "relay.example"}).bytes();
}
Bytes negative(std::uint32_t ttl) {
  return DnsWriter(kSrv, DnsWriter::kAnswer | 3).soa("zone.example", ttl, ttl).bytes();
}
DnsQuestion numbered(std::size_t i) { return {"b" + std::to_string(i) + ".zone.example", DnsType::srv}; }

}  // namespace

TEST_CASE("an answer is fresh for its TTL, and the last known answer after it") {
  DnsCache cache;
  CHECK_FALSE(cache.find(kSrv, kNow));
  cache.store(kSrv, positive(60), kNow);
  const auto young = cache.find(kSrv, kNow + 59s);
  REQUIRE(young);
  CHECK(young->fresh());
  CHECK(young->age == 59s);
  CHECK(young->ttl_left == 1s);
  const auto old = cache.find(kSrv, kNow + 60s);
  REQUIRE(old);
  CHECK_FALSE(old->fresh());
  CHECK(old->age == 60s);
  CHECK(old->answer.servers.front().port == 7720);
  CHECK(cache.find(kSrv, kNow + DnsCache::kStaleMax));
  CHECK_FALSE(cache.find(kSrv, kNow + DnsCache::kStaleMax + 1s));
}

TEST_CASE("that something does not exist is known for its TTL, and a last known answer after it") {
  DnsCache cache;
  cache.store(kSrv, negative(30), kNow);
  REQUIRE(cache.find(kSrv, kNow + 29s));
  CHECK(cache.find(kSrv, kNow + 29s)->fresh());
  CHECK(cache.find(kSrv, kNow + 29s)->answer.outcome == DnsOutcome::no_such_name);
  CHECK_FALSE(cache.find(kSrv, kNow + 30s)->fresh());
}

TEST_CASE("a newer answer replaces the older, a bad one does not") {
  DnsCache cache;
  cache.store(kSrv, positive(60, 1), kNow);
  cache.store(kSrv, positive(60, 2), kNow + 1s);
  CHECK(cache.find(kSrv, kNow + 2s)->answer.servers.front().port == 2);
  cache.store(kSrv, Bytes{1, 2, 3}, kNow + 2s);
  cache.store(kSrv, DnsWriter(kSrv, DnsWriter::kAnswer | 2).bytes(), kNow + 2s);  // SERVFAIL
  CHECK(cache.find(kSrv, kNow + 3s)->answer.servers.front().port == 2);
  CHECK(cache.size() == 1);
}

TEST_CASE("a TTL of years counts as a day, one of zero is never fresh") {
  DnsCache cache;
  cache.store(kSrv, positive(0x7FFFFFFF), kNow);
  CHECK(cache.find(kSrv, kNow)->ttl_left == 24h);
  cache.store(kSrv, positive(0), kNow);
  CHECK_FALSE(cache.find(kSrv, kNow)->fresh());
}

TEST_CASE("a clock that went back makes answers stale, not young") {
  DnsCache cache;
  cache.store(kSrv, positive(60), kNow);
  const auto hit = cache.find(kSrv, kNow - 1h);
  REQUIRE(hit);
  CHECK_FALSE(hit->fresh());
  CHECK(hit->age == 0s);
}

TEST_CASE("beyond its limit the cache forgets the oldest") {
  DnsCache cache;
  for (std::size_t i = 0; i <= DnsCache::kEntriesMax; ++i) {
    cache.store(numbered(i), positive(60, 1, numbered(i)), kNow + std::chrono::milliseconds(i));
  }
  CHECK(cache.size() == DnsCache::kEntriesMax);
  CHECK_FALSE(cache.find(numbered(0), kNow));
  CHECK(cache.find(numbered(1), kNow));
  CHECK(cache.find(numbered(DnsCache::kEntriesMax), kNow));
}

TEST_CASE("a cache read back knows the same") {
  DnsCache cache;
  cache.store(kSrv, positive(60), kNow);
  cache.store(numbered(6), positive(600, 6, numbered(6)), kNow + 5s);
  const DnsQuestion nothing{"b7.zone.example", DnsType::srv};
  cache.store(nothing, DnsWriter(nothing, DnsWriter::kAnswer | 3).soa("zone.example", 9, 9).bytes(), kNow);
  const Bytes file = cache.encode();
  DnsCache copy;
  REQUIRE(copy.decode(file, kNow + 10s));
  CHECK(copy.size() == 3);
  CHECK(copy.find(kSrv, kNow + 10s)->ttl_left == 50s);
  CHECK(copy.find(numbered(6), kNow + 10s)->age == 5s);
  CHECK(copy.find(nothing, kNow + 10s)->answer.outcome == DnsOutcome::no_such_name);
  CHECK(copy.encode() == file);
}

TEST_CASE("what is too old is not read back") {
  DnsCache cache;
  cache.store(kSrv, positive(60), kNow);
  DnsCache copy;
  REQUIRE(copy.decode(cache.encode(), kNow + DnsCache::kStaleMax + 1s));
  CHECK(copy.size() == 0);
}

TEST_CASE("a damaged file is used up to the damage") {
  DnsCache cache;
  for (std::size_t i = 1; i <= 3; ++i) cache.store(numbered(i), positive(60, 1, numbered(i)), kNow + seconds(i));
  const Bytes file = cache.encode();
  const std::size_t header = 8;
  const std::size_t entry = (file.size() - header) / 3;

  for (std::size_t size = 0; size < file.size(); ++size) {  // torn anywhere
    DnsCache copy;
    const Bytes torn(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    const bool at_border = size >= header && (size - header) % entry == 0;
    CHECK(copy.decode(torn, kNow).has_value() == at_border);
    CHECK(copy.size() == (size < header ? 0 : (size - header) / entry));
  }
  for (std::size_t at = 0; at < file.size(); ++at) {  // any byte changed
    DnsCache copy;
    Bytes changed = file;
    changed[at] ^= 0x10;
    const Result<void> read = copy.decode(changed, kNow);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::kCorrupt);
    CHECK(copy.size() == (at < header ? 0 : (at - header) / entry));
  }
}

TEST_CASE("a file with a right checksum can say no more than a lying resolver") {
  // The bytes of another question's answer under this question's name.
  DnsCache cache;
  cache.store(numbered(6), positive(60, 1, numbered(6)), kNow);
  Bytes file = cache.encode();
  DnsCache copy;
  REQUIRE(copy.decode(file, kNow));
  CHECK(copy.find(numbered(6), kNow));
  CHECK_FALSE(copy.find(kSrv, kNow));
}

TEST_CASE("a file keeps to its limit and prefers what is new") {
  DnsCache cache;
  for (std::size_t i = 0; i < 200; ++i) {
    DnsWriter big(DnsQuestion{"t" + std::to_string(i), DnsType::txt});
    for (int j = 0; j < 200; ++j) {
      big.txt("t" + std::to_string(i), 60, {std::string(250, static_cast<char>('a' + j % 26)), std::to_string(j)});
    }
    cache.store({"t" + std::to_string(i), DnsType::txt}, big.bytes(), kNow + seconds(i));
  }
  REQUIRE(cache.size() == 200);
  const Bytes file = cache.encode();
  CHECK(file.size() <= DnsCache::kFileBytesMax);
  DnsCache copy;
  REQUIRE(copy.decode(file, kNow));
  CHECK(copy.find({"t199", DnsType::txt}, kNow));
  CHECK_FALSE(copy.find({"t0", DnsType::txt}, kNow));
}
