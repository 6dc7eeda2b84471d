// Reading a zone's feeds: finds servers, connects, verifies every byte, goes on elsewhere when a server goes away.
//
//   xylem::Loop loop;
//   xylem::Reader reader(loop, {.zone = "distributed.example"});
//   reader.follow("31337", {}, [](const xylem::FeedEvent& event) { std::cout << event.text() << "\n"; });
//   loop.run();
//
// Callbacks come on the loop's thread, never from inside a call of the Reader. They may call it, also to stop the
// reading that calls them, but not destroy it. A reading's end, whatever the reason, is its last status: finished or
// failed. When all readings have ended the Reader keeps the loop no longer running.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "client/session/feed_event.h"
#include "client/uv/loop.h"

namespace xylem {

struct ReaderOptions {
  std::string zone{};    // "distributed.example"; may be empty when `server` is given
  std::string server{};  // "HOST:PORT": this one is asked, and no DNS
  std::string dns{};     // "HOST:PORT" of a DNS server; empty: the system's
  // The zone's id, 64 hex digits, from a source you trust. Empty: the one that was pinned at first use, in `folder`.
  std::string zone_id{};
  // Where pins, the newest manifest of each zone and DNS answers are kept. Empty: nothing outlives this Reader.
  std::filesystem::path folder{};
  bool allow_private = false;  // dial private and loopback addresses that DNS names
  std::string agent = "xylem-cpp";
};

struct FollowOptions {
  std::string from{};               // a cursor; empty: from the feed's first event
  bool until_live = false;          // end when everything there is was delivered
  std::uint64_t until_version = 0;  // end behind this version
  // Fail after so long without progress; 0: try for ever when following, 30 s when there is an end.
  std::chrono::milliseconds patience{0};
  bool skip_lost = false;  // what no server holds any more is passed over, and told, instead of being the end
};

// What is believed about who the zone is, and why. Everything else follows from it.
struct ZoneBelief {
  std::string zone;  // as asked for; empty with a server alone
  ZoneId id{};
  enum class Reason : std::uint8_t {
    given,      // by the options
    pinned,     // by an earlier use
    first_use,  // taken from DNS or the server, and pinned from now on where there is a folder
    server,     // taken from the server alone, without a name to pin it under
  };
  Reason reason = Reason::given;
};

class Reader {
 public:
  struct Callbacks {
    std::function<void(const FeedEvent&)> event;
    std::function<void(const FeedStatus&)> status;
    std::function<void(const FeedNotice&)> notice;
    std::function<void(const RecordView&)> record;  // each verified record as it was signed, before its events
  };
  // Names one reading; 0 names none.
  using Id = std::uint64_t;

  Reader(Loop& loop, ReaderOptions options);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // `feed` is a number, a name, or `name:31337` for a name of digits.
  Id follow(std::string_view feed, const FollowOptions& options, std::function<void(const FeedEvent&)> on_event,
            std::function<void(const FeedStatus&)> on_status = {});
  Id follow(std::string_view feed, const FollowOptions& options, Callbacks callbacks);
  // No callback of it comes any more.
  void stop(Id id);

  // Told once, before the first event: worth showing to a person when it is a first use.
  void on_belief(std::function<void(const ZoneBelief&)> callback);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xylem
