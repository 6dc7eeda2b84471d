// Reading a zone's feeds: finds servers, connects, verifies every byte, resumes elsewhere when a server goes away.
//
//   xylem::Loop loop;
//   xylem::Reader reader(loop, {.zone = "distributed.example"});
//   reader.follow("31337", {}, [](const xylem::FeedEvent& event) { std::cout << event.text() << "\n"; });
//   loop.run();
//
// Callbacks come on the loop's thread, never from inside a call. They may call the reader, also to stop what calls them; they
// must not destroy it. Errors that end a reading come as its last status (FeedState::failed).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "client/session/feed_event.h"
#include "client/uv/loop.h"
#include "proto/record.h"

namespace xylem {

struct ReaderOptions {
  std::string zone;    // "distributed.example"; may be empty when `server` is given
  std::string server;  // "HOST:PORT": ask this one and no DNS
  std::string dns;     // "HOST:PORT" of a DNS server; empty: the system's
  // The zone's id, 64 hex digits, from a source you trust. Empty: the id that was pinned at first use, in `folder`.
  std::string zone_id;
  // Where pins, the newest manifest of each zone and DNS answers are kept. Empty: nothing outlives this Reader.
  std::filesystem::path folder;
  bool allow_private = false;  // dial private and loopback addresses that DNS names
  std::string agent = "xylem-cpp";
};

struct FollowOptions {
  std::string from;            // a cursor; empty: from the feed's first event
  bool until_live = false;     // end when everything there is was delivered
  std::uint64_t until_version = 0;  // end behind this version
  // Fail after so long without progress; 0: try for ever when following, 30 s otherwise.
  std::chrono::milliseconds patience{0};
  bool skip_lost = false;      // what no server holds any more is passed over (and told) instead of ending the reading
};

class Reader {
 public:
  using OnEvent = std::function<void(const FeedEvent&)>;
  using OnStatus = std::function<void(const FeedStatus&)>;
  using OnNotice = std::function<void(const FeedNotice&)>;
  using OnRecord = std::function<void(const RecordView&)>;
  struct Callbacks {
    OnEvent event;
    OnStatus status;
    OnNotice notice;
    OnRecord record;  // each verified record as it was signed
  };
  // Names one reading; 0 is none.
  using Id = std::uint64_t;

  Reader(Loop& loop, ReaderOptions options);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // `feed` is a number, a name, or `name:31337` for a name of digits.
  Id follow(std::string_view feed, const FollowOptions& options, OnEvent on_event, OnStatus on_status = {});
  Id follow(std::string_view feed, const FollowOptions& options, Callbacks callbacks);
  void stop(Id id);

  // What was found out about the zone, and how it came to be believed. Told once; the CLI prints it.
  struct Zone {
    std::string name;
    ZoneId id{};
    enum class Pin : std::uint8_t { given, known, first_use } pin = Pin::given;
  };
  void on_zone(std::function<void(const Zone&)> callback);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xylem
