#include "origin/sequence/producer_table.h"

#include <algorithm>
#include <cstring>

#include "proto/crc32c.h"

namespace xylem {
namespace {

// Checkpoint: "XYLP" | u32 version | u32 buckets | (u16 bucket | u64 seq) … | u64 producers | state … | u32 CRC-32C
constexpr std::uint32_t kMagic = 0x58594C50;
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kStateBytes = 8 + 16 + 8 + 8 + 8 + 4 + 1 + 8;

}  // namespace

ProducerHash producer_hash(std::string_view id) {
  const Hash256 whole = sha256(as_bytes(id));
  ProducerHash hash{};
  std::copy_n(whole.begin(), hash.size(), hash.begin());
  return hash;
}

std::size_t ProducerTable::KeyHash::operator()(const Key& key) const noexcept {
  std::uint64_t start = 0;
  std::memcpy(&start, key.id.data(), sizeof start);
  return std::hash<FeedId>()(key.feed) ^ static_cast<std::size_t>(start);
}

const ProducerState* ProducerTable::find(FeedId feed, const ProducerHash& id) const {
  auto found = states_.find({feed, id});
  return found == states_.end() ? nullptr : &found->second;
}

ProducerVerdict ProducerTable::judge(FeedId feed, const ProducerNumber& number, std::size_t event_count) const {
  const ProducerState* state = find(feed, producer_hash(number.id));
  if (state == nullptr) return number.seq == 0 ? ProducerVerdict::next : ProducerVerdict::gap;
  if (number.epoch < state->epoch) return ProducerVerdict::stale;
  if (number.epoch > state->epoch) return number.seq == 0 ? ProducerVerdict::next : ProducerVerdict::gap;
  if (number.seq == state->last_seq + 1) return ProducerVerdict::next;
  if (number.seq > state->last_seq) return ProducerVerdict::gap;
  const bool partly = number.seq == state->last_seq && !state->whole && state->events < event_count;
  return partly ? ProducerVerdict::continues : ProducerVerdict::duplicate;
}

void ProducerTable::record(FeedId feed, const ProducerHash& id, const ProducerState& state) {
  states_[{feed, id}] = state;
}

void ProducerTable::forget_feed(FeedId feed) {
  std::erase_if(states_, [&](const auto& item) { return item.first.feed == feed; });
}

std::size_t ProducerTable::expire(Timestamp before) {
  return std::erase_if(states_, [&](const auto& item) { return item.second.used < before; });
}

Bytes ProducerTable::encode(const std::map<Bucket, Seq>& sealed) const {
  Bytes bytes;
  bytes.reserve(64 + sealed.size() * 10 + states_.size() * kStateBytes);
  ByteWriter out(bytes);
  out.u32(kMagic);
  out.u32(kFormat);
  out.u32(static_cast<std::uint32_t>(sealed.size()));
  for (const auto& [bucket, seq] : sealed) {
    out.u16(bucket.value);
    out.u64(seq.value);
  }
  out.u64(states_.size());
  for (const auto& [key, state] : states_) {
    out.u64(key.feed.value);
    out.bytes(key.id);
    out.u64(state.epoch);
    out.u64(state.last_seq);
    out.u64(state.last.value);
    out.u32(state.events);
    out.u8(state.whole ? 1 : 0);
    out.u64(to_ms(state.used));
  }
  out.u32(crc32c(bytes));
  return bytes;
}

Result<std::map<Bucket, Seq>> ProducerTable::decode(ByteView bytes) {
  const auto damaged = [] { return fail(ErrorCode::kCorrupt, "producer checkpoint is damaged"); };
  if (bytes.size() < 4) return damaged();
  ByteReader tail(bytes.last(4));
  if (tail.u32() != crc32c(bytes.first(bytes.size() - 4))) return damaged();
  ByteReader in(bytes.first(bytes.size() - 4));
  if (in.u32() != kMagic || in.u32() != kFormat) return damaged();
  std::map<Bucket, Seq> sealed;
  for (std::uint32_t left = in.u32(); left > 0 && !in.bad(); --left) {
    const Bucket bucket(in.u16());
    sealed[bucket] = Seq(in.u64());
  }
  decltype(states_) states;
  for (std::uint64_t left = in.u64(); left > 0 && !in.bad(); --left) {
    Key key;
    key.feed = FeedId(in.u64());
    key.id = in.array<16>();
    ProducerState state;
    state.epoch = in.u64();
    state.last_seq = in.u64();
    state.last = Version(in.u64());
    state.events = in.u32();
    state.whole = in.u8() != 0;
    state.used = from_ms(in.u64());
    states[key] = state;
  }
  if (!in.done()) return damaged();
  states_ = std::move(states);
  return sealed;
}

}  // namespace xylem
