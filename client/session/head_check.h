// Asks a second server for a feed's newest signed header (spec §3): what one server keeps back, another one shows. Only
// the signature counts, so that a server can at worst say too little.
#pragma once

#include "client/session/upstream_line.h"

namespace xylem {

inline constexpr auto kHeadCheckTimeout = 3s;  // dialling included: a reading to the end waits for it

// The newest batch of a feed, proven by the origin's signature.
struct FeedHead {
  FeedEpoch epoch;
  Version version;
  Epoch range_epoch;
  Seq seq;
  Hash256 link{};
  Bytes header;  // header, signature, extensions: what EVIDENCE carries
};

// From RECORD frames as FETCH of a feed head answers them. Nothing: no batch among them. Errors as parse_record and
// check_signature; kBadFrame for what is of another feed.
Result<std::optional<FeedHead>> open_feed_head(const Trust& trust, FeedId feed, ByteView frames);

class HeadCheck final : private UpstreamListener {
 public:
  HeadCheck(Trust& trust, RedactionBook& redactions, FeedId feed, std::string agent)
      : trust_(trust), redactions_(redactions), feed_(feed), agent_(std::move(agent)) {}

  void begin(LineId id, const FoundServer& server, MonoTime now);
  const UpstreamLine* line() const { return line_ ? &*line_ : nullptr; }  // nullptr: none is under way

  void on_connected(const Nonce& nonce, MonoTime now);
  void on_bytes(ByteView bytes, MonoTime now);
  void on_closed(const Error& error) { line_->on_closed(error); }
  void on_deadline(MonoTime now);
  MonoTime deadline() const;
  Bytes take_output(MonoTime now);

  struct Outcome {
    std::optional<FeedHead> head;
    std::optional<SessionFailure> failure;  // nothing: it answered, perhaps that it has none
  };
  // When there is one the caller closes the line and calls end().
  std::optional<Outcome> outcome() const;
  void end();

 private:
  void on_ready(const UpstreamPeer& peer) override;
  void on_fetched(std::uint32_t request, Result<Bytes> frames) override;

  Trust& trust_;
  RedactionBook& redactions_;
  FeedId feed_;
  std::string agent_;
  std::optional<UpstreamLine> line_;
  MonoTime over_by_ = kNever;
  std::optional<Outcome> answer_;
};

}  // namespace xylem
