// Errors as HTTP tells them: application/problem+json (RFC 9457) with the number and name of the one table of errors.
#pragma once

#include <span>

#include "proto/result.h"
#include "relay/edge/http_answer.h"

namespace xylem {

// A member besides the usual ones.
struct ProblemMember {
  std::string_view name;
  std::string text;
};

// Never cached; with Retry-After where trying again may help.
HttpAnswer problem(const Error& error, std::span<const ProblemMember> members = {});
// For what the table has no row: a status of HTTP itself (414, 431, 505, …).
HttpAnswer problem(int status, const std::string& detail);

}  // namespace xylem
