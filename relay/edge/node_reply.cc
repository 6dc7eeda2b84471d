#include "relay/edge/node_reply.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "relay/edge/http_problem.h"

namespace xylem {

namespace {

using Json = nlohmann::ordered_json;

HttpAnswer json_answer(const Json& json, std::string cache_control) {
  HttpAnswer answer;
  answer.with("Content-Type", "application/json").with("Cache-Control", std::move(cache_control));
  answer.body = SharedBytes::copy_of(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  return answer;
}

Json manifest_json(const Manifest& manifest) {
  Json json;
  json["zone_id"] = to_hex(manifest.zone_id());
  json["root_key"] = to_hex(manifest.root_key);
  json["names"] = manifest.names;
  json["serial"] = manifest.serial;
  json["buckets"] = manifest.buckets;
  json["record_version"] = manifest.record_version;
  json["issued"] = to_rfc3339(manifest.issued);
  json["grants"] = Json::array();
  for (const Grant& grant : manifest.grants) {
    Json each = {{"origin_key", to_hex(grant.origin_key)},
                 {"range", to_string(grant.range)},
                 {"epoch", grant.epoch.value},
                 {"from_seq", grant.from_seq.value}};
    if (grant.until_seq) each["until_seq"] = grant.until_seq->value;
    json["grants"].push_back(std::move(each));
  }
  json["epochs"] = Json::array();
  for (const RangeEpoch& epoch : manifest.epochs) {
    json["epochs"].push_back({{"range", to_string(epoch.range)}, {"epoch", epoch.epoch.value}});
  }
  json["origins"] = Json::array();
  for (const OriginServer& origin : manifest.origins) {
    json["origins"].push_back({{"range", to_string(origin.range)}, {"host", origin.host}, {"port", origin.port}});
  }
  json["directory_keys"] = Json::array();
  for (const PublicKey& key : manifest.directory_keys) json["directory_keys"].push_back(to_hex(key));
  return json;
}

// How far behind a bucket is, as its origin's newest beacon tells; negative numbers are clocks that differ.
Json bucket_json(const ServeContext& context, BucketFanout& fanout) {
  const LogWindow window = fanout.window();
  Json json = {{"bucket", fanout.bucket().value},
               {"epoch", window.epoch.value},
               {"floor", window.floor.value},
               {"head", window.head.value}};
  if (window.head == Seq(0)) {
    json["head_time"] = nullptr;
  } else {
    json["head_time"] = to_rfc3339(window.origin_time);
    json["age_ms"] = (context.shell.wall_time() - window.origin_time).count();
  }
  const auto bytes = context.facts->beacons.find(fanout.bucket());
  const Result<Beacon> beacon =
      bytes == context.facts->beacons.end() ? fail(ErrorCode::kNotHeld) : decode_beacon(*bytes->second);
  if (beacon && beacon->epoch == window.epoch) {
    json["lag_records"] = beacon->seq > window.head ? beacon->seq.value - window.head.value : 0;
  } else {
    json["lag_records"] = nullptr;
  }
  return json;
}

std::optional<Bucket> wanted_bucket(const HttpRequest& request) {
  const std::string* text = request.target.parameter("bucket");
  if (text == nullptr) return std::nullopt;
  std::uint16_t value = 0;
  std::from_chars(text->data(), text->data() + text->size(), value);
  return Bucket(value);
}

}  // namespace

HttpAnswer health_answer(const ServeContext& context) {
  if (context.facts->draining) return problem({ErrorCode::kDraining, ""});
  HttpAnswer answer;
  answer.with("Content-Type", "text/plain; charset=utf-8").with("Cache-Control", "no-store");
  answer.body = SharedBytes::copy_of("ok\n");
  return answer;
}

HttpAnswer zone_answer(const ServeContext& context, const HttpRequest& request) {
  const ServeFacts& facts = *context.facts;
  constexpr std::string_view kCache = "public, max-age=10";
  const std::string* format = request.target.parameter("format");
  if (format != nullptr && *format != "signed" && *format != "json") {
    return problem({ErrorCode::kBadRequest, "format is `json` or `signed`"});
  }
  if (format == nullptr || *format == "json") return json_answer(manifest_json(*facts.manifest), std::string(kCache));
  HttpAnswer answer;
  answer.with("Content-Type", "application/octet-stream").with("Cache-Control", std::string(kCache));
  answer.body = SharedBytes::view_of(*facts.manifest_bytes, facts.manifest_bytes);
  return answer;
}

HttpAnswer status_answer(ServeContext& context, const HttpRequest& request) {
  const ServeFacts& facts = *context.facts;
  Json json;
  json["node"] = facts.node_name;
  json["relay"] = facts.relay().to_string();
  json["agent"] = facts.agent;
  json["zone_id"] = to_hex(facts.zone);
  json["manifest_serial"] = facts.manifest->serial;
  json["draining"] = facts.draining;
  json["readers"] = context.node.readers();
  json["path"] = Json::array();
  for (const RelayId& relay : facts.path) json["path"].push_back(relay.to_string());
  json["owned"] = context.owned;
  json["buckets"] = Json::array();
  const std::optional<Bucket> wanted = wanted_bucket(request);
  for (const auto& fanout : context.fanouts) {
    if (wanted && fanout->bucket() != *wanted) continue;
    if (json["buckets"].size() == kStatusBucketsMax) break;
    json["buckets"].push_back(bucket_json(context, *fanout));
  }
  return json_answer(json, "no-store");
}

}  // namespace xylem
