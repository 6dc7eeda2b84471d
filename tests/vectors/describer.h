// How describe() collects values: under a prefix that may grow, "grant 1 epoch".
#pragma once

#include <fmt/format.h>

#include "tests/vectors/describe.h"

namespace xylem::example {

class Describer {
 public:
  explicit Describer(Values& out, std::string prefix = {}) : out_(out), prefix_(std::move(prefix)) {}

  void text(std::string_view name, std::string_view value) { out_.emplace_back(prefix_ + std::string(name), value); }
  void number(std::string_view name, std::uint64_t value) { text(name, fmt::format("{}", value)); }
  void time(std::string_view name, Timestamp value) { number(name, to_ms(value)); }
  void hex(std::string_view name, ByteView value) { text(name, to_hex(value)); }
  Describer within(std::string_view name, std::size_t number) {
    return Describer(out_, fmt::format("{}{} {} ", prefix_, name, number));
  }

 private:
  Values& out_;
  std::string prefix_;
};

}  // namespace xylem::example
