#include <fmt/format.h>

#include "proto/verify_group.h"

namespace xylem {
namespace {

// Walks a group's headers; what it checks costs one hash each, so that it comes before the signatures.
class BucketWalk {
 public:
  BucketWalk(const Trust& trust, Bucket bucket, const ChainPosition& from)
      : trust_(trust), bucket_(bucket), at_(from), grants_(trust, bucket) {}

  Verdict step(const DecodedHeader& decoded, std::size_t index);
  const ChainPosition& position() const { return at_; }
  // The last record before each grant that another follows, which no later signature covers.
  std::vector<std::size_t> signed_indices;

 private:
  Verdict check_epoch(const RecordHeader& header, std::size_t index) const;
  Verdict check_start(const RecordHeader& header, const EpochStart& start, std::size_t index) const;
  Verdict check_order(const RecordHeader& header, std::size_t index) const;

  const Trust& trust_;
  Bucket bucket_;
  ChainPosition at_;
  GrantWalk grants_;
  const Grant* grant_ = nullptr;  // of the record before
};

// Where one epoch ended and the next began, as the manifest says (spec §3).
Verdict BucketWalk::check_start(const RecordHeader& header, const EpochStart& start, std::size_t index) const {
  const auto refuse = [&](ErrorCode code, Seq seq, const Hash256& link) {
    return reject(index, code,
                  fmt::format("epoch {} begins after seq {} of link {}; found seq {} of link {}", header.epoch.value,
                              start.last_seq.value, to_hex(start.head), seq.value, to_hex(link)));
  };
  const bool dead_branch =
      at_.held && (at_.seq > start.last_seq || (at_.seq == start.last_seq && at_.link != start.head));
  // What was held before is then of a history that ended; within the group the sender mixed two.
  if (dead_branch) return refuse(index == 0 ? ErrorCode::kForked : ErrorCode::kBrokenLink, at_.seq, at_.link);
  if (header.seq <= start.last_seq) return refuse(ErrorCode::kWrongSeq, header.seq, header.prev_record);
  if (header.seq == start.last_seq.next() && header.prev_record != start.head) {
    return refuse(ErrorCode::kBrokenLink, start.last_seq, header.prev_record);
  }
  return {};
}

Verdict BucketWalk::check_epoch(const RecordHeader& header, std::size_t index) const {
  if (header.epoch == at_.epoch) return {};
  if (header.epoch < at_.epoch) {
    return reject(index, ErrorCode::kWrongEpoch,
                  fmt::format("found {}, expected at least {}", header.epoch.value, at_.epoch.value));
  }
  const EpochStart* start = trust_.manifest()->epoch_start(bucket_, header.epoch);
  if (start != nullptr) return check_start(header, *start, index);
  if (at_.held && at_.seq.value > 0) {
    return reject(
        index, ErrorCode::kWrongEpoch,
        fmt::format("found {} after {}, of which the manifest names no end", header.epoch.value, at_.epoch.value));
  }
  return {};
}

Verdict BucketWalk::check_order(const RecordHeader& header, std::size_t index) const {
  if (header.origin_time < at_.origin_time) {
    return reject(index, ErrorCode::kTimeBackwards,
                  fmt::format("seq {}: found {}, expected at least {}", header.seq.value,
                              to_rfc3339(header.origin_time), to_rfc3339(at_.origin_time)));
  }
  if (!at_.held) return {};
  if (header.seq != at_.seq.next()) {
    return reject(index, ErrorCode::kWrongSeq,
                  fmt::format("found {}, expected {}", header.seq.value, at_.seq.value + 1));
  }
  if (header.prev_record != at_.link) {
    return reject(
        index, ErrorCode::kBrokenLink,
        fmt::format("seq {}: found {}, expected {}", header.seq.value, to_hex(header.prev_record), to_hex(at_.link)));
  }
  return {};
}

Verdict BucketWalk::step(const DecodedHeader& decoded, std::size_t index) {
  const RecordHeader& header = decoded.header;
  if (trust_.bucket_of(header.feed) != bucket_) {
    return reject(index, ErrorCode::kWrongBucket,
                  fmt::format("feed {} is of bucket {}, expected {}", header.feed.value,
                              trust_.bucket_of(header.feed).value, bucket_.value));
  }
  if (auto ok = check_epoch(header, index); !ok) return ok;
  if (auto ok = check_order(header, index); !ok) return ok;
  const auto grant = grants_.grant_of(header);
  if (!grant) return reject(index, grant.error().code, grant.error().detail);
  if (grant_ != nullptr && grant_ != *grant) signed_indices.push_back(index - 1);
  grant_ = *grant;
  at_ = {true, header.epoch, header.seq, link_of(decoded), header.origin_time};
  return {};
}

}  // namespace

Verdict BucketChain::accept(std::span<const RecordView> group, const RedactionKnown& redaction_known) {
  if (group.empty()) return {};
  if (trust_.manifest() == nullptr) return reject(0, ErrorCode::kNoGrant, "no manifest yet");

  BucketWalk walk(trust_, bucket_, position_);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (auto ok = walk.step(group[i].decoded, i); !ok) return ok;
  }
  walk.signed_indices.push_back(group.size() - 1);
  if (auto ok = check_signatures(trust_, group, walk.signed_indices); !ok) return ok;
  if (auto ok = check_bodies(group, redaction_known); !ok) return ok;
  position_ = walk.position();
  return {};
}

}  // namespace xylem
