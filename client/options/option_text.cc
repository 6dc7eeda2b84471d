// Everything the option table prints: --help, the sample config, the man page.
#include "client/options/option_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "client/options/option_table.h"

namespace xylem {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string wrap_text(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  const auto break_line = [&] {
    out += '\n';
    out.append(indent, ' ');
    column = indent;
  };
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\n') {
      break_line();
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (column > indent && column + 1 + word.size() > width) break_line();
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    at = end < text.size() && text[end] == ' ' ? end + 1 : end;
  }
  return out;
}

std::string OptionTable::title_of(std::size_t option) const {
  for (const Group& group : groups_) {
    if (group.first_option == option) return group.title;
  }
  return {};
}

std::string OptionTable::synopsis() const {
  std::string line = program_;
  if (std::any_of(options_.begin(), options_.end(), [](const OptionSpec& spec) { return !spec.positional; })) {
    line += " [OPTIONS]";
  }
  for (const OptionSpec& spec : options_) {
    if (!spec.positional) continue;
    const std::string word = spec.placeholder + (spec.repeatable ? " …" : "");
    line += spec.required ? " " + word : " [" + word + "]";
  }
  return line;
}

std::string OptionTable::help(bool colour, std::size_t width) const {
  const char* bold = colour ? "\033[1m" : "";
  const char* plain = colour ? "\033[0m" : "";
  std::string out = fmt::format("{}\n\n{}Usage:{} {}\n", wrap_text(purpose_, 0, width), bold, plain, synopsis());
  constexpr std::size_t kColumn = 28;
  const auto line = [&](const std::string& word, const std::string& text) {
    const std::size_t used = 2 + word.size();
    out += fmt::format("  {}", word);
    if (used + 2 > kColumn) {
      out += '\n';
      out.append(kColumn, ' ');
    } else {
      out.append(kColumn - used, ' ');
    }
    out += wrap_text(text, kColumn, width) + '\n';
  };
  const auto describe = [](const OptionSpec& spec) {
    std::string text = spec.help;
    if (!spec.default_text.empty()) text += fmt::format(" [{}]", spec.default_text);
    if (!spec.environment.empty()) text += fmt::format(" (environment: {})", spec.environment);
    if (spec.repeatable && !spec.positional) text += " (may be repeated)";
    if (spec.required && !spec.positional) text += " (required)";
    return text;
  };
  bool titled = false;
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (const std::string title = title_of(i); !title.empty()) {
      out += fmt::format("\n{}{}:{}\n", bold, title, plain);
    } else if (!titled) {
      out += fmt::format("\n{}Options:{}\n", bold, plain);
    }
    titled = true;
    const OptionSpec& spec = options_[i];
    const std::string word = spec.positional            ? spec.placeholder
                             : spec.placeholder.empty() ? "--" + spec.name
                                                        : fmt::format("--{} {}", spec.name, spec.placeholder);
    line(word, describe(spec));
  }
  out += fmt::format("\n{}General:{}\n", bold, plain);
  line("--config FILE", "read options from this TOML file; the command line wins");
  line("--print-config", "print a sample config file with every option and its default");
  line("--help", "print this");
  line("--version", "print the version");
  if (!epilogue_.empty()) out += '\n' + epilogue_ + '\n';
  return out;
}

std::string OptionTable::sample_config() const {
  std::string out =
      fmt::format("# {}: {}\n# Every option with its default; take the # away to set it.\n", program_, purpose_);
  for (std::size_t i = 0; i < options_.size(); ++i) {
    const OptionSpec& spec = options_[i];
    if (const std::string title = title_of(i); !title.empty()) out += fmt::format("\n# --- {} ---\n", title);
    if (spec.positional || spec.command_line_only) continue;
    std::string value = spec.placeholder.empty()
                            ? "true"
                            : fmt::format("\"{}\"", spec.default_text.empty() ? spec.placeholder : spec.default_text);
    if (spec.repeatable) value = "[" + value + "]";
    out += fmt::format("\n# {}{}\n#{} = {}\n", spec.help, spec.required ? " (required)" : "", spec.name, value);
  }
  return out;
}

std::string OptionTable::man_page() const {
  const auto escape = [](std::string_view text) {
    std::string safe;
    for (const char c : text) {
      if (c == '-') {
        safe += "\\-";
      } else if (c == '\\') {
        safe += "\\e";
      } else {
        safe += c;
      }
    }
    return safe;
  };
  std::string page = program_;
  std::replace(page.begin(), page.end(), ' ', '-');
  std::string upper = page;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  std::string out = fmt::format(".TH {} 1 \"\" \"Xylem {}\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n.SH OPTIONS\n",
                                upper, kVersionText, escape(page), escape(purpose_), escape(synopsis()));
  for (std::size_t i = 0; i < options_.size(); ++i) {
    const OptionSpec& spec = options_[i];
    if (const std::string title = title_of(i); !title.empty()) out += fmt::format(".SS {}\n", escape(title));
    const std::string word = spec.positional
                                 ? spec.placeholder
                                 : "--" + spec.name + (spec.placeholder.empty() ? "" : " " + spec.placeholder);
    out += fmt::format(".TP\n.B {}\n{}{}\n", escape(word), escape(spec.help),
                       spec.default_text.empty() ? "" : escape(fmt::format(" [{}]", spec.default_text)));
  }
  if (!epilogue_.empty()) out += fmt::format(".SH NOTES\n.nf\n{}\n.fi\n", escape(epilogue_));
  return out;
}

}  // namespace xylem
