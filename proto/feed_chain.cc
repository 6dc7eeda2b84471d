#include <fmt/format.h>

#include "proto/verify_group.h"

namespace xylem {
namespace {

std::uint32_t cursor_hash_of(const Hash256& link) { return ByteReader(link).u32(); }

// Walks the headers of one feed's records. Batches prove each other through prev_batch; a notice stands on its own.
class FeedWalk {
 public:
  FeedWalk(const Trust& trust, FeedId feed, const FeedPosition& from)
      : feed_(feed), at_(from), grants_(trust, trust.bucket_of(feed)) {}

  Verdict step(const DecodedHeader& decoded, std::size_t index);
  // The records that no later signature covers.
  std::vector<std::size_t> take_signed_indices() {
    end_run();
    return std::move(signed_);
  }
  const FeedPosition& position() const { return at_; }

 private:
  Verdict check_order(const RecordHeader& header, std::size_t index) const;
  Verdict step_notice(const RecordHeader& header, std::size_t index);
  Verdict begin_feed_epoch(const RecordHeader& open, std::size_t index);
  Verdict step_batch(const DecodedHeader& decoded, const Grant* grant, std::size_t index);
  Verdict check_after_cursor(const RecordHeader& batch, const Hash256& link, std::size_t index) const;
  Verdict check_cursor_hash(const Hash256& link, std::size_t index) const;
  void end_run();

  FeedId feed_;
  FeedPosition at_;
  GrantWalk grants_;
  // The newest batch of the group, when the next one may still cover it, and its grant.
  std::optional<std::size_t> run_end_;
  const Grant* run_grant_ = nullptr;
  std::vector<std::size_t> signed_;
};

void FeedWalk::end_run() {
  if (run_end_) signed_.push_back(*run_end_);
  run_end_.reset();
}

Verdict FeedWalk::check_order(const RecordHeader& header, std::size_t index) const {
  if (header.feed != feed_) {
    return reject(index, ErrorCode::kWrongBucket,
                  fmt::format("record of feed {}, expected {}", header.feed.value, feed_.value));
  }
  if (header.epoch < at_.range_epoch) {
    return reject(index, ErrorCode::kWrongEpoch,
                  fmt::format("found {}, expected at least {}", header.epoch.value, at_.range_epoch.value));
  }
  if (header.epoch == at_.range_epoch && header.seq <= at_.seq) {
    return reject(index, ErrorCode::kWrongSeq,
                  fmt::format("found {}, expected above {}", header.seq.value, at_.seq.value));
  }
  if (header.origin_time < at_.origin_time) {
    return reject(index, ErrorCode::kTimeBackwards,
                  fmt::format("seq {}: found {}, expected at least {}", header.seq.value,
                              to_rfc3339(header.origin_time), to_rfc3339(at_.origin_time)));
  }
  const bool new_epoch = header.type == RecordType::open && header.feed_epoch > at_.epoch;
  if (header.feed_epoch != at_.epoch && at_.epoch.value != 0 && !new_epoch) {
    return reject(index, ErrorCode::kWrongEpoch,
                  fmt::format("feed epoch {} in a record that is no open, expected {}", header.feed_epoch.value,
                              at_.epoch.value));
  }
  return {};
}

Verdict FeedWalk::check_cursor_hash(const Hash256& link, std::size_t index) const {
  if (!at_.cursor_hash || *at_.cursor_hash == cursor_hash_of(link)) return {};
  return reject(index, ErrorCode::kForked,
                fmt::format("version {} is of batch {:08x}, the cursor's of {:08x}", at_.version.value,
                            cursor_hash_of(link), *at_.cursor_hash));
}

// `open` with a new feed epoch: a new history, or after lost versions the old one up to prev_batch (spec §1).
Verdict FeedWalk::begin_feed_epoch(const RecordHeader& open, std::size_t index) {
  const bool from_the_start = open.prev_batch == Hash256{};
  if (from_the_start) {
    at_.held = true;
    at_.version = Version();
    at_.link = {};
  } else if (at_.held && open.prev_batch != at_.link) {
    return reject(index, ErrorCode::kForked,
                  fmt::format("feed epoch {} goes on from batch {}, held is {} with version {}", open.feed_epoch.value,
                              to_hex(open.prev_batch), to_hex(at_.link), at_.version.value));
  } else if (!at_.held && at_.version.value > 0) {
    if (auto ok = check_cursor_hash(open.prev_batch, index); !ok) return ok;
    at_.held = true;
    at_.link = open.prev_batch;
  }
  at_.cursor_hash.reset();
  end_run();
  return {};
}

Verdict FeedWalk::step_notice(const RecordHeader& header, std::size_t index) {
  signed_.push_back(index);
  if (header.type == RecordType::open && header.feed_epoch > at_.epoch) return begin_feed_epoch(header, index);
  if (at_.held && header.prev_batch != at_.link) {
    return reject(index, ErrorCode::kBrokenLink,
                  fmt::format("notice at seq {} follows batch {}, held is {}", header.seq.value,
                              to_hex(header.prev_batch), to_hex(at_.link)));
  }
  return {};
}

// The reader holds versions up to the cursor's, but not the batch that proves them: this one does, or names it.
Verdict FeedWalk::check_after_cursor(const RecordHeader& batch, const Hash256& link, std::size_t index) const {
  const Version next = at_.version.next();
  if (batch.first_version > next || batch.last_version() < at_.version) {
    return reject(index, ErrorCode::kWrongVersion,
                  fmt::format("found {} to {}, expected one from at most {}", batch.first_version.value,
                              batch.last_version().value, next.value));
  }
  return check_cursor_hash(batch.first_version == next ? batch.prev_batch : link, index);
}

Verdict FeedWalk::step_batch(const DecodedHeader& decoded, const Grant* grant, std::size_t index) {
  const RecordHeader& header = decoded.header;
  const Hash256 link = link_of(decoded);
  if (!at_.held) {
    if (auto ok = check_after_cursor(header, link, index); !ok) return ok;
  } else if (header.first_version != at_.version.next()) {
    return reject(index, ErrorCode::kWrongVersion,
                  fmt::format("found {}, expected {}", header.first_version.value, at_.version.value + 1));
  } else if (header.prev_batch != at_.link) {
    return reject(index, ErrorCode::kBrokenLink,
                  fmt::format("version {}: found {}, expected {}", header.first_version.value,
                              to_hex(header.prev_batch), to_hex(at_.link)));
  }
  if (grant != run_grant_) end_run();
  run_end_ = index;
  run_grant_ = grant;
  at_.held = true;
  at_.version = header.last_version();
  at_.link = link;
  at_.cursor_hash.reset();
  return {};
}

Verdict FeedWalk::step(const DecodedHeader& decoded, std::size_t index) {
  const RecordHeader& header = decoded.header;
  if (auto ok = check_order(header, index); !ok) return ok;
  const auto grant = grants_.grant_of(header);
  if (!grant) return reject(index, grant.error().code, grant.error().detail);
  auto ok = header.is_batch() ? step_batch(decoded, *grant, index) : step_notice(header, index);
  if (!ok) return ok;
  at_.epoch = header.feed_epoch;
  at_.range_epoch = header.epoch;
  at_.seq = header.seq;
  at_.origin_time = header.origin_time;
  return {};
}

}  // namespace

Verdict FeedChain::accept(std::span<const RecordView> group, const RedactionKnown& redaction_known) {
  if (group.empty()) return {};
  if (trust_.manifest() == nullptr) return reject(0, ErrorCode::kNoGrant, "no manifest yet");

  FeedWalk walk(trust_, feed_, position_);
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto ok = walk.step(group[i].decoded, i);
    if (ok) continue;
    if (ok.error().error.code != ErrorCode::kForked) return ok;
    // Who is told of a fork throws away what it holds: the record that shows it must not be somebody's invention.
    auto proven = check_signatures(trust_, group, std::span(&i, 1));
    return proven ? ok : proven;
  }
  if (auto ok = check_signatures(trust_, group, walk.take_signed_indices()); !ok) return ok;
  if (auto ok = check_bodies(group, redaction_known); !ok) return ok;
  position_ = walk.position();
  return {};
}

}  // namespace xylem
