#include "origin/ingest/thread/comment_writer.h"

#include <array>
#include <string_view>

namespace xylem {
namespace {

using Phrases = std::span<const std::string_view>;

constexpr std::string_view kPatterns[] = {
    "{opener}, {thing} {did} {when}.",
    "{thing} {did}, and {thing} {did} right after.",
    "I {felt} when {thing} {did}.",
    "My {relative} asked why I {felt} {when}.",
    "Has anyone tried {remedy}?",
    "{opener}, have you considered {remedy}?",
    "Thanks for {kindness}.",
    "{opener}: {remedy} is not a plan.",
    "So {thing} {did} because nobody thought of {remedy}?",
    "I was {doing} when {thing} {did}.",
    "Next time, try {remedy} before {thing} {did} again.",
    "{when}, {thing} {did}; I {felt}.",
    "Is {remedy} really cheaper than {remedy}?",
    "For what it's worth, {thing} {did} at my job, too.",
};
constexpr std::string_view kOpeners[] = {
    "Honestly",   "To be fair",       "Serious question",    "As an admin",
    "Wild guess", "Not to be rude",   "In my experience",    "Correct me if I'm wrong",
    "Fun fact",   "From the outside", "Speaking as a cache", "Well, actually"};
constexpr std::string_view kThings[] = {"the cache",
                                        "a router in rack 7",
                                        "the whole site",
                                        "my productivity",
                                        "the load balancer",
                                        "the third replica",
                                        "that cron job",
                                        "the monitoring",
                                        "every shard",
                                        "the hosting provider",
                                        "the error page",
                                        "the front page",
                                        "a single unplugged cable",
                                        "the database",
                                        "the backup of the backup"};
constexpr std::string_view kDid[] = {"fell over",           "came back on its own", "forgot everything",
                                     "rebooted twice",      "returned 503s",        "started from cold",
                                     "got very quiet",      "ran out of memory",    "caught fire",
                                     "blamed the network",  "went into a loop",     "dropped half its keys",
                                     "refused connections", "pretended to be fine", "was patched overnight"};
constexpr std::string_view kWhen[] = {"around eight in the morning", "during finals",       "in the middle of lunch",
                                      "at 3 am, naturally",          "for six whole hours", "last Thursday",
                                      "right after the deploy",      "on my day off",       "twice this week",
                                      "while I was asleep",          "just before the demo"};
constexpr std::string_view kFelt[] = {"went outside",        "did my homework",     "pressed reload 400 times",
                                      "talked to my family", "cleaned the kitchen", "read an actual book",
                                      "finished my thesis",  "learned to juggle",   "stared at the wall",
                                      "wrote half a novel"};
constexpr std::string_view kRelatives[] = {"boss",     "wife",        "dog",      "professor",
                                           "roommate", "grandmother", "compiler", "landlord"};
constexpr std::string_view kRemedies[] = {"a second data centre",
                                          "turning it off and on again",
                                          "consistent hashing",
                                          "more bananas",
                                          "writing the cache to disk",
                                          "a read-only copy",
                                          "a bigger hamster wheel",
                                          "an append-only log",
                                          "asking the users nicely",
                                          "one machine less",
                                          "fixed buckets",
                                          "a signed list of changes",
                                          "warming it up beforehand",
                                          "a spare memcached",
                                          "a nap"};
constexpr std::string_view kKindness[] = {"the write-up",       "being open about this", "fixing it so fast",
                                          "the free afternoon", "explaining the graphs", "not losing anything",
                                          "the error page"};
constexpr std::string_view kDoing[] = {"halfway through a long reply", "about to press save",
                                       "reading a very good thread",   "on page nine of my own history",
                                       "showing it to my mother",      "in the bath"};
constexpr std::string_view kReactions[] = {"This.",
                                           "Welcome back!",
                                           "I missed you guys.",
                                           "ok",
                                           "Worth it.",
                                           "Nope.",
                                           "Same here.",
                                           "First!",
                                           "I see what you did there.",
                                           "Too soon.",
                                           "[citation needed]",
                                           "Have an upvote.",
                                           "Who?",
                                           "Not again…",
                                           "tl;dr: it broke, they fixed it",
                                           "so much for my exams",
                                           "HAHAHA",
                                           "(╯°□°)╯︵ ┻━┻",
                                           "┬─┬ ノ( ゜-゜ノ)",
                                           "ಠ_ಠ",
                                           "¯\\_(ツ)_/¯",
                                           "🎉🎉🎉",
                                           "brb, crying",
                                           "Paging the bananas.",
                                           "&#3232;_&#3232;",
                                           "That escalated quickly.",
                                           "…",
                                           "+1",
                                           "No.",
                                           "¿Por qué no los dos?"};
constexpr std::string_view kForeign[] = {
    "サイトが戻ってきました。ありがとう！みんなお疲れさまでした。",
    "Ça marche à nouveau — merci à toute l'équipe, et bon courage.",
    "Наконец-то! Я уже начал читать книги.",
    "네, 다시 살아났네요. 고생하셨습니다.",
    "服务器终于恢复了，大家可以继续不工作了。",
    "Endlich. Ich hätte fast das Büro verlassen müssen.",
    "שלום, האתר חזר.",
    "Ευχαριστούμε για την ενημέρωση!",
    "एक घंटे में मैंने पूरा कमरा साफ कर दिया।",
    "Năm tiếng không có gì để đọc, thật là kinh khủng.",
    "👩‍💻 deployed, 👨‍🚒 arrived, ☕️ finished. Situation normal."};
constexpr std::string_view kCode[] = {
    "for i in $(seq 1 99); do\n    curl -sf https://example.org/ && break\n    sleep \"$i\"\ndone",
    "def get(key):\n    try:\n        return cache[key]\n    except Unreachable:\n        return get(key)  # what "
    "could go wrong",
    "if (server.is_down()) {\n    server.stop_being_down();\n}",
    "$ uptime\n 08:14:02 up 2 min,  1 user,  load average: 412.08, 97.31, 33.70",
    "SELECT reason, count(*) FROM outages GROUP BY reason ORDER BY 2 DESC;\n-- dns | 41\n-- dns, again | 17",
    "10 PRINT \"WE ARE BACK\"\n20 GOTO 10",
    "iptables -A INPUT -p tcp --dport 80 -m connlimit --connlimit-above 8 -j REJECT --reject-with tcp-reset  # please "
    "don't"};
constexpr std::string_view kAdjectives[] = {"quiet",  "rusty", "lucid",  "brave", "tidy",  "odd",   "amber",
                                            "polite", "late",  "warm",   "plain", "swift", "vague", "loud",
                                            "gentle", "proud", "sleepy", "exact", "blue",  "mild"};
constexpr std::string_view kNouns[] = {"otter",  "teapot", "badger", "packet", "kernel",  "walrus", "pencil",
                                       "magpie", "anchor", "turnip", "comet",  "lantern", "socket", "heron",
                                       "button", "cactus", "yodel",  "pebble", "falcon",  "muffin"};

Phrases phrases_of(std::string_view slot) {
  static constexpr std::pair<std::string_view, Phrases> kSlots[] = {
      {"opener", kOpeners},  {"thing", kThings},       {"did", kDid},           {"when", kWhen},  {"felt", kFelt},
      {"remedy", kRemedies}, {"relative", kRelatives}, {"kindness", kKindness}, {"doing", kDoing}};
  for (const auto& [name, phrases] : kSlots) {
    if (name == slot) return phrases;
  }
  return kReactions;
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

// Here and below no expression rolls the dice twice: which part is evaluated first differs among compilers.
std::string CommentWriter::sentence() {
  std::string_view pattern = random_.pick(Phrases(kPatterns));
  std::string text;
  for (std::size_t open; (open = pattern.find('{')) != std::string_view::npos;) {
    const std::size_t close = pattern.find('}', open);
    text += pattern.substr(0, open);
    text += random_.pick(phrases_of(pattern.substr(open + 1, close - open - 1)));
    pattern.remove_prefix(close + 1);
  }
  text += pattern;
  text[0] = upper(text[0]);
  return text;
}

std::string CommentWriter::paragraph(std::uint64_t sentences) {
  std::string text = sentence();
  for (std::uint64_t i = 1; i < sentences; ++i) text += ' ' + sentence();
  return text;
}

std::string CommentWriter::paragraphs(std::uint64_t count) {
  std::string text = paragraph(1 + random_.below(4));
  for (std::uint64_t i = 1; i < count; ++i) text += "\n\n" + paragraph(1 + random_.below(4));
  return text;
}

std::string CommentWriter::quote() {
  std::string text = "> " + sentence();
  return text += "\n\n" + paragraph(1 + random_.below(2));
}

std::string CommentWriter::code() {
  std::string text = sentence() + "\n\n    ";
  for (const char c : random_.pick(Phrases(kCode))) {
    text += c;
    if (c == '\n') text += "    ";
  }
  return text;
}

std::string CommentWriter::list() {
  std::string text = sentence() + "\n";
  for (std::uint64_t i = 0, items = 2 + random_.below(3); i < items; ++i) text += "\n* " + sentence();
  return text;
}

// Half of all comments are shorter than 70 bytes, one in a hundred reaches 2 kB.
std::string CommentWriter::body() {
  const std::uint64_t form = random_.below(1000);
  if (form < 230) return std::string(random_.pick(Phrases(kReactions)));
  if (form < 580) return sentence();
  if (form < 790) return paragraph(2 + random_.below(2));
  if (form < 900) return paragraphs(2);
  if (form < 920) return quote();
  if (form < 940) return code();
  if (form < 955) return list();
  if (form < 975) return std::string(random_.pick(Phrases(kForeign)));
  if (form < 990) return paragraphs(4);
  std::string text = paragraphs(6);
  while (text.size() < 1800) text += "\n\n" + paragraph(3);
  return text;
}

std::string CommentWriter::post() {
  std::string text = "Hey folks,\n\n" + paragraph(4);
  text += "\n\n" + paragraph(5);
  text += "\n\n" + list();
  text += "\n\n" + paragraph(3);
  return text += "\n\ntl;dr\n\n" + paragraph(2);
}

std::string CommentWriter::user_name(std::uint64_t number) {
  std::string name(kAdjectives[number % std::size(kAdjectives)]);
  number /= std::size(kAdjectives);
  name += '_';
  name += kNouns[number % std::size(kNouns)];
  number /= std::size(kNouns);
  if (number > 0) name += std::to_string(number);
  return name;
}

}  // namespace xylem
