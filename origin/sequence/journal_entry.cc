#include "origin/sequence/journal_entry.h"

namespace xylem {
namespace {

constexpr std::uint8_t kAppendKind = 1;
constexpr std::uint8_t kOpens = 1;
constexpr std::uint8_t kHasProducer = 2;
constexpr std::size_t kEventOverheadBytes = 4 + 8 + 1;

void write_text(ByteWriter& out, std::string_view text) {
  out.u16(static_cast<std::uint16_t>(text.size()));
  out.bytes(as_bytes(text));
}

std::string read_text(ByteReader& in) {
  const std::size_t size = in.u16();
  return std::string(as_text(in.bytes(size)));
}

AcceptedEvent read_event(ByteReader& in) {
  ByteReader body(in.bytes(in.u32()));
  AcceptedEvent event;
  event.time = from_ms(body.u64());
  event.kind = as_text(body.bytes(body.u8()));
  event.details.assign(body.rest().begin(), body.rest().end());
  return event;
}

}  // namespace

Bytes encode_journal_entry(const JournalEntry& entry) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.u8(kAppendKind);
  out.u64(entry.feed.value);
  out.u64(entry.feed_epoch.value);
  out.u64(to_ms(entry.accepted));
  out.u64(entry.first_version.value);
  out.u8(static_cast<std::uint8_t>((entry.opening ? kOpens : 0) | (entry.producer ? kHasProducer : 0)));
  if (entry.opening) {
    write_text(out, entry.opening->name);
    write_text(out, entry.opening->content_type);
    write_text(out, entry.opening->view);
  }
  if (entry.producer) {
    write_text(out, entry.producer->id);
    out.u64(entry.producer->epoch);
    out.u64(entry.producer->seq);
    out.u32(entry.taken_before);
  }
  out.u32(static_cast<std::uint32_t>(entry.events.size()));
  for (const AcceptedEvent& event : entry.events) {
    out.u32(static_cast<std::uint32_t>(encoded_event_bytes(event.kind.size(), event.details.size())));
    out.u64(to_ms(event.time));
    out.u8(static_cast<std::uint8_t>(event.kind.size()));
    out.bytes(as_bytes(event.kind));
    out.bytes(event.details);
  }
  return bytes;
}

Result<JournalEntry> decode_journal_entry(ByteView bytes) {
  ByteReader in(bytes);
  if (in.u8() != kAppendKind) return fail(ErrorCode::kCorrupt, "journal entry of an unknown kind");
  JournalEntry entry;
  entry.feed = FeedId(in.u64());
  entry.feed_epoch = FeedEpoch(in.u64());
  entry.accepted = from_ms(in.u64());
  entry.first_version = Version(in.u64());
  const std::uint8_t flags = in.u8();
  if ((flags & kOpens) != 0) {
    entry.opening.emplace();
    entry.opening->name = read_text(in);
    entry.opening->content_type = read_text(in);
    entry.opening->view = read_text(in);
  }
  if ((flags & kHasProducer) != 0) {
    entry.producer.emplace();
    entry.producer->id = read_text(in);
    entry.producer->epoch = in.u64();
    entry.producer->seq = in.u64();
    entry.taken_before = in.u32();
  }
  const std::uint32_t count = in.u32();
  if (count > in.rest().size() / kEventOverheadBytes) return fail(ErrorCode::kCorrupt, "journal entry is cut short");
  entry.events.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) entry.events.push_back(read_event(in));
  if (!in.done() || count == 0) return fail(ErrorCode::kCorrupt, "journal entry does not end where it should");
  return entry;
}

}  // namespace xylem
