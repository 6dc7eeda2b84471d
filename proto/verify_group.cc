#include "proto/verify_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace xylem {
namespace {

Verdict check_full(const RecordView& record, std::size_t index) {
  const Hash256 found = sha256(record.body);
  const RecordHeader& header = record.header();
  if (found == header.wire_sha256) return {};
  return reject(
      index, ErrorCode::kBadHash,
      fmt::format("seq {}: found {}, expected {}", header.seq.value, to_hex(found), to_hex(header.wire_sha256)));
}

bool covers(const RedactionNotice& redaction, Version version) {
  return redaction.whole_feed || std::ranges::any_of(redaction.versions, [version](const VersionRun& run) {
           return run.first <= version && version <= run.last;
         });
}

using Redactions = std::map<std::pair<FeedId, Seq>, RedactionNotice>;

// A redaction that came with the records it covers is as good as one that is held: the group is accepted whole.
Redactions redactions_in(std::span<const RecordView> group) {
  Redactions found;
  for (const RecordView& record : group) {
    if (record.header().type != RecordType::redaction) continue;
    auto notice = open_notice(record);
    if (notice) found.emplace(std::pair(record.header().feed, record.header().seq), std::get<RedactionNotice>(*notice));
  }
  return found;
}

// Elided records of a group: what is left proves itself, and what is missing was redacted.
class ElidedCheck {
 public:
  ElidedCheck(std::span<const RecordView> group, const RedactionKnown& known) : group_(group), known_(known) {}

  Verdict check(std::size_t index);
  // Names what the whole group lacks, so that one round of fetching does.
  Verdict verdict();

 private:
  std::optional<RedactionNotice> find(FeedId feed, Seq seq);
  // Those that `body` names; of those that nobody holds the seqs are noted.
  Result<std::vector<RedactionNotice>> find_all(const RecordHeader& header, const ElidedBody& body);

  std::span<const RecordView> group_;
  const RedactionKnown& known_;
  std::optional<Redactions> in_group_;
  std::optional<std::size_t> first_lacking_;
  std::vector<Seq> missing_;
};

std::optional<RedactionNotice> ElidedCheck::find(FeedId feed, Seq seq) {
  if (!in_group_) in_group_ = redactions_in(group_);
  const auto found = in_group_->find({feed, seq});
  if (found != in_group_->end()) return found->second;
  return known_ ? known_(feed, seq) : std::nullopt;
}

Result<std::vector<RedactionNotice>> ElidedCheck::find_all(const RecordHeader& header, const ElidedBody& body) {
  std::vector<RedactionNotice> redactions;
  for (Seq seq : body.redactions) {
    // Covers only what stands before it, so that it never reaches into a feed that was opened again.
    if (seq <= header.seq) {
      return fail(ErrorCode::kBadPayload, fmt::format("names a redaction at seq {}, before it", seq.value));
    }
    if (auto notice = find(header.feed, seq)) {
      redactions.push_back(std::move(*notice));
    } else if (missing_.size() < kMissingRedactionsMax) {
      missing_.push_back(seq);
    }
  }
  return redactions;
}

Verdict ElidedCheck::check(std::size_t index) {
  const RecordHeader& header = group_[index].header();
  const auto refuse = [&](ErrorCode code, std::string_view why) {
    return reject(index, code, fmt::format("seq {}: {}", header.seq.value, why));
  };
  const auto body = decode_elided(group_[index].body, header.event_count);
  if (!body) return refuse(body.error().code, body.error().detail);
  if (body->root != header.payload_root) {
    return refuse(ErrorCode::kBadRoot,
                  fmt::format("found {}, expected {}", to_hex(body->root), to_hex(header.payload_root)));
  }
  const auto redactions = find_all(header, *body);
  if (!redactions) return refuse(redactions.error().code, redactions.error().detail);
  if (redactions->size() < body->redactions.size()) {
    if (!first_lacking_) first_lacking_ = index;
    return {};  // what they cover is seen when they are there
  }
  for (std::size_t i = 0; i < body->items.size(); ++i) {
    const Version version = header.first_version.plus(i);
    const auto covered = [version](const RedactionNotice& redaction) { return covers(redaction, version); };
    if (!body->items[i] && std::ranges::none_of(*redactions, covered)) {
      return refuse(ErrorCode::kBadPayload, fmt::format("no redaction covers version {}", version.value));
    }
  }
  return {};
}

Verdict ElidedCheck::verdict() {
  if (missing_.empty()) return {};
  std::ranges::sort(missing_);
  missing_.erase(std::unique(missing_.begin(), missing_.end()), missing_.end());
  auto detail = fmt::format("{} redactions, first at seq {}", missing_.size(), missing_.front().value);
  return tl::unexpected<Rejected>(
      Rejected{{ErrorCode::kNotHeld, std::move(detail)}, *first_lacking_, std::move(missing_)});
}

}  // namespace

Result<const Grant*> GrantWalk::grant_of(const RecordHeader& header) {
  if (grant_ == nullptr || !grant_->covers(bucket_, header.epoch, header.seq)) {
    const Manifest* manifest = trust_.manifest();
    grant_ = manifest == nullptr ? nullptr : manifest->grant_for(bucket_, header.epoch, header.seq);
    if (grant_ == nullptr) {
      return fail(ErrorCode::kNoGrant, fmt::format("bucket {}, epoch {}, seq {}{}", bucket_.value, header.epoch.value,
                                                   header.seq.value, manifest == nullptr ? ": no manifest yet" : ""));
    }
    key_id_ = key_id_of(grant_->origin_key);
  }
  if (header.key_id != key_id_) {
    return fail(ErrorCode::kNoGrant,
                fmt::format("bucket {}, epoch {}, seq {} is of key {}, found {}", bucket_.value, header.epoch.value,
                            header.seq.value, to_hex(key_id_), to_hex(header.key_id)));
  }
  return grant_;
}

Verdict check_signatures(const Trust& trust, std::span<const RecordView> group, std::span<const std::size_t> indices) {
  for (std::size_t index : indices) {
    const auto ok = trust.check_signature(group[index].decoded);
    if (!ok) return reject(index, ok.error().code, ok.error().detail);
  }
  return {};
}

Verdict check_bodies(std::span<const RecordView> group, const RedactionKnown& redaction_known) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i].form != RecordForm::full) continue;
    if (auto ok = check_full(group[i], i); !ok) return ok;
  }
  ElidedCheck elided(group, redaction_known);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i].form != RecordForm::elided) continue;
    if (auto ok = elided.check(i); !ok) return ok;
  }
  return elided.verdict();
}

}  // namespace xylem
