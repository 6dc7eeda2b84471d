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

MonoTime ReadingStatus::silence_counts_from(Moment now) const {
  const MonoTime heard_by = heard_beacon_ ? connected_at_ : connected_at_ + kBeaconExpectedWithin;
  if (!status_.fresh.as_of) return std::max(heard_by, connected_at_ + kOriginSilentAfter);
  return std::max(heard_by, now.mono + (*status_.fresh.as_of + kOriginSilentAfter - now.utc));
}

MonoTime ReadingStatus::silent_at(Moment now) const {
  return live() && !status_.fresh.origin_silent ? silence_counts_from(now) : kNever;
}

void ReadingStatus::update_silence(Moment now) {
  if (!live()) return;  // nothing could have been heard meanwhile
  const bool silent = now.mono >= silence_counts_from(now);
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
