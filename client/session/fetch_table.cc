#include "client/session/fetch_table.h"

#include <algorithm>

#include "proto/crypto.h"

namespace xylem {
namespace {

// open, close, expire, erase, snapshot, the newest batch; any of them may be elided one day.
constexpr std::size_t kFeedHeadBytesMax = 6 * kElidedRecordBytesMax;

Result<void> check_content(const FetchTarget& what, const Bytes& bytes) {
  const auto* by_hash = std::get_if<FetchHash>(&what);
  if (by_hash != nullptr && sha256(bytes) != by_hash->hash) {
    return fail(ErrorCode::kBadHash, "the answer is not what was asked for");
  }
  return {};
}

}  // namespace

std::size_t answer_bytes_max(const FetchTarget& what) {
  return std::holds_alternative<FetchFeedHead>(what) ? kFeedHeadBytesMax : kFetchBytesMax;
}

Result<std::uint32_t> FetchTable::add(const FetchTarget& what, FetchPurpose purpose) {
  if (queued_.size() >= kFetchesQueuedMax) return fail(ErrorCode::kTooMany, "requests to one server");
  queued_.emplace_back(++last_request_, Pending{purpose, what, {}, 0, kNever});
  return last_request_;
}

std::optional<Fetch> FetchTable::next_to_send(MonoTime now) {
  if (queued_.empty() || in_flight_.size() >= kFetchesInFlightMax) return std::nullopt;
  auto [request, pending] = std::move(queued_.front());
  queued_.pop_front();
  pending.expires = now + kFetchTimeout;
  Fetch fetch{request, pending.what};
  in_flight_.emplace(request, std::move(pending));
  return fetch;
}

Result<std::optional<FetchTable::Answer>> FetchTable::on_blob(Blob blob, MonoTime now) {
  const auto found = in_flight_.find(blob.request);
  if (found == in_flight_.end()) return std::nullopt;
  Pending& pending = found->second;

  if (blob.error) {
    Answer answer{blob.request, pending.purpose, pending.what, fail(*blob.error, "answer to a fetch")};
    in_flight_.erase(found);
    return answer;
  }
  if (pending.bytes.empty()) pending.total = blob.total;
  if (blob.total > answer_bytes_max(pending.what)) return fail(ErrorCode::kTooLarge, "answer to a fetch");
  const bool fits = blob.total == pending.total && blob.offset == pending.bytes.size() &&
                    blob.data.size() <= pending.total - blob.offset;
  const bool ends = fits && blob.offset + blob.data.size() == pending.total;
  // A piece without data that is not the last would be a way to keep a request open for ever.
  if (!fits || ends != blob.last || (blob.data.empty() && !blob.last)) {
    return fail(ErrorCode::kBadFrame, "pieces of an answer do not fit together");
  }
  pending.bytes.insert(pending.bytes.end(), blob.data.begin(), blob.data.end());
  pending.expires = now + kFetchTimeout;
  if (!blob.last) return std::nullopt;

  if (auto right = check_content(pending.what, pending.bytes); !right) return fail(right.error());
  Answer answer{blob.request, pending.purpose, pending.what, std::move(pending.bytes)};
  in_flight_.erase(found);
  return answer;
}

std::optional<FetchTable::Answer> FetchTable::take_expired(MonoTime now) {
  for (auto it = in_flight_.begin(); it != in_flight_.end(); ++it) {
    if (it->second.expires > now) continue;
    Answer answer{it->first, it->second.purpose, it->second.what, fail(ErrorCode::kTimeout, "answer to a fetch")};
    in_flight_.erase(it);
    return answer;
  }
  return std::nullopt;
}

MonoTime FetchTable::deadline() const {
  MonoTime earliest = kNever;
  for (const auto& [request, pending] : in_flight_) earliest = std::min(earliest, pending.expires);
  return earliest;
}

std::size_t FetchTable::buffered_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [request, pending] : in_flight_) bytes += pending.bytes.size();
  return bytes;
}

}  // namespace xylem
