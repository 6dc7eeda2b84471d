// The comments of one post, rebuilt from the events of its feed (docs/views.md says what each event does, odd ones
// included). Deterministic: the same events give the same state, and the same hash of it (comments_hash.h), on every
// machine.
//
//   add_post · add_comment · edit_comment · delete_comment · upvote · downvote · vote
//
// The post is entry 0 and always there, so that it is edited, deleted and voted on like any comment. A parent that is
// named before it was added is an entry, too, of state kMissing, at the top; it takes its place, with its replies, when
// it arrives. Sorting is not done here (comment_order.h). A redaction that arrives after its event was applied is not
// an event of the feed: the reader starts a new Comments and applies the feed again, with that event removed.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/view/comment_id.h"
#include "client/view/event.h"
#include "client/view/json_object.h"
#include "client/view/view_limits.h"

namespace xylem {

struct Votes {
  std::int64_t ups = 0;
  std::int64_t downs = 0;
  bool score_only = false;  // only the difference is known; ups and downs are then the fewest that give it

  std::int64_t score() const { return ups - downs; }
  friend bool operator==(const Votes&, const Votes&) = default;
};

struct Comment {
  enum class State : std::uint8_t {
    kMissing,  // named as a parent, not added (yet)
    kShown,
    kDeleted,  // by its author, or by nobody says whom
    kRemoved,  // by a moderator
  };
  CommentId id;
  std::uint32_t parent = 0;  // its entry; 0 = stands at the top, under the post
  State state = State::kMissing;
  bool edited = false;
  Version version;      // of the event that added it; kMissing: that named it first
  Timestamp created;    // time of that event
  Timestamp edited_at;  // time of the last edit
  Votes votes;
  std::string author;   // empty: none was named. Empty once deleted, as is the message
  std::string message;  // as posted: not safe for a terminal

  bool gone() const { return state == State::kDeleted || state == State::kRemoved; }
};

class Comments {
 public:
  using Index = std::uint32_t;

  struct Options {
    std::size_t entries_max = 1'000'000;                  // comments and missing parents; beyond: kOverLimit
    std::size_t text_bytes_max = std::size_t{512} << 20;  // ids, authors, messages, titles, URLs; beyond: kOverLimit
  };

  // What an event did. Only the first four change what a reader sees.
  enum class Effect : std::uint8_t {
    kAdded,
    kEdited,
    kDeleted,
    kVoted,
    kUnknownKind,  // passed by: another view's
    kRedacted,     // reads as null
    kMalformed,    // details are not what docs/views.md says of the kind
    kDuplicate,    // adds what was added before, deletes what is deleted
    kNoTarget,     // names a comment that is not there, or edits one that is deleted
    kOverLimit,    // would pass a limit of Options
    kOld,          // a version at or below the one held
  };
  static constexpr std::size_t kEffects = 11;

  struct Change {
    Effect effect;
    Index index = 0;  // the entry; meaningful for the first four

    bool visible() const { return effect <= Effect::kVoted; }
  };

  Comments();
  explicit Comments(Options options);
  Comments(Comments&&) noexcept = default;
  Comments& operator=(Comments&&) noexcept = default;

  // In order of versions. A gap is the caller's to notice.
  Change apply(const ViewEvent& event);

  Version version() const { return version_; }          // of the last event applied
  std::size_t size() const { return entries_.size(); }  // entries: the post, comments, missing parents
  std::size_t count() const { return count_; }          // comments added, deleted ones among them
  const Comment& at(Index index) const { return entries_[index]; }
  const Comment& post() const { return entries_[0]; }
  const std::string& post_title() const { return title_; }
  const std::string& post_url() const { return url_; }
  std::optional<Index> find(const CommentId& id) const;
  std::uint64_t effects(Effect effect) const { return effects_[static_cast<std::size_t>(effect)]; }

 private:
  struct Kind {
    std::string_view name;
    Change (Comments::*add)(const ViewEvent&);
    Effect (Comments::*change)(Comment&, const ViewEvent&);  // where add is null
  };
  static const Kind* kind_of(std::string_view name);

  Change reduce(const ViewEvent& event);
  Change reduce_target(const Kind& kind, const ViewEvent& event);
  Change add_post(const ViewEvent& event);
  Change add_comment(const ViewEvent& event);
  Effect edit_comment(Comment& comment, const ViewEvent& event);
  Effect delete_comment(Comment& comment, const ViewEvent& event);
  Effect upvote(Comment& comment, const ViewEvent& event);
  Effect downvote(Comment& comment, const ViewEvent& event);
  Effect vote(Comment& comment, const ViewEvent& event);

  bool fits(std::size_t entries, std::size_t text_bytes) const;
  Index entry_of(const CommentId& id, const ViewEvent& event);
  void fill(Index index, const ViewEvent& event, std::string author, std::string_view message);
  void drop(std::string& text);
  void attach(Index child, Index parent);
  Index top_of(Index index);

  Options options_;
  JsonObject details_;
  std::deque<Comment> entries_;  // in the order they were first named; never removed
  std::string title_;
  std::string url_;
  // Ordered, so that nobody makes it slow by choosing ids. The keys stand in entries_.
  std::map<std::string_view, Index> index_of_;
  std::vector<Index> towards_top_;  // see top_of()
  std::size_t count_ = 0;
  std::size_t text_bytes_ = 0;
  Version version_;
  std::array<std::uint64_t, kEffects> effects_{};
};

}  // namespace xylem
