// Invents what people say below a post about an outage: from a word to two thousand bytes, with quotes, lists, code and
// scripts other than Latin. A grammar of phrases, no model: plausible at a glance, and without any real person's words.
#pragma once

#include <cstdint>
#include <string>

#include "origin/ingest/thread/random.h"

namespace xylem {

class CommentWriter {
 public:
  explicit CommentWriter(Random& random) : random_(random) {}

  std::string body();
  std::string post();
  static std::string user_name(std::uint64_t number);  // another for each number

 private:
  std::string sentence();
  std::string paragraph(std::uint64_t sentences);
  std::string paragraphs(std::uint64_t count);
  std::string quote();
  std::string code();
  std::string list();

  Random& random_;
};

}  // namespace xylem
