// Names inside a DNS message: labels and compression pointers (RFC 1035 §4.1.4), read with bounds that hold for hostile
// bytes: a pointer must lead backwards, a name has at most 255 bytes on the wire.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "proto/bytes.h"

namespace xylem {

// Reads the name at `offset` and moves `offset` behind it. Lower case, no trailing dot, the root is "". Bytes other
// than letters, digits, - and _ become \ddd (RFC 1035 §5.1), so such a name equals no name that was asked for. Nothing
// when it is malformed.
std::optional<std::string> read_dns_name(ByteView message, std::size_t& offset);

// Whether `name` is `zone` or lies below it; both as read_dns_name gives them.
bool is_at_or_below(std::string_view name, std::string_view zone);

}  // namespace xylem
