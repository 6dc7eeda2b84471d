#include "client/session/reading_status.h"

#include <algorithm>

#include "proto/limits.h"

namespace xylem {
namespace {

// A beacon that has not come within this is not coming.
constexpr auto kBeaconExpectedWithin = kBeaconReaderIdle + 5s;

}  // namespace

void ReadingStatus::enter(FeedState state, std::optional<Error> error) {
  const bool same_error =
      error.has_value() == status_.error.has_value() && (!error || error->code == status_.error->code);
  if (state == status_.state && same_error) return;
  status_.state = state;
  status_.error = std::move(error);
  untold_ = true;
}

void ReadingStatus::tell(FeedNews news, Error error) {
  if (status_.news != FeedNews::none) publish();
  status_.news = news;
  status_.error = std::move(error);
  untold_ = true;
}

void ReadingStatus::use_server(const HostPort& server) {
  status_.server = server;
  status_.node_name.clear();
}

void ReadingStatus::use_node(const std::string& node_name, MonoTime now) {
  status_.node_name = node_name;
  connected_at_ = now;
  heard_beacon_ = false;
}

void ReadingStatus::note_signed_time(Timestamp time) {
  auto& as_of = status_.fresh.as_of;
  if (!as_of || time > *as_of) as_of = time;
}

void ReadingStatus::note_beacon(Timestamp time) {
  note_signed_time(time);
  heard_beacon_ = true;
  untold_ = true;
}

// From when on the newest signed time is old.
MonoTime ReadingStatus::old_from(Moment now) const {
  const auto& as_of = status_.fresh.as_of;
  return as_of ? now.mono + (*as_of + kOriginSilentAfter - now.utc) : connected_at_ + kOriginSilentAfter;
}

MonoTime ReadingStatus::silent_at(Moment now) const {
  if (!live() || status_.fresh.origin_silent) return kNever;
  const MonoTime heard_by = heard_beacon_ ? connected_at_ : connected_at_ + kBeaconExpectedWithin;
  return std::max(heard_by, old_from(now));
}

void ReadingStatus::update_silence(Moment now) {
  if (!live()) return;  // nothing could have been heard meanwhile
  // Once told it holds, also at another server, until something newer was signed.
  const bool silent = status_.fresh.origin_silent ? now.mono >= old_from(now) : now.mono >= silent_at(now);
  untold_ = untold_ || silent != status_.fresh.origin_silent;
  status_.fresh.origin_silent = silent;
}

void ReadingStatus::publish() {
  if (!untold_) return;
  untold_ = false;
  const FeedStatus told = status_;
  status_.news = FeedNews::none;
  listener_.on_status(told);
}

}  // namespace xylem
