#include "relay/node/relay_options.h"

#include "client/logging/log.h"

namespace xylem {

void add_serving_options(OptionTable& table, ServingSettings& settings) {
  table.text("data", &settings.data, "FOLDER", "where logs, identity and everything else of this node is kept")
      .required();
  table.text("listen", &settings.listen, "ADDRESS:PORT", "serve readers and relays here; port 0 takes a free one");
  table.texts("advertise", &settings.advertise, "HOST:PORT",
              "name under which others dial this node; its identity signs no other");
  table.number("threads", &settings.threads, "N", "serving threads; 0 = one for each core", 0, 256);
  table.bytes("memory", &settings.memory_bytes, "keep so much of the newest records in memory");
  table.texts("relay", &settings.relays, "ID", "a relay that may stand below this node, or: any");
  table.group("Content");
  table.texts("deny", &settings.deny, "FEED", "do not serve this feed (its records pass on as withheld)");
  table.text("abuse-contact", &settings.abuse_contact, "TEXT",
             "who answers for what this node serves; shown where a feed is denied");
  table.group("Running");
  table.text("ready-file", &settings.ready_file, "FILE",
             "write addresses and ids here, as JSON, once this node serves");
  table.choice("log-level", &settings.log_level, {"debug", "info", "warning", "error"}, "least level that is logged");
  table.choice("log-format", &settings.log_format, {"human", "json"}, "form of the log on stderr");
}

Result<void> apply_log_settings(const ServingSettings& settings) {
  auto level = parse_log_level(settings.log_level);
  if (!level) return fail(level.error());
  configure_log(*level, settings.log_format == "json" ? LogFormat::json : LogFormat::human);
  return {};
}

void add_relay_options(OptionTable& table, RelaySettings& settings) {
  table.group("Place");
  table.text("zone", &settings.zone, "ZONE", "DNS name of the zone").required();
  table.text("bucket", &settings.bucket, "RANGE",
             "bucket or buckets to carry, for example 5 or 4-6; the place follows from DNS");
  table.text("name", &settings.name, "NAME", "place of an inner node, for example 4-6.1-6; instead of --bucket");
  table.text("zone-id", &settings.zone_id, "HEX",
             "the zone's id, from a source you trust; else DNS tells it at first start, and it stays");
  table.text("dns", &settings.dns, "HOST:PORT", "ask this DNS server").environment("XYLEM_DNS");
  table.texts("upstream", &settings.upstream, "HOST:PORT", "get data from here, instead of asking DNS");
  table.toggle("allow-private", &settings.allow_private, "also dial private and loopback addresses that DNS names");
  table.group("Node");
  add_serving_options(table, settings.serving);
  table.group("Limits");
  table.bytes("disk", &settings.disk_bytes, "never use more disk than this for logs; the oldest records go first");
  table.toggle("archive", &settings.archive,
               "keep everything; refuse to start on damaged files instead of fetching again");
  table.epilogue(
      "Example: xylem-relay --zone distributed.example --bucket 5 --data /var/lib/xylem --listen 0.0.0.0:7411\n"
      "         xylem-relay fsck FOLDER    checks a log, signatures included\n"
      "         xylem-relay id --data FOLDER    prints this relay's id");
}

Result<void> check_relay_settings(const RelaySettings& settings) {
  if (settings.bucket.empty() == settings.name.empty()) {
    return fail(ErrorCode::kUsage, "exactly one of --bucket and --name says where this relay stands");
  }
  if (settings.archive && settings.disk_bytes != 0) {
    return fail(ErrorCode::kUsage, "--archive keeps everything and --disk drops the oldest: choose one");
  }
  if (!settings.upstream.empty() && settings.zone_id.empty()) {
    return fail(ErrorCode::kUsage, "--upstream goes without DNS, so --zone-id must say which zone is meant");
  }
  return {};
}

}  // namespace xylem
