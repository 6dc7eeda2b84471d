#include "proto/notice.h"

#include "proto/field_reader.h"
#include "proto/limits.h"
#include "proto/text.h"
#include "proto/wire.pb.h"

namespace xylem {
namespace {

constexpr std::uint64_t kTtlSecondsMax = kTimestampMax / 1000;

std::string to_field(ByteView bytes) { return std::string(as_text(bytes)); }

// --- Rules that a notice obeys, whoever made it.

void check(const OpenNotice& open, FieldReader& read) {
  read.require(valid_text(open.name, kFeedNameBytesMax), "name of the feed");
  read.require(valid_text(open.content_type, kContentTypeBytesMax) && !open.content_type.empty(), "content type");
  read.require(open.view.empty() || valid_token(open.view, kViewBytesMax), "view");
  read.require(!open.expires || (*open.expires > Timestamp{} && to_ms(*open.expires) <= kTimestampMax), "expires");
  read.require(!open.ttl || (open.ttl->count() > 0 && static_cast<std::uint64_t>(open.ttl->count()) <= kTtlSecondsMax),
               "ttl");
  read.require(!open.expires || !open.ttl, "either expires or ttl");
}

void check(const CloseNotice& close, FieldReader& read) { read.position(close.last.value, "last version"); }

void check(const ExpireNotice& expire, FieldReader& read) {
  read.require(expire.at >= Timestamp{} && to_ms(expire.at) <= kTimestampMax, "time of expiry");
}

void check(const EraseNotice&, FieldReader&) {}

void check(const SnapshotNotice& snapshot, FieldReader& read) {
  read.require(snapshot.at.value > 0, "version of the snapshot");
  read.position(snapshot.at.value, "version of the snapshot");
  read.require(valid_token(snapshot.reducer, kReducerBytesMax), "reducer");
  read.require(snapshot.body_bytes <= kSnapshotBytesMax, "size of the snapshot");
}

void check(const RedactionNotice& redaction, FieldReader& read) {
  read.require(redaction.whole_feed == redaction.versions.empty(), "either the whole feed or versions");
  if (!read.fits(redaction.versions.size(), kRedactionRunsMax, "runs of versions")) return;
  Version end;
  for (const VersionRun& run : redaction.versions) {
    read.require(end < run.first && run.first <= run.last, "runs of versions in ascending order");
    read.position(run.last.value, "version");
    end = run.last;
  }
}

// --- From and to the messages.

OpenNotice from_wire(const wire::Open& message, FieldReader& read) {
  OpenNotice open;
  open.name = message.name();
  open.content_type = message.content_type();
  open.view = message.view();
  if (message.expires_ms() > 0) open.expires = read.time(message.expires_ms(), "expires");
  if (message.ttl_s() > 0) {
    read.require(message.ttl_s() <= kTtlSecondsMax, "ttl");
    open.ttl = std::chrono::seconds(static_cast<std::int64_t>(std::min(message.ttl_s(), kTtlSecondsMax)));
  }
  open.reason =
      read.enumerator(message.reason(), OpenNotice::Reason::created, OpenNotice::Reason::reset, "reason of open");
  return open;
}

CloseNotice from_wire(const wire::Close& message, FieldReader&) { return {.last = Version(message.last())}; }

ExpireNotice from_wire(const wire::Expire& message, FieldReader& read) {
  return {.at = read.time(message.at_ms(), "time of expiry")};
}

EraseNotice from_wire(const wire::Erase&, FieldReader&) { return {}; }

SnapshotNotice from_wire(const wire::Snapshot& message, FieldReader& read) {
  return {.at = Version(message.at()),
          .batch_link = read.array<32>(message.batch_link(), "batch link"),
          .reducer = message.reducer(),
          .body_hash = read.array<32>(message.body_hash(), "hash of the snapshot"),
          .body_bytes = message.body_bytes()};
}

RedactionNotice from_wire(const wire::Redaction& message, FieldReader& read) {
  RedactionNotice redaction;
  redaction.whole_feed = message.whole_feed();
  redaction.reason =
      read.enumerator(message.reason(), RedactionReason::legal, RedactionReason::other, "reason of redaction");
  if (!read.fits(static_cast<std::size_t>(message.versions_size()), kRedactionRunsMax, "runs of versions")) {
    return redaction;
  }
  for (const wire::Redaction::Run& run : message.versions()) {
    redaction.versions.push_back({Version(run.first()), Version(run.last())});
  }
  return redaction;
}

wire::Open to_wire(const OpenNotice& open) {
  wire::Open message;
  message.set_name(open.name);
  message.set_content_type(open.content_type);
  message.set_view(open.view);
  if (open.expires) message.set_expires_ms(to_ms(*open.expires));
  if (open.ttl) message.set_ttl_s(static_cast<std::uint64_t>(open.ttl->count()));
  message.set_reason(static_cast<std::uint32_t>(open.reason));
  return message;
}

wire::Close to_wire(const CloseNotice& close) {
  wire::Close message;
  message.set_last(close.last.value);
  return message;
}

wire::Expire to_wire(const ExpireNotice& expire) {
  wire::Expire message;
  message.set_at_ms(to_ms(expire.at));
  return message;
}

wire::Erase to_wire(const EraseNotice&) { return {}; }

wire::Snapshot to_wire(const SnapshotNotice& snapshot) {
  wire::Snapshot message;
  message.set_at(snapshot.at.value);
  message.set_batch_link(to_field(snapshot.batch_link));
  message.set_reducer(snapshot.reducer);
  message.set_body_hash(to_field(snapshot.body_hash));
  message.set_body_bytes(snapshot.body_bytes);
  return message;
}

wire::Redaction to_wire(const RedactionNotice& redaction) {
  wire::Redaction message;
  message.set_whole_feed(redaction.whole_feed);
  for (const VersionRun& run : redaction.versions) {
    wire::Redaction::Run* out = message.add_versions();
    out->set_first(run.first.value);
    out->set_last(run.last.value);
  }
  message.set_reason(static_cast<std::uint32_t>(redaction.reason));
  return message;
}

template <typename Message>
Result<Notice> decode(ByteView payload) {
  Message message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return fail(ErrorCode::kBadPayload, "a notice is no Protocol Buffers message");
  }
  FieldReader read(ErrorCode::kBadPayload);
  const auto notice = from_wire(message, read);
  check(notice, read);
  if (!read.ok()) return fail(ErrorCode::kBadPayload, read.error().detail);
  return notice;
}

}  // namespace

RecordType record_type_of(const Notice& notice) {
  struct {
    RecordType operator()(const OpenNotice&) const { return RecordType::open; }
    RecordType operator()(const CloseNotice&) const { return RecordType::close; }
    RecordType operator()(const ExpireNotice&) const { return RecordType::expire; }
    RecordType operator()(const EraseNotice&) const { return RecordType::erase; }
    RecordType operator()(const SnapshotNotice&) const { return RecordType::snapshot; }
    RecordType operator()(const RedactionNotice&) const { return RecordType::redaction; }
  } type;
  return std::visit(type, notice);
}

Result<void> check_notice(const Notice& notice) {
  FieldReader read(ErrorCode::kBadPayload);
  std::visit([&](const auto& kind) { check(kind, read); }, notice);
  if (!read.ok()) return fail(ErrorCode::kBadPayload, read.error().detail);
  return {};
}

Bytes encode_notice(const Notice& notice) {
  XYLEM_ASSERT(check_notice(notice));
  const std::string bytes = std::visit([](const auto& kind) { return to_wire(kind).SerializeAsString(); }, notice);
  const ByteView view = as_bytes(bytes);
  return {view.begin(), view.end()};
}

Result<Notice> decode_notice(RecordType type, ByteView payload) {
  const std::size_t bytes_max = type == RecordType::snapshot ? kSnapshotNoticeBytesMax : kNoticeBytesMax;
  if (payload.size() > bytes_max) return fail(ErrorCode::kBadPayload, "larger than a notice may be");
  switch (type) {
    case RecordType::batch:
      return fail(ErrorCode::kBadPayload, "a batch is no notice");
    case RecordType::open:
      return decode<wire::Open>(payload);
    case RecordType::close:
      return decode<wire::Close>(payload);
    case RecordType::expire:
      return decode<wire::Expire>(payload);
    case RecordType::erase:
      return decode<wire::Erase>(payload);
    case RecordType::snapshot:
      return decode<wire::Snapshot>(payload);
    case RecordType::redaction:
      return decode<wire::Redaction>(payload);
  }
  return fail(ErrorCode::kBadPayload, "unknown type of notice");
}

}  // namespace xylem
