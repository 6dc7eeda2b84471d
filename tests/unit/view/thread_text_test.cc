#include "client/view/thread_text.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "client/view/comment_text.h"
#include "client/view/text_cells.h"
#include "tests/unit/view/thread_events.h"

namespace xylem {
namespace {

using test::Thread;

ThreadTextOptions options(int width) {
  ThreadTextOptions options;
  options.width = width;
  options.sort = CommentSort::kOld;
  options.now = test::seconds_after_start(3600 * 5);
  return options;
}

std::string page(const Thread& thread, int width) { return thread_text(thread.comments, options(width)); }

// The page without its line of counts.
std::string tree(const Thread& thread, int width) {
  const std::string text = page(thread, width);
  return text.substr(text.find("\n\n") + 2);
}

TEST_CASE("an empty thread says that it has no comments") {
  Thread thread;
  CHECK(page(thread, 40) == "── 0 comments · oldest first ───────────\n");
}

TEST_CASE("a post has its headline above the comments") {
  Thread thread;
  thread.apply("add_post",
               R"({"title":"We're back","user_id":"ann","message":"Hey folks,\n\ncheers","url":"https://x.example/"})");
  thread.add("1", "0", "hello");
  thread.score("0", 2412);
  CHECK(page(thread, 40) ==
        R"(We're back
ann · 2412 points · 4h
https://x.example/

Hey folks,

cheers

── 1 comment · oldest first ────────────

ann (OP) · 0 points · 4h
  hello
)");
}

TEST_CASE("replies hang from guides") {
  Thread thread;
  thread.add("1", "0", "a comment that is long enough to wrap");
  thread.add("2", "1", "its first reply");
  thread.add("3", "2", "a reply to that");
  thread.add("4", "1", "its last reply,\\n\\nin two paragraphs");
  thread.add("5", "4", "and one more");
  thread.add("6", "0", "another");
  thread.edit("3", "an edited reply");
  thread.score("2", 1);
  thread.score("5", -7);
  CHECK(tree(thread, 40) ==
        R"(ann · 0 points · 4h
│ a comment that is long enough to wrap
│
├─ ann · 1 point · 4h
│  │ its first reply
│  │
│  └─ ann · 0 points · 4h · edited
│       an edited reply
│
└─ ann · 0 points · 4h
   │ its last reply,
   │
   │ in two paragraphs
   │
   └─ ann · −7 points · 4h
        and one more

ann · 0 points · 4h
  another
)");
}

TEST_CASE("deleted, removed and missing comments keep their replies") {
  Thread thread;
  thread.add("1", "0");
  thread.add("2", "1", "reply to a deleted one");
  thread.remove("1");
  thread.add("3", "0");
  thread.apply("delete_comment", R"({"comment_id":3,"reason":"removed"})");
  thread.add("4", "99", "reply to nobody knows what");
  thread.apply("add_comment", R"({"comment_id":5,"message":"nobody said this"})");
  CHECK(tree(thread, 40) ==
        R"([deleted] · 0 points · 4h
│
└─ ann · 0 points · 4h
     reply to a deleted one

[removed] · 0 points · 4h

[missing]
│
└─ ann · 0 points · 4h
     reply to nobody knows what

anonymous · 0 points · 4h
  nobody said this
)");
}

TEST_CASE("beyond the deepest level that fits, replies say whom they answer") {
  Thread thread;
  for (int id = 1; id <= 8; ++id) {
    const std::string json = "{\"comment_id\":" + std::to_string(id) + ",\"parent_comment\":" + std::to_string(id - 1) +
                             ",\"user_id\":\"u" + std::to_string(id) + "\",\"message\":\"m\"}";
    thread.apply("add_comment", json);
  }
  const std::string text = tree(thread, 40);
  CHECK(text.find(R"(         ├─ u5 · 0 points · 4h
         │    m
         │
         ├─ u6 → u5 · 0 points · 4h
         │    m
         │
         ├─ u7 → u6 · 0 points · 4h
         │    m
         │
         └─ u8 → u7 · 0 points · 4h
              m
)") != std::string::npos);
}

TEST_CASE("large scores are shortened") {
  CHECK(points_text(1, true) == "1 point");
  CHECK(points_text(-1, false) == "-1 point");
  CHECK(points_text(0, true) == "0 points");
  CHECK(points_text(9'999, true) == "9999 points");
  CHECK(points_text(10'000, true) == "10.0k points");
  CHECK(points_text(-12'399, true) == "−12.3k points");
  CHECK(points_text(999'999, true) == "999.9k points");
  CHECK(points_text(1'000'000, true) == "1.0M points");
  CHECK(points_text(kVotesMax, true) == "1.0T points");
}

TEST_CASE("a thread of 10 000 levels is drawn") {
  Thread thread;
  for (int id = 1; id <= 10'000; ++id) thread.add(std::to_string(id), std::to_string(id - 1));
  const std::string text = page(thread, 100);
  CHECK(std::count(text.begin(), text.end(), '\n') == 30'001);
}

TEST_CASE("no line is wider than the terminal, whatever people write") {
  Thread thread;
  const std::string long_name(200, 'n');
  thread.apply("add_post", R"({"title":")" + std::string(300, 't') + R"(","user_id":")" + long_name +
                               R"(","url":"https://)" + std::string(300, 'u') + "\"}");
  for (int id = 1; id <= 40; ++id) {
    const std::string json = "{\"comment_id\":" + std::to_string(id) + ",\"parent_comment\":" + std::to_string(id - 1) +
                             ",\"user_id\":\"" + long_name + "日本\",\"message\":\"日本語日本語 " +
                             std::string(150, 'x') + "\"}";
    thread.apply("add_comment", json);
    thread.score(std::to_string(id), -999'999);
    thread.edit(std::to_string(id), "edited 日本語日本語日本語日本語日本語日本語日本語日本語");
  }
  for (const int width : {40, 41, 60, 80, 100, 140, 300}) {
    std::istringstream lines(page(thread, width));
    int widest = 0;
    for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns_of(line));
    CAPTURE(width);
    CHECK(widest <= width);
  }
  CHECK(page(thread, -1) == page(thread, 40));
}

TEST_CASE("hostile text never reaches the terminal raw") {
  Thread thread;
  const std::string hostile = R"(\u001b[2J\u001b]0;pwned\u0007\u009b31m\u202e\u0000\r\n\u2028\u0008)";
  thread.apply("add_post", R"({"title":")" + hostile + R"(","user_id":")" + hostile + R"(","message":")" + hostile +
                               R"(","url":")" + hostile + "\"}");
  thread.apply("add_comment", R"({"comment_id":1,"user_id":")" + hostile + R"(","message":"> )" + hostile +
                                  R"(\n\n    )" + hostile + "\"}");
  for (const bool unicode : {true, false}) {
    ThreadTextOptions plain = options(60);
    plain.unicode = unicode;
    const std::string text = thread_text(thread.comments, plain) + change_text(thread.comments, thread.last, plain);
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      CHECK((c == '\n' || (byte >= 0x20 && byte != 0x7f && (unicode || byte < 0x80))));
    }
    CHECK(text.find("\u009b") == std::string::npos);
    CHECK(text.find("\u202e") == std::string::npos);
  }
}

TEST_CASE("without unicode the page is plain ASCII") {
  Thread thread;
  thread.add("1", "0", "caf\u00e9");
  thread.add("2", "1", "reply");
  thread.add("3", "1", "reply");
  thread.score("3", -1);
  ThreadTextOptions plain = options(40);
  plain.unicode = false;
  CHECK(thread_text(thread.comments, plain) ==
        R"(-- 3 comments - oldest first -----------

ann - 0 points - 4h
| caf?
|
|- ann - 0 points - 4h
|    reply
|
`- ann - -1 point - 4h
     reply
)");
}

TEST_CASE("colours surround the text and change nothing else") {
  Thread thread;
  thread.apply("add_post", R"({"title":"T","user_id":"ann","message":"> q\n\n    code"})");
  thread.add("1", "0", "hello");
  thread.add("2", "1", "hello");
  thread.score("2", -3);
  ThreadTextOptions colour = options(40);
  colour.colour = true;
  std::string text = thread_text(thread.comments, colour);
  CHECK(text.find("\033[1mT\033[0m\n") == 0);
  CHECK(text.find("\033[31m−3 points\033[0m") != std::string::npos);
  std::string stripped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033')
      i = text.find('m', i);
    else
      stripped += text[i];
  }
  CHECK(stripped == page(thread, 40));
}

TEST_CASE("a follower sees each change, and nothing of what passed by") {
  Thread thread;
  const auto change = [&] { return change_text(thread.comments, thread.last, options(40)); };
  thread.add("1", "0", "a comment that is long enough to wrap");
  CHECK(change() == "ann · 0 points · 4h\n  a comment that is long enough to wrap\n\n");
  thread.apply("add_comment", R"({"comment_id":2,"parent_comment":1,"user_id":"bob","message":"reply"})");
  CHECK(change() == "bob → ann · 0 points · 4h\n  reply\n\n");
  thread.score("2", 12);
  CHECK(change() == "bob: 12 points\n");
  thread.edit("2", "better reply");
  CHECK(change() == "bob → ann · 12 points · 4h · edited\n  better reply\n\n");
  thread.remove("2");
  CHECK(change() == "a reply to ann was deleted\n");
  thread.apply("delete_comment", R"({"comment_id":1,"reason":"removed"})");
  CHECK(change() == "a comment was removed\n");
  thread.upvote("99");
  CHECK(change().empty());
  thread.redacted();
  CHECK(change().empty());
}

}  // namespace
}  // namespace xylem
