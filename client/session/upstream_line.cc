#include "client/session/upstream_line.h"

namespace xylem {

void UpstreamLine::on_closed(const Error& error) {
  if (session_ != nullptr) return session_->on_closed(error);
  if (!not_reached_) not_reached_ = SessionFailure{FailureCause::closed, error};
}

void UpstreamLine::on_deadline(MonoTime now) {
  if (session_ != nullptr) return session_->on_deadline(now);
  if (now < connected_by_ || not_reached_) return;
  not_reached_ = SessionFailure{FailureCause::timeout, {ErrorCode::kTimeout, "connecting to " + address_.to_string()}};
}

MonoTime UpstreamLine::deadline() const {
  if (session_ != nullptr) return session_->deadline();
  return not_reached_ ? kNever : connected_by_;
}

std::optional<SessionFailure> UpstreamLine::failure() const {
  if (session_ != nullptr && session_->failed()) return session_->failure();
  return not_reached_;
}

}  // namespace xylem
