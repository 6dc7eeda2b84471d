// Records that no origin of ours would make: any header, any payload, any reserved byte, yet signed and with a right
// CRC, so that a receiver can refuse them only for what is wrong with them.
#pragma once

#include <functional>

#include "proto/record.h"

namespace xylem::example {

struct Forgery {
  RecordHeader header;
  Bytes extensions;
  Bytes body;  // payload as sent, or elided form
  RecordForm form = RecordForm::full;
  // Changes the 224 bytes of the header that are signed, right before that.
  std::function<void(Bytes&)> before_signing;
  // Changes the envelope's body (header, signature, extensions, payload) right before the CRC is made.
  std::function<void(Bytes&)> after_signing;
};

// A batch with one event, the first record of its feed and bucket, all its hashes right.
Forgery sound_batch();
// The same record around another payload: sizes and hashes follow.
void put_payload(Forgery& forgery, const Bytes& plain, std::uint16_t event_count);
void put_notice(Forgery& forgery, RecordType type, const Bytes& payload);

Bytes forge(const Forgery& forgery, const SigningKey& key, const ZoneId& zone);
Bytes forge(const Forgery& forgery);  // by the key of buckets 1-6, in the example's zone

}  // namespace xylem::example
