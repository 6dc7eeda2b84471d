#include "tests/vectors/describe.h"

#include "tests/vectors/describer.h"

namespace xylem::example {
namespace {

std::string_view name_of(RecordType type) {
  switch (type) {
    case RecordType::batch:
      return "batch";
    case RecordType::open:
      return "open";
    case RecordType::close:
      return "close";
    case RecordType::expire:
      return "expire";
    case RecordType::erase:
      return "erase";
    case RecordType::snapshot:
      return "snapshot";
    case RecordType::redaction:
      return "redaction";
  }
  return "?";
}

std::string_view name_of(RecordForm form) {
  switch (form) {
    case RecordForm::full:
      return "full";
    case RecordForm::elided:
      return "elided";
    case RecordForm::withheld:
      return "withheld";
  }
  return "?";
}

void put(Describer out, const DecodedHeader& decoded) {
  const RecordHeader& header = decoded.header;
  out.text("type", name_of(header.type));
  out.text("codec", header.codec == Codec::stored ? "stored" : "zstd");
  out.number("extension_bytes", decoded.extensions.size());
  out.number("event_count", header.event_count);
  out.number("epoch", header.epoch.value);
  out.number("seq", header.seq.value);
  out.number("feed", header.feed.value);
  out.number("feed_epoch", header.feed_epoch.value);
  out.number("first_version", header.first_version.value);
  out.time("origin_time", header.origin_time);
  out.number("wire_bytes", header.wire_bytes);
  out.number("plain_bytes", header.plain_bytes);
  out.hex("key_id", header.key_id);
  out.hex("prev_record", header.prev_record);
  out.hex("prev_batch", header.prev_batch);
  out.hex("wire_sha256", header.wire_sha256);
  out.hex("payload_root", header.payload_root);
  out.hex("signature", decoded.signature);
  out.hex("link", link_of(decoded));
  std::size_t count = 0;
  const std::vector<ProducerMark> marks = find_producer_marks(decoded.extensions).value();
  for (const ProducerMark& mark : marks) {
    Describer producer = out.within("producer", ++count);
    producer.hex("id_hash", mark.id_hash);
    producer.number("epoch", mark.producer_epoch);
    producer.number("last_seq", mark.last_seq);
    producer.number("last_version", mark.last_version.value);
    producer.number("events", mark.events);
  }
}

void put_events(Describer out, const RecordView& record) {
  if (record.form == RecordForm::elided) {
    const ElidedBody elided = decode_elided(record.body, record.header().event_count).value();
    for (const Seq seq : elided.redactions) out.number("redaction", seq.value);
  }
  const OpenedBatch batch = open_batch(record).value();
  if (record.form == RecordForm::full) out.hex("salt", ByteView(batch.plain).first(sizeof(Salt)));
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    Describer event = out.within("version", record.header().first_version.value + i);
    if (!batch.items[i]) {
      event.text("is", "removed");
      continue;
    }
    event.time("time", batch.items[i]->time);
    event.text("kind", batch.items[i]->kind);
    event.text("details", as_text(batch.items[i]->details));
  }
}

// --- notices

void put(Describer out, const OpenNotice& open) {
  out.text("name", open.name);
  out.text("content_type", open.content_type);
  out.text("view", open.view);
  if (open.expires) out.time("expires", *open.expires);
  if (open.ttl) out.number("ttl_s", static_cast<std::uint64_t>(open.ttl->count()));
  out.number("reason", static_cast<std::uint64_t>(open.reason));
}
void put(Describer out, const CloseNotice& close) { out.number("last", close.last.value); }
void put(Describer out, const ExpireNotice& expire) { out.time("at", expire.at); }
void put(Describer, const EraseNotice&) {}
void put(Describer out, const SnapshotNotice& snapshot) {
  out.number("at", snapshot.at.value);
  out.hex("batch_link", snapshot.batch_link);
  out.text("reducer", snapshot.reducer);
  out.hex("body_hash", snapshot.body_hash);
  out.number("body_bytes", snapshot.body_bytes);
}
void put(Describer out, const RedactionNotice& redaction) {
  if (redaction.whole_feed) out.text("versions", "all");
  for (const VersionRun& run : redaction.versions) {
    out.text("versions", fmt::format("{} to {}", run.first.value, run.last.value));
  }
  out.number("reason", static_cast<std::uint64_t>(redaction.reason));
}

}  // namespace

Values describe(const RecordView& record) {
  Values values;
  Describer out(values);
  out.text("form", name_of(record.form));
  put(out, record.decoded);
  if (record.form == RecordForm::withheld) return values;
  if (record.header().is_batch()) {
    put_events(out, record);
  } else {
    std::visit([&](const auto& notice) { put(out, notice); }, open_notice(record).value());
  }
  return values;
}

Values describe(const Notice& notice) {
  Values values;
  std::visit([&](const auto& kind) { put(Describer(values), kind); }, notice);
  return values;
}

Values describe(const Manifest& manifest) {
  Values values;
  Describer out(values);
  out.hex("root_key", manifest.root_key);
  out.hex("zone_id", manifest.zone_id());
  for (const std::string& name : manifest.names) out.text("name", name);
  out.number("serial", manifest.serial);
  out.number("buckets", manifest.buckets);
  out.number("record_version", manifest.record_version);
  out.time("issued", manifest.issued);
  for (std::size_t i = 0; i < manifest.grants.size(); ++i) {
    const Grant& grant = manifest.grants[i];
    Describer each = out.within("grant", i + 1);
    each.hex("origin_key", grant.origin_key);
    each.text("range", to_string(grant.range));
    each.number("epoch", grant.epoch.value);
    each.number("from_seq", grant.from_seq.value);
    each.text("until_seq", grant.until_seq ? fmt::format("{}", grant.until_seq->value) : "open");
  }
  for (const RangeEpoch& epoch : manifest.epochs) {
    out.text("epoch", fmt::format("{} of {}", epoch.epoch.value, to_string(epoch.range)));
  }
  for (std::size_t i = 0; i < manifest.epoch_starts.size(); ++i) {
    const EpochStart& start = manifest.epoch_starts[i];
    Describer each = out.within("epoch_start", i + 1);
    each.number("bucket", start.bucket.value);
    each.number("epoch", start.epoch.value);
    each.number("last_seq", start.last_seq.value);
    each.hex("head", start.head);
  }
  for (const PublicKey& key : manifest.directory_keys) out.hex("directory_key", key);
  for (const OriginServer& origin : manifest.origins) {
    out.text("origin", fmt::format("{} at {} port {}", to_string(origin.range), origin.host, origin.port));
  }
  for (const RelayId& relay : manifest.relays) out.text("relay", relay.to_string());
  return values;
}

Values describe(const Directory& directory) {
  Values values;
  Describer out(values);
  out.number("serial", directory.serial);
  out.time("issued", directory.issued);
  for (std::size_t i = 0; i < directory.relays.size(); ++i) {
    const DirectoryRelay& relay = directory.relays[i];
    Describer each = out.within("relay", i + 1);
    each.text("id", relay.id().to_string());
    each.hex("key", relay.key);
    each.text("host", relay.host);
    each.number("port", relay.port);
    for (const BucketRange range : relay.ranges) each.text("range", to_string(range));
    each.time("not_after", relay.not_after);
  }
  return values;
}

Values describe(const Beacon& beacon) {
  Values values;
  Describer out(values);
  out.number("bucket", beacon.bucket.value);
  out.hex("key_id", beacon.key_id);
  out.number("epoch", beacon.epoch.value);
  out.number("seq", beacon.seq.value);
  out.hex("head", beacon.head);
  out.time("time", beacon.time);
  out.number("manifest_serial", beacon.manifest_serial);
  out.hex("signature", beacon.signature);
  return values;
}

std::string to_lines(const Values& values) {
  std::string lines;
  for (const auto& [name, value] : values)
    lines += value.empty() ? name + " =\n" : fmt::format("{} = {}\n", name, value);
  return lines;
}

}  // namespace xylem::example
