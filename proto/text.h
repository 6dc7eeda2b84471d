// Text from the wire and to the wire (spec §1): UTF-8 without control characters, so that it can neither break a line
// of a log nor steer a terminal, and with a limit in bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xylem {

// RFC 3629: shortest form only, no surrogates, at most U+10FFFF.
bool valid_utf8(std::string_view text);

// valid_utf8, none of U+0000…001F and U+007F…009F, at most `bytes_max`.
bool valid_text(std::string_view text, std::size_t bytes_max);

// 1…bytes_max bytes of printable ASCII without blanks.
bool valid_token(std::string_view text, std::size_t bytes_max);

// The nearest valid text: cut at a character's end, `?` for each byte that may not stand in it.
std::string clean_text(std::string_view text, std::size_t bytes_max);

}  // namespace xylem
