#include "tests/vectors/forge.h"

#include "tests/vectors/example_zone.h"

namespace xylem::example {

Forgery sound_batch() {
  Forgery forgery;
  RecordHeader& header = forgery.header;
  header.epoch = kEpoch;
  header.seq = Seq(1);
  header.feed = kFeed;
  header.feed_epoch = kFeedEpoch;
  header.first_version = Version(1);
  header.origin_time = from_ms(kEpochMs + 1000);
  put_payload(forgery, encode_events(salt_of(0x20), events_of_batch_2()), 1);
  return forgery;
}

void put_payload(Forgery& forgery, const Bytes& plain, std::uint16_t event_count) {
  RecordHeader& header = forgery.header;
  header.event_count = event_count;
  header.plain_bytes = header.wire_bytes = static_cast<std::uint32_t>(plain.size());
  header.wire_sha256 = sha256(plain);
  header.payload_root = payload_root_of(plain, event_count).value_or(Hash256{});
  forgery.body = plain;
}

void put_notice(Forgery& forgery, RecordType type, const Bytes& payload) {
  put_payload(forgery, payload, 0);
  forgery.header.type = type;
  forgery.header.first_version = Version(0);
  forgery.header.payload_root = notice_root_of(payload);
}

Bytes forge(const Forgery& forgery, const SigningKey& key, const ZoneId& zone) {
  RecordHeader header = forgery.header;
  header.key_id = key.key_id();
  const auto encoded = encode_signed_header(header, forgery.extensions.size());
  Bytes signed_bytes(encoded.begin(), encoded.end());
  if (forgery.before_signing) forgery.before_signing(signed_bytes);

  Bytes body = signed_bytes;
  ByteWriter out(body);
  out.bytes(key.sign(kDomainRecord, zone, {signed_bytes, forgery.extensions}));
  out.bytes(forgery.extensions);
  out.bytes(forgery.body);
  if (forgery.after_signing) forgery.after_signing(body);
  Bytes frame;
  append_frame(frame, FrameType::record, forgery.form, body);
  return frame;
}

Bytes forge(const Forgery& forgery) { return forge(forgery, origin_key(), zone()); }

}  // namespace xylem::example
