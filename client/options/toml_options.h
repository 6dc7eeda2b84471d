// A TOML file as a flat list of options with their lines. Tables only group: [limits] readers = 5 is the option
// `readers`; the sample config uses none. Values are handed on as text, so that file and command line are parsed alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/result.h"

namespace xylem {

struct TomlOption {
  std::string name;
  std::uint32_t line = 0;
  std::vector<std::string> values;  // several for an array
};

inline constexpr std::size_t kConfigFileBytesMax = 1024 * 1024;

// kIo when it cannot be read; kConfig with "FILE:LINE: …" when it is not TOML or holds dates and nested arrays.
Result<std::vector<TomlOption>> read_toml_options(const std::string& path);

}  // namespace xylem
