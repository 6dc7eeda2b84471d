// A manifest as text: its source, a description for people, JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "origin/manifest/manifest_source.h"

namespace xylem {
namespace {

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", text);
  return "[" + out + "]";
}

std::vector<std::string> relay_texts(const Manifest& manifest) {
  std::vector<std::string> texts;
  for (const RelayId& relay : manifest.relays) texts.push_back(relay.to_string());
  return texts;
}

std::vector<std::string> directory_key_texts(const Manifest& manifest) {
  std::vector<std::string> texts;
  for (const PublicKey& key : manifest.directory_keys) texts.push_back(to_hex(key));
  return texts;
}

}  // namespace

std::string write_manifest_source(const Manifest& manifest) {
  std::string out = "# What the root key says about this zone. Change it, let `serial` grow, and sign it again:\n";
  out += "#   xylem-origin manifest sign --root root.key --in manifest.toml --out manifest.xylem\n";
  out += fmt::format("names = {}\nserial = {}\nbuckets = {}\n", quoted_list(manifest.names), manifest.serial,
                     manifest.buckets);
  out += fmt::format("relays = {}\ndirectory_keys = {}\n", quoted_list(relay_texts(manifest)),
                     quoted_list(directory_key_texts(manifest)));
  for (const RangeEpoch& epoch : manifest.epochs) {
    out += fmt::format("\n[[epoch]]\nrange = \"{}\"\nepoch = {}\n", to_string(epoch.range), epoch.epoch.value);
  }
  for (const Grant& grant : manifest.grants) {
    out += fmt::format("\n[[grant]]\nkey = \"{}\"\nrange = \"{}\"\nepoch = {}\nfrom = {}\n", to_hex(grant.origin_key),
                       to_string(grant.range), grant.epoch.value, grant.from_seq.value);
    if (grant.until_seq) out += fmt::format("until = {}\n", grant.until_seq->value);
  }
  for (const OriginServer& origin : manifest.origins) {
    out += fmt::format("\n[[origin]]\nrange = \"{}\"\nhost = \"{}\"\nport = {}\n", to_string(origin.range), origin.host,
                       origin.port);
  }
  for (const EpochStart& start : manifest.epoch_starts) {
    out += fmt::format("\n[[epoch_start]]\nbucket = {}\nepoch = {}\nlast_seq = {}\nhead = \"{}\"\n", start.bucket.value,
                       start.epoch.value, start.last_seq.value, to_hex(start.head));
  }
  return out;
}

std::string describe_manifest(const Manifest& manifest) {
  std::string out =
      fmt::format("zone id   {}\nnames     {}\nserial    {}, signed {}\nbuckets   {}\n", to_hex(manifest.zone_id()),
                  fmt::join(manifest.names, ", "), manifest.serial, to_rfc3339(manifest.issued), manifest.buckets);
  for (const RangeEpoch& epoch : manifest.epochs) {
    out += fmt::format("epoch     {:<9} {} ({})\n", to_string(epoch.range), epoch.epoch.value,
                       to_rfc3339(from_ms(epoch.epoch.value)));
  }
  for (const Grant& grant : manifest.grants) {
    out += fmt::format("grant     {:<9} key {} epoch {} from seq {} {}\n", to_string(grant.range),
                       to_hex(key_id_of(grant.origin_key)), grant.epoch.value, grant.from_seq.value,
                       grant.until_seq ? fmt::format("until {}", grant.until_seq->value) : "open");
  }
  for (const OriginServer& origin : manifest.origins) {
    out += fmt::format("origin    {:<9} {}:{}\n", to_string(origin.range), origin.host, origin.port);
  }
  for (const EpochStart& start : manifest.epoch_starts) {
    out += fmt::format("before    bucket {} epoch {} follows seq {}\n", start.bucket.value, start.epoch.value,
                       start.last_seq.value);
  }
  out +=
      fmt::format("relays    {}\n",
                  manifest.relays.empty() ? "none named" : fmt::format("{}", fmt::join(relay_texts(manifest), ", ")));
  return out;
}

std::string manifest_json(const Manifest& manifest) {
  using nlohmann::json;
  json out{{"zone_id", to_hex(manifest.zone_id())},
           {"names", manifest.names},
           {"serial", manifest.serial},
           {"buckets", manifest.buckets},
           {"issued", to_rfc3339(manifest.issued)},
           {"relays", relay_texts(manifest)},
           {"directory_keys", directory_key_texts(manifest)}};
  out["epochs"] = json::array();
  for (const RangeEpoch& epoch : manifest.epochs) {
    out["epochs"].push_back({{"range", to_string(epoch.range)}, {"epoch", epoch.epoch.value}});
  }
  out["grants"] = json::array();
  for (const Grant& grant : manifest.grants) {
    json entry{{"key", to_hex(grant.origin_key)},
               {"key_id", to_hex(key_id_of(grant.origin_key))},
               {"range", to_string(grant.range)},
               {"epoch", grant.epoch.value},
               {"from", grant.from_seq.value}};
    if (grant.until_seq) entry["until"] = grant.until_seq->value;
    out["grants"].push_back(std::move(entry));
  }
  out["origins"] = json::array();
  for (const OriginServer& origin : manifest.origins) {
    out["origins"].push_back({{"range", to_string(origin.range)}, {"host", origin.host}, {"port", origin.port}});
  }
  return out.dump(2) + "\n";
}

}  // namespace xylem
