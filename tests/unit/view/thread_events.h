// Feeds a Comments with events written as JSON, one version after the other, a second apart.
#pragma once

#include <string>
#include <string_view>

#include "client/view/comments.h"

namespace xylem::test {

inline constexpr std::uint64_t kStartSeconds = 1323313344;  // 8 Dec 2011, 03:02:24 UTC

inline Timestamp seconds_after_start(std::uint64_t seconds) { return from_ms((kStartSeconds + seconds) * 1000); }

class Thread {
 public:
  Thread() = default;
  explicit Thread(Comments::Options options) : comments(options) {}

  Comments::Effect apply(std::string_view kind, std::string_view json) {
    ++version_;
    last = comments.apply({Version(version_), seconds_after_start(version_), kind, as_bytes(json), false});
    return last.effect;
  }
  Comments::Effect redacted() {
    ++version_;
    last = comments.apply({Version(version_), seconds_after_start(version_), "", {}, true});
    return last.effect;
  }
  // Ids and parents are JSON: 7, "c364mzp".
  Comments::Effect add(std::string_view id, std::string_view parent, std::string_view message = "text") {
    return apply("add_comment", "{\"comment_id\":" + std::string(id) + ",\"parent_comment\":" + std::string(parent) +
                                    ",\"user_id\":\"ann\",\"message\":\"" + std::string(message) + "\"}");
  }
  Comments::Effect edit(std::string_view id, std::string_view message) {
    return apply("edit_comment",
                 "{\"comment_id\":" + std::string(id) + ",\"message\":\"" + std::string(message) + "\"}");
  }
  Comments::Effect remove(std::string_view id) { return apply("delete_comment", named(id)); }
  Comments::Effect upvote(std::string_view id) { return apply("upvote", named(id)); }
  Comments::Effect downvote(std::string_view id) { return apply("downvote", named(id)); }
  Comments::Effect score(std::string_view id, std::int64_t score) {
    return apply("vote", "{\"comment_id\":" + std::string(id) + ",\"score\":" + std::to_string(score) + "}");
  }
  Comments::Effect totals(std::string_view id, std::int64_t ups, std::int64_t downs) {
    return apply("vote", "{\"comment_id\":" + std::string(id) + ",\"ups\":" + std::to_string(ups) +
                             ",\"downs\":" + std::to_string(downs) + "}");
  }

  const Comment& at(std::string_view id) const {
    JsonObject object;
    object.parse(as_bytes("{\"id\":" + std::string(id) + "}"));
    return comments.at(comments.find(CommentId::from_json(object.member("id")).value()).value());
  }
  std::string parent_of(std::string_view id) const { return comments.at(at(id).parent).id.to_json(); }

  Comments comments;
  Comments::Change last{};

 private:
  static std::string named(std::string_view id) { return "{\"comment_id\":" + std::string(id) + "}"; }

  std::uint64_t version_ = 0;
};

}  // namespace xylem::test
