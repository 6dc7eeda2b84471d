#include "client/view/ink.h"

#include <array>

namespace xylem {
namespace {

// ECMA-48 SGR parameters.
constexpr std::array<std::string_view, 10> kCodes = {"", "1", "1;34", "1;36", "33", "31", "90", "3;90", "32", "36"};
constexpr std::array<std::string_view, 5> kGuideCodes = {"2;34", "2;36", "2;32", "2;33", "2;35"};

void painted(std::string& out, std::string_view code, std::string_view text, bool colour) {
  if (!colour || code.empty() || text.empty()) {
    out += text;
    return;
  }
  out += "\033[";
  out += code;
  out += 'm';
  out += text;
  out += "\033[0m";
}

}  // namespace

void paint(std::string& out, Ink ink, std::string_view text, bool colour) {
  painted(out, kCodes[static_cast<std::size_t>(ink)], text, colour);
}

void paint_guide(std::string& out, std::uint32_t depth, std::string_view text, bool colour) {
  painted(out, kGuideCodes[depth % kGuideCodes.size()], text, colour);
}

}  // namespace xylem
