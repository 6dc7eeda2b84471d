// A catch-up answer: which events it holds and what its head says, decided from the log's index before anything is
// read; then its text, piece by piece, as the connection takes it.
//
// A page ends at the head or at a multiple of kPageVersions, so that readers who began apart come to share URLs, and a
// cache in front answers for the relay.
#pragma once

#include <variant>

#include "relay/edge/event_text.h"
#include "relay/edge/feed_query.h"
#include "relay/edge/http_answer.h"
#include "relay/serve/feed_place.h"
#include "relay/serve/feed_portion.h"
#include "relay/serve/serve_context.h"

namespace xylem {

inline constexpr std::uint64_t kPageVersions = 1000;

struct FeedPage {
  FeedId feed;
  Seq after;                  // records behind it hold the page
  std::uint64_t history = 0;  // of the log (LogWindow::history); in another one the rest cannot be found
  FeedEpoch epoch;
  Version from;  // the page is (from, to]
  Version to;
  EventForm form = EventForm::raw;
  HttpAnswer head;  // all but the body

  bool empty() const { return from == to; }
};

// The page, or the answer to be given instead: a problem (http.md's table), or 304.
tl::expected<FeedPage, HttpAnswer> find_feed_page(ServeContext& context, const HttpRequest& request);

class FeedPageText {
 public:
  explicit FeedPageText(const FeedPage& page);

  struct Piece {
    std::string text;
    bool last = false;
  };
  // The next piece, or a portion that must be read from files first (then decode()), `head` being the log's.
  // kNotHeld, kTooOld, kCorrupt.
  // A piece ends with the event that brings it to `bytes_max`: what a few stored bytes unpack to does not pile up.
  Result<std::variant<Piece, FeedPortion>> next(const LogReader& reader, Seq head, std::size_t bytes_max);
  Result<Piece> decode(ByteView records, Seq last, std::size_t bytes_max);

 private:
  Result<void> append(std::string& out, const RecordView& record, std::size_t bytes_max);

  const FeedId feed_;
  const Version to_;
  Seq after_;        // what is written begins behind it; its last record may be written in part
  Version version_;  // written up to here
  EventText text_;
  bool began_ = false;
};

}  // namespace xylem
