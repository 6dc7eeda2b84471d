#include "client/session/feed_event.h"

namespace xylem {

std::string_view to_string(FeedState state) {
  switch (state) {
    case FeedState::searching:
      return "searching";
    case FeedState::connecting:
      return "connecting";
    case FeedState::catching_up:
      return "catching up";
    case FeedState::live:
      return "live";
    case FeedState::finished:
      return "finished";
    case FeedState::failed:
      return "failed";
  }
  return "";
}

std::string_view to_string(FeedNews news) {
  switch (news) {
    case FeedNews::none:
      return "";
    case FeedNews::server_lost:
      return "server lost";
    case FeedNews::server_lied:
      return "server lied";
    case FeedNews::server_withheld:
      return "server withheld the newest part";
    case FeedNews::epoch_changed:
      return "feed begun anew";
    case FeedNews::versions_lost:
      return "versions lost";
    case FeedNews::origin_forked:
      return "origin forked";
  }
  return "";
}

}  // namespace xylem
