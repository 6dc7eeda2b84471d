#include "client/discovery/zone_record.h"

#include <catch2/catch.hpp>
#include <cctype>

#include "proto/limits.h"

using namespace xylem;

namespace {

const std::string kId = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string kGood = "v=xylem1 n=12 id=" + kId;

Result<ZoneRecord> parse(std::vector<std::string> texts) { return parse_zone_record(texts); }

std::string refused(std::vector<std::string> texts) {
  const Result<ZoneRecord> record = parse(std::move(texts));
  REQUIRE_FALSE(record);
  CHECK(record.error().code == ErrorCode::kDns);
  return record.error().detail;
}

}  // namespace

TEST_CASE("a zone record says how many buckets and which zone") {
  const Result<ZoneRecord> record = parse({kGood});
  REQUIRE(record);
  CHECK(record->bucket_count == 12);
  CHECK(to_hex(record->id) == kId);
  CHECK(record->to_string() == kGood);
}

TEST_CASE("other texts at the name, unknown keys, order and spaces do not matter") {
  const ZoneRecord good = *parse({kGood});
  CHECK(*parse({"v=spf1 -all", kGood, "v=xylem10 n=1", "xv=xylem1"}) == good);
  CHECK(*parse({"v=xylem1  id=" + kId + " color=blue n=12 flag "}) == good);
  std::string upper = kId;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  CHECK(*parse({"v=xylem1 n=12 id=" + upper}) == good);
  CHECK(parse({"v=xylem1 n=1 id=" + kId})->bucket_count == 1);
  CHECK(parse({"v=xylem1 n=65535 id=" + kId})->bucket_count == 65'535);
}

TEST_CASE("none or more than one zone record is refused") {
  CHECK(refused({}) == "the zone's TXT record is missing: no TXT record begins with \"v=xylem1\"");
  CHECK(refused({"v=spf1 -all"}) == "the zone's TXT record is missing: no TXT record begins with \"v=xylem1\"");
  CHECK(refused({kGood, "v=xylem1"}) == "the zone's TXT record is there more than once");
}

TEST_CASE("a wrong number of buckets is refused") {
  for (const char* n : {"0", "65536", "-1", "+1", "012", "12x", "", "1.5", "99999999999999999999"}) {
    INFO(n);
    CHECK(refused({"v=xylem1 n=" + std::string(n) + " id=" + kId}) ==
          "the zone's TXT record has an n that is not a number from 1 to 65535");
  }
}

TEST_CASE("a wrong zone id is refused") {
  for (const std::string& id : {std::string(), kId + "00", kId.substr(2), "g" + kId.substr(1), kId.substr(1)}) {
    INFO(id);
    CHECK(refused({"v=xylem1 n=12 id=" + id}) == "the zone's TXT record has an id that is not 64 hex digits");
  }
}

TEST_CASE("missing and doubled keys and overlong texts are refused") {
  CHECK(refused({"v=xylem1"}) == "the zone's TXT record does not say n, the number of buckets");
  CHECK(refused({"v=xylem1 n=12"}) == "the zone's TXT record does not say id, the zone id");
  CHECK(refused({kGood + " n=12"}) == "the zone's TXT record says n twice");
  CHECK(refused({kGood + " id=" + kId}) == "the zone's TXT record says id twice");
  const std::string longest = kGood + " " + std::string(kZoneTxtBytesMax - kGood.size() - 1, 'x');
  CHECK(parse({longest}));
  CHECK(refused({longest + "x"}) == "the zone's TXT record is longer than 1000 bytes");
}
