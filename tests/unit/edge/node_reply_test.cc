// What a node says about itself.
#include <nlohmann/json.hpp>

#include "tests/unit/edge/web_reader.h"

namespace xylem {

TEST_CASE("A node that works is healthy, one that drains is not", "[edge]") {
  Serving world;
  world.start(make_http_session);
  WebReader reader(world);
  const WebAnswer well = reader.get("/healthz");
  CHECK(well.status == 200);
  CHECK(well.body == "ok\n");
  world.facts.draining = true;
  world.set_facts();
  CHECK(reader.get("/healthz").status == 503);
  CHECK(reader.connection.link->closed);  // with its answer
}

TEST_CASE("The zone as JSON, and as the bytes that were signed", "[edge]") {
  Serving world;
  world.start(make_http_session);
  WebReader reader(world);
  const WebAnswer answer = reader.get("/v1/zone");
  CHECK(answer.status == 200);
  const auto json = nlohmann::json::parse(answer.body);
  CHECK(json["zone_id"] == to_hex(world.zone.id));
  CHECK(json["buckets"] == 12);
  CHECK(json["serial"] == 1);
  CHECK(json["grants"][0]["range"] == "1-12");
  const WebAnswer raw = reader.get("/v1/zone?format=signed");
  CHECK(raw["Content-Type"] == "application/octet-stream");
  CHECK(as_bytes(raw.body).size() == world.facts.manifest_bytes->size());
  CHECK(std::ranges::equal(as_bytes(raw.body), *world.facts.manifest_bytes));
  CHECK(reader.get("/v1/zone?format=xml").status == 400);
}

TEST_CASE("The status tells name, path, readers and where each bucket stands", "[edge]") {
  Serving world;
  world.five.maker.open(kFeed);
  world.five.maker.batch(kFeed);
  world.five.publish();
  Beacon beacon;
  beacon.bucket = kBucket;
  beacon.epoch = kSampleEpoch;
  beacon.seq = Seq(5);
  world.facts.beacons[kBucket] = std::make_shared<Bytes>(sign_beacon(beacon, world.zone.origin, world.zone.id));
  world.start(make_http_session);
  WebReader reader(world);
  const auto json = nlohmann::json::parse(reader.get("/v1/status").body);
  CHECK(json["node"] == "5-6.distributed.example");
  CHECK(json["relay"] == world.facts.relay().to_string());
  CHECK(json["readers"] == 7);
  CHECK(json["path"].size() == 2);
  REQUIRE(json["buckets"].size() == 2);
  CHECK(json["buckets"][0]["bucket"] == 5);
  CHECK(json["buckets"][0]["floor"] == 1);
  CHECK(json["buckets"][0]["head"] == 2);
  CHECK(json["buckets"][0]["lag_records"] == 3);
  CHECK(json["buckets"][0]["age_ms"] == 60'000 - 10);
  CHECK(json["buckets"][1]["head"] == 0);
  CHECK(json["buckets"][1]["head_time"].is_null());
  CHECK(json["buckets"][1]["lag_records"].is_null());
  const auto one = nlohmann::json::parse(reader.get("/v1/status?bucket=6").body);
  REQUIRE(one["buckets"].size() == 1);
  CHECK(one["buckets"][0]["bucket"] == 6);
}

}  // namespace xylem
