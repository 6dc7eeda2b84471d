#include "proto/result.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace xylem {

std::string Error::message() const {
  const ErrorInfo& info = error_info(code);
  if (detail.empty()) return fmt::format("{} {}: {}", info.name, info.number, info.text);
  return fmt::format("{} {}: {}: {}", info.name, info.number, info.text, detail);
}

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace xylem
