// Where the thread of a real discussion lies beside the checkout, it is converted, rebuilt and compared line by line.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "client/view/comments_hash.h"
#include "tests/unit/thread/thread_lines.h"

namespace xylem {
namespace {

CommentId id_of(std::string_view text) {
  JsonObject object;
  object.parse(as_bytes("{\"id\":\"" + std::string(text) + "\"}"));
  return CommentId::from_json(object.member("id")).value();
}

TEST_CASE("the real thread is rebuilt with every comment, parent and score") {
  std::ifstream file(XYLEM_SOURCE_DIR "/../shared/data/thread-n49rw.jsonl");
  if (!file) {
    WARN("the real thread is not beside this checkout: generated ones have to do");
    return;
  }
  const std::vector<std::string> lines =
      test::lines_of(std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
  const test::BuiltThread built = test::built_from(lines);
  const Comments& comments = built.comments;
  CHECK(built.problem.empty());
  CHECK(comments.count() == 1428);
  CHECK(comments.size() == 1429);
  CHECK(comments.post_title() == "We're back");
  CHECK(comments.post().votes.score() == 2412);

  std::size_t deleted = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    JsonObject line;
    REQUIRE(line.parse(as_bytes(lines[i])));
    const Comment& comment = comments.at(comments.find(id_of(line.member("id").text)).value());
    const std::string_view parent = line.member("parent_id").text;
    const CommentId parent_id = parent.starts_with("t3_") ? CommentId() : id_of(parent.substr(3));
    CHECK(comments.at(comment.parent).id == parent_id);
    CHECK(comment.votes.score() == line.member("score").integer);
    if (line.member("body").text == "[deleted]") {
      ++deleted;
      CHECK(comment.gone());
    } else {
      CHECK(comment.message == line.member("body").text);
      CHECK(comment.author == line.member("author").text);
      CHECK(comment.edited == line.member("edited").is(JsonValue::Type::kTrue));
    }
  }
  CHECK(deleted == 25);
  CHECK(to_hex(state_hash(comments)) == "7ab61856909d5236ed399af2c9251d066c63f52175e1b7f58e4b71808e04ce6c");
}

}  // namespace
}  // namespace xylem
