// How a function says that it could not: Result<T> holds a value or an Error. Exceptions are not used for what a peer,
// a disk or a user can cause. Assertions (XYLEM_ASSERT) are for our own mistakes only and stay on in release.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "proto/errors.h"

namespace xylem {

struct Error {
  ErrorCode code{};
  std::string detail;  // what exactly, for a person: "line 7: …"; may be empty

  std::string message() const;  // "E_BAD_HEADER 104: header is malformed: reserved bytes are not zero"
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string detail = {}) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}
// Passes another result's error on: `if (!r) return fail(r.error());`
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace xylem

#define XYLEM_ASSERT(condition) \
  (static_cast<bool>(condition) ? void(0) : ::xylem::assertion_failed(#condition, __FILE__, __LINE__))
