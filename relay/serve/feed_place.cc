#include "relay/serve/feed_place.h"

#include <algorithm>

namespace xylem {

namespace {

FeedRefusal refuse(StatusCode code, bool waits, const LoggedFeed& state) {
  FeedRefusal refusal{code, waits, {}, {state.epoch, state.last_version, std::nullopt}};
  refusal.floor = {state.epoch,
                   Version(state.first_version.value - std::min<std::uint64_t>(state.first_version.value, 1)),
                   std::nullopt};
  return refusal;
}

std::uint32_t cursor_hash(const Hash256& link) { return ByteReader(link).u32(); }

// Whether the cursor's hash is that of the batch that holds its version, as far as what is held can tell.
bool hash_fits(const LogReader& reader, FeedId feed, const LoggedFeed& state, const FeedCursor& cursor) {
  if (!cursor.hash || cursor.version == Version(0)) return true;
  if (cursor.version == state.last_version && state.newest_batch_link != Hash256{}) {
    return *cursor.hash == cursor_hash(state.newest_batch_link);
  }
  // Its own batch, or the one after it, which names it.
  const std::optional<Seq> seq = reader.seq_of(feed, cursor.version);
  if (!seq) return true;
  const Result<Bytes> bytes = reader.header_at(*seq);
  const Result<DecodedHeader> decoded = bytes ? decode_header(*bytes) : fail(bytes.error());
  if (!decoded) return true;
  const bool own = decoded->header.first_version <= cursor.version;
  return *cursor.hash == cursor_hash(own ? link_of(*decoded) : decoded->header.prev_batch);
}

Seq before(Seq seq) { return Seq(seq.value - 1); }

// The whole feed of this epoch: from its `open`, which may be kept below the window.
FeedPlace place_at_start(const LogReader& reader, FeedId feed, const LoggedFeed& state) {
  const Seq floor = reader.window().floor;
  FeedPlace place{before(floor), state.epoch, Version(0), std::nullopt};
  const std::optional<Seq> first_batch = reader.seq_of(feed, Version(1));
  // A range's new epoch opens its feeds anew and lets their batches stand: those begin before that `open`.
  const bool continued = first_batch && *first_batch < state.open;
  if (state.open >= floor && !continued) place.after = before(state.open);
  if (state.open != Seq(0) && state.open < floor) place.first = RecordType::open;
  return place;
}

FeedPlace place_of_deletion(const LogReader& reader, const LoggedFeed& state, Version version) {
  const Seq floor = reader.window().floor;
  if (state.erase >= floor) return {before(state.erase), state.epoch, version, std::nullopt};
  return {before(floor), state.epoch, version, RecordType::erase};
}

}  // namespace

bool is_deleted(const LoggedFeed& state) { return state.erase != Seq(0) && state.erase > state.open; }
bool is_closed(const LoggedFeed& state) { return state.close != Seq(0) && state.close > state.open; }

FeedAnswer find_feed_place(const LogReader& reader, FeedId feed, const FeedCursor& cursor) {
  const std::optional<LoggedFeed> known = reader.feed(feed);
  if (!known) {
    // Only a window from seq 1 knows that there is no such feed.
    const bool all_held = reader.window().floor == Seq(1);
    return tl::unexpected(FeedRefusal{all_held ? StatusCode::empty_so_far : StatusCode::not_held, true, {}, {}});
  }
  const LoggedFeed& state = *known;
  if (cursor.epoch != FeedEpoch(0) && cursor.epoch != state.epoch) {
    if (cursor.epoch < state.epoch) return tl::unexpected(refuse(StatusCode::epoch_changed, false, state));
    return tl::unexpected(refuse(StatusCode::from_the_future, true, state));
  }
  if (cursor.version > state.last_version) {
    return tl::unexpected(refuse(StatusCode::from_the_future, true, state));
  }
  if (is_deleted(state)) return place_of_deletion(reader, state, cursor.version);
  const bool at_head = cursor.version == state.last_version;
  if (!at_head && cursor.version.next() < state.first_version) {
    return tl::unexpected(refuse(StatusCode::too_old, false, state));
  }
  if (!hash_fits(reader, feed, state, cursor)) return tl::unexpected(refuse(StatusCode::forked, false, state));
  if (cursor.version == Version(0)) return place_at_start(reader, feed, state);

  const Seq floor = reader.window().floor;
  FeedPlace place{std::max(state.newest_batch, before(floor)), state.epoch, cursor.version, std::nullopt};
  if (at_head) {
    if (is_closed(state) && state.close < floor) place.first = RecordType::close;
    return place;
  }
  const std::optional<Seq> next = reader.seq_of(feed, cursor.version.next());
  const std::optional<Seq> own = reader.seq_of(feed, cursor.version);
  // Retention may have passed since the state was read.
  if (!next) return tl::unexpected(refuse(StatusCode::too_old, false, state));
  if (cursor.version < state.first_version) {
    place.after = before(floor);  // its own batch is gone, notices after it may be there
  } else {
    // A batch that holds both is sent whole.
    place.after = own && *own < *next ? *own : before(*next);
  }
  return place;
}

std::optional<SnapshotPlace> find_snapshot_place(const LogReader& reader, FeedId feed, const FeedCursor& cursor) {
  const std::optional<LoggedFeed> state = reader.feed(feed);
  if (!state || state->snapshot == Seq(0) || is_deleted(*state)) return std::nullopt;
  Result<Bytes> frame = reader.notice(feed, RecordType::snapshot);
  if (!frame) return std::nullopt;
  const Result<RecordView> record = parse_record(*frame);
  if (!record || record->header().feed_epoch != state->epoch) return std::nullopt;
  const Result<Notice> notice = open_notice(*record);
  if (!notice) return std::nullopt;
  const auto& snapshot = std::get<SnapshotNotice>(*notice);
  const bool cursor_is_of_epoch = cursor.epoch == state->epoch || cursor.epoch == FeedEpoch(0);
  if (cursor_is_of_epoch && snapshot.at <= cursor.version) return std::nullopt;
  const FeedAnswer after = find_feed_place(reader, feed, {state->epoch, snapshot.at, std::nullopt});
  if (!after) return std::nullopt;
  return SnapshotPlace{std::move(*frame), *after};
}

}  // namespace xylem
