#include "client/options/option_table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "client/options/option_text.h"
#include "client/options/toml_options.h"
#include "client/options/units.h"

namespace xylem {
namespace {

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t value = 0;
  auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || rest != text.data() + text.size() || value < min || value > max) {
    return fail(ErrorCode::kConfig, fmt::format("'{}' is not a whole number from {} to {}", text, min, max));
  }
  return value;
}

Result<bool> parse_switch(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return fail(ErrorCode::kConfig, fmt::format("'{}' is neither true nor false", text));
}

template <typename T>
std::function<Result<void>(std::string_view)> store(T* target, Result<T> (*parse)(std::string_view)) {
  return [target, parse](std::string_view text) -> Result<void> {
    auto value = parse(text);
    if (!value) return fail(value.error());
    *target = *value;
    return {};
  };
}

std::function<Result<void>(std::string_view)> store_text(std::string* target) {
  return [target](std::string_view text) -> Result<void> {
    *target = text;
    return {};
  };
}

// The first value given replaces the default list; the next ones add to it.
std::function<Result<void>(std::string_view)> store_texts(std::vector<std::string>* target) {
  return [target, first = true](std::string_view text) mutable -> Result<void> {
    if (std::exchange(first, false)) target->clear();
    target->emplace_back(text);
    return {};
  };
}

}  // namespace

OptionTable::OptionTable(std::string program, std::string purpose)
    : program_(std::move(program)), purpose_(std::move(purpose)) {}

OptionTable::Extras& OptionTable::Extras::required() {
  table_.options_[index_].required = true;
  return *this;
}

OptionTable::Extras& OptionTable::Extras::environment(std::string variable) {
  table_.options_[index_].environment = std::move(variable);
  return *this;
}

OptionTable::Extras& OptionTable::Extras::command_line_only() {
  table_.options_[index_].command_line_only = true;
  return *this;
}

void OptionTable::group(std::string title) { groups_.push_back({options_.size(), std::move(title)}); }

OptionTable::Extras OptionTable::add(OptionSpec spec) {
  XYLEM_ASSERT(find(spec.name) == nullptr);
  options_.push_back(std::move(spec));
  return {*this, options_.size() - 1};
}

OptionTable::Extras OptionTable::toggle(std::string name, bool* target, std::string help) {
  return add({.name = std::move(name), .help = std::move(help), .set = store(target, parse_switch)});
}

OptionTable::Extras OptionTable::text(std::string name, std::string* target, std::string placeholder,
                                      std::string help) {
  return add({.name = std::move(name),
              .placeholder = std::move(placeholder),
              .help = std::move(help),
              .default_text = *target,
              .set = store_text(target)});
}

OptionTable::Extras OptionTable::texts(std::string name, std::vector<std::string>* target, std::string placeholder,
                                       std::string help) {
  return add({.name = std::move(name),
              .placeholder = std::move(placeholder),
              .help = std::move(help),
              .repeatable = true,
              .set = store_texts(target)});
}

OptionTable::Extras OptionTable::number(std::string name, std::uint64_t* target, std::string placeholder,
                                        std::string help, std::uint64_t min, std::uint64_t max) {
  return add({.name = std::move(name),
              .placeholder = std::move(placeholder),
              .help = std::move(help),
              .default_text = std::to_string(*target),
              .set = [target, min, max](std::string_view text) -> Result<void> {
                auto value = parse_number(text, min, max);
                if (!value) return fail(value.error());
                *target = *value;
                return {};
              }});
}

OptionTable::Extras OptionTable::bytes(std::string name, std::uint64_t* target, std::string help) {
  return add({.name = std::move(name),
              .placeholder = "SIZE",
              .help = std::move(help),
              .default_text = *target == 0 ? "" : format_bytes(*target),
              .set = store(target, parse_bytes)});
}

OptionTable::Extras OptionTable::rate(std::string name, std::uint64_t* bits_per_second, std::string help) {
  return add({.name = std::move(name),
              .placeholder = "RATE",
              .help = std::move(help),
              .set = store(bits_per_second, parse_bits_per_second)});
}

OptionTable::Extras OptionTable::duration(std::string name, std::chrono::milliseconds* target, std::string help) {
  return add({.name = std::move(name),
              .placeholder = "TIME",
              .help = std::move(help),
              .default_text = target->count() % 1000 == 0 ? fmt::format("{}s", target->count() / 1000)
                                                          : fmt::format("{}ms", target->count()),
              .set = store(target, parse_duration)});
}

OptionTable::Extras OptionTable::choice(std::string name, std::string* target, std::vector<std::string> words,
                                        std::string help) {
  std::string placeholder = fmt::format("{}", fmt::join(words, "|"));
  return add({.name = std::move(name),
              .placeholder = placeholder,
              .help = std::move(help),
              .default_text = *target,
              .set = [target, words = std::move(words), placeholder](std::string_view text) -> Result<void> {
                if (std::find(words.begin(), words.end(), text) == words.end()) {
                  return fail(ErrorCode::kConfig, fmt::format("'{}' is not one of {}", text, placeholder));
                }
                *target = text;
                return {};
              }});
}

OptionTable::Extras OptionTable::custom(std::string name, std::string placeholder, std::string default_text,
                                        std::string help, std::function<Result<void>(std::string_view)> set) {
  return add({.name = std::move(name),
              .placeholder = std::move(placeholder),
              .help = std::move(help),
              .default_text = std::move(default_text),
              .repeatable = true,
              .set = std::move(set)});
}

OptionTable::Extras OptionTable::argument(std::string placeholder, std::string* target, std::string help) {
  return add({.name = placeholder,
              .placeholder = placeholder,
              .help = std::move(help),
              .default_text = *target,
              .positional = true,
              .required = target->empty(),
              .set = store_text(target)});
}

OptionTable::Extras OptionTable::arguments(std::string placeholder, std::vector<std::string>* target,
                                           std::string help) {
  return add({.name = placeholder,
              .placeholder = placeholder,
              .help = std::move(help),
              .positional = true,
              .repeatable = true,
              .set = store_texts(target)});
}

void OptionTable::epilogue(std::string text) { epilogue_ = std::move(text); }

OptionSpec* OptionTable::find(std::string_view name) {
  auto found =
      std::find_if(options_.begin(), options_.end(), [&](const OptionSpec& spec) { return spec.name == name; });
  return found == options_.end() ? nullptr : &*found;
}

std::string OptionTable::closest(std::string_view name) const {
  std::string best;
  std::size_t best_distance = 3;  // a typing mistake or two; further away it is another word
  for (const OptionSpec& spec : options_) {
    if (const std::size_t distance = edit_distance(spec.name, name); distance < best_distance) {
      best = spec.name;
      best_distance = distance;
    }
  }
  return best;
}

Result<void> OptionTable::set(OptionSpec& spec, std::string_view value) {
  if (auto done = spec.set(value); !done) return fail(done.error());
  spec.given = true;
  return {};
}

// CLI11 cuts the words; what they mean is decided by the table, so that file and command line agree.
Result<void> OptionTable::take_words(const std::vector<std::string>& words, std::string& config_file,
                                     std::optional<std::string>& print) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras(false);
  app.add_option("--config", config_file);
  for (const char* name : {"help", "version", "print-config", "print-man"}) {
    app.add_flag_callback(std::string("--") + name, [&print, name] { print = name; });
  }
  Result<void> outcome;
  int positions = 0;
  for (OptionSpec& spec : options_) {
    const auto take = [this, &spec, &outcome](std::string_view value) {
      if (auto done = set(spec, value); !done && outcome) {
        const std::string word = spec.positional ? spec.placeholder : "--" + spec.name;
        outcome = fail(ErrorCode::kUsage, fmt::format("{}: {}", word, done.error().detail));
      }
    };
    if (!spec.positional && spec.placeholder.empty()) {
      app.add_flag_callback("--" + spec.name, [take] { take("true"); });
      continue;
    }
    CLI::Option* option = app.add_option_function<std::vector<std::string>>(
        spec.positional ? fmt::format("word{}", ++positions) : "--" + spec.name,
        [take](const std::vector<std::string>& values) {
          for (const std::string& value : values) take(value);
        });
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (spec.positional && spec.repeatable) {
      option->expected(0, 1 << 20);
    } else {
      option->expected(1)->allow_extra_args(false);  // a list is written --peer a --peer b
    }
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ExtrasError&) {
    for (const std::string& word : app.remaining(true)) {
      if (print) break;
      const std::string near = word.starts_with("--") ? closest(word.substr(2)) : std::string();
      return fail(ErrorCode::kUsage, near.empty()
                                         ? fmt::format("'{}' is not understood; see {} --help", word, program_)
                                         : fmt::format("'{}' is not an option; did you mean --{}?", word, near));
    }
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::kUsage, fmt::format("{}; see {} --help", error.what(), program_));
  }
  return outcome;
}

Result<void> OptionTable::read_environment() {
  for (OptionSpec& spec : options_) {
    if (spec.given || spec.environment.empty()) continue;
    const char* value = std::getenv(spec.environment.c_str());
    if (value == nullptr || *value == '\0') continue;
    if (auto done = set(spec, value); !done) {
      return fail(ErrorCode::kUsage, fmt::format("environment variable {}: {}", spec.environment, done.error().detail));
    }
  }
  return {};
}

Result<void> OptionTable::load_file(const std::string& path) {
  auto entries = read_toml_options(path);
  if (!entries) return fail(entries.error());
  std::vector<OptionSpec*> set_by_file;
  for (const TomlOption& entry : *entries) {
    OptionSpec* spec = find(entry.name);
    const auto wrong = [&](std::string_view cause) {
      return fail(ErrorCode::kConfig, fmt::format("{}:{}: {}", path, entry.line, cause));
    };
    if (spec == nullptr || spec->positional || spec->command_line_only) {
      const std::string near = closest(entry.name);
      return wrong(near.empty() ? fmt::format("'{}' is not an option of {}", entry.name, program_)
                                : fmt::format("'{}' is not an option; did you mean '{}'?", entry.name, near));
    }
    if (spec->given) continue;  // the command line wins
    if (entry.values.size() > 1 && !spec->repeatable) return wrong(fmt::format("'{}' takes one value", entry.name));
    for (const std::string& value : entry.values) {
      if (auto done = spec->set(value); !done) return wrong(fmt::format("{}: {}", entry.name, done.error().detail));
    }
    set_by_file.push_back(spec);
  }
  for (OptionSpec* spec : set_by_file) spec->given = true;
  return {};
}

Result<OptionTable::Outcome> OptionTable::parse(int argc, const char* const* argv) {
  std::string config_file;
  std::optional<std::string> print;
  auto words = take_words(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), config_file, print);
  if (print) {
    const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    std::string text = *print == "help"           ? help(colour)
                       : *print == "version"      ? fmt::format("{} {}\n", program_, kVersionText)
                       : *print == "print-config" ? sample_config()
                                                  : man_page();
    std::fwrite(text.data(), 1, text.size(), stdout);
    return Outcome::done;
  }
  if (!words) return fail(words.error());
  if (!config_file.empty()) {
    if (auto loaded = load_file(config_file); !loaded) return fail(loaded.error());
  }
  if (auto read = read_environment(); !read) return fail(read.error());
  for (const OptionSpec& spec : options_) {
    if (spec.required && !spec.given) {
      return fail(ErrorCode::kUsage, fmt::format("{}{} is missing: {}; see {} --help", spec.positional ? "" : "--",
                                                 spec.name, spec.help, program_));
    }
  }
  return Outcome::run;
}

void print_error(std::string_view program, const Error& error) {
  fmt::print(stderr, "{}: {}\n", program, error.message());
}

}  // namespace xylem
