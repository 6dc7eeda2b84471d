#include "client/options/toml_options.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

namespace xylem {
namespace {

std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

Result<void> collect(const std::string& path, const toml::table& table, std::vector<TomlOption>& out) {
  for (const auto& [key, node] : table) {
    if (const auto* inner = node.as_table()) {
      if (auto done = collect(path, *inner, out); !done) return done;
      continue;
    }
    TomlOption option{std::string(key.str()), static_cast<std::uint32_t>(key.source().begin.line), {}};
    const auto wrong = [&] {
      return fail(ErrorCode::kConfig,
                  fmt::format("{}:{}: '{}' must be a text, a number, true or false, or a list of these", path,
                              option.line, option.name));
    };
    if (const auto* list = node.as_array()) {
      for (const toml::node& item : *list) {
        auto text = scalar_text(item);
        if (!text) return wrong();
        option.values.push_back(std::move(*text));
      }
    } else {
      auto text = scalar_text(node);
      if (!text) return wrong();
      option.values.push_back(std::move(*text));
    }
    out.push_back(std::move(option));
  }
  return {};
}

}  // namespace

Result<std::vector<TomlOption>> read_toml_options(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::kIo, fmt::format("{}: {}", path, std::strerror(errno)));
  std::string text(kConfigFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kConfigFileBytesMax) return fail(ErrorCode::kConfig, fmt::format("{}: larger than 1 MiB", path));
  try {
    const toml::table table = toml::parse(text, path);
    std::vector<TomlOption> options;
    if (auto done = collect(path, table, options); !done) return fail(done.error());
    return options;
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::kConfig, fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
}

}  // namespace xylem
