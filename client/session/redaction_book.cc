#include "client/session/redaction_book.h"

namespace xylem {
namespace {

std::size_t cost_bytes(const HeldRedaction& redaction) {
  return sizeof(HeldRedaction) + 64 + redaction.notice.versions.size() * sizeof(VersionRun);
}

}  // namespace

void RedactionBook::add(Bucket bucket, Seq seq, HeldRedaction redaction) {
  const Place place{bucket, seq};
  const std::size_t bytes = cost_bytes(redaction);
  if (!held_.emplace(place, std::move(redaction)).second) return;
  oldest_first_.push_back(place);
  bytes_ += bytes;
  while (bytes_ > kRedactionBookBytesMax) {
    const auto oldest = held_.find(oldest_first_.front());
    bytes_ -= cost_bytes(oldest->second);
    held_.erase(oldest);
    oldest_first_.pop_front();
  }
}

std::optional<HeldRedaction> RedactionBook::find(Bucket bucket, Seq seq) const {
  const auto found = held_.find({bucket, seq});
  if (found != held_.end()) return found->second;
  return elsewhere_ ? elsewhere_(bucket, seq) : std::nullopt;
}

Result<HeldRedaction> open_redaction(const Trust& trust, const RecordView& record) {
  if (record.header().type != RecordType::redaction) {
    return fail(ErrorCode::kBadPayload, "a record that was named as a redaction is none");
  }
  if (auto proven = trust.check_signature(record.decoded); !proven) return fail(proven.error());
  auto notice = open_notice(record);
  if (!notice) return fail(notice.error());
  return HeldRedaction{record.header().feed, std::get<RedactionNotice>(std::move(*notice))};
}

}  // namespace xylem
