// Colours of a thread in a terminal: the sixteen that follow the reader's own theme, or none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xylem {

enum class Ink : std::uint8_t {
  kPlain,
  kTitle,
  kAuthor,
  kPoster,  // who wrote the post
  kScore,
  kBadScore,  // below zero
  kFaint,     // what frames the text: ages, marks, rules
  kGone,      // deleted, removed, missing
  kQuote,
  kCode,
};

// Appends `text` in the colour of `ink`; `text` must be safe already (text_cells.h).
void paint(std::string& out, Ink ink, std::string_view text, bool colour);
// The line that leads down to the replies of a comment at `depth`.
void paint_guide(std::string& out, std::uint32_t depth, std::string_view text, bool colour);

}  // namespace xylem
