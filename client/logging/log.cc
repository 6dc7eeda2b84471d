#include "client/logging/log.h"

#include <fmt/core.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>

namespace xylem {
namespace {

std::atomic<LogFormat> current_format{LogFormat::human};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

void set_pattern(spdlog::logger& logger, LogFormat format) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                : "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v",
      spdlog::pattern_time_type::utc);
  logger.set_formatter(std::move(formatter));
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    const auto colour = std::getenv("NO_COLOR") != nullptr ? spdlog::color_mode::never : spdlog::color_mode::automatic;
    auto made =
        std::make_shared<spdlog::logger>("xylem", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(colour));
    set_pattern(*made, LogFormat::human);
    made->set_level(spdlog::level::info);
    return made;
  }();
  return *instance;
}

// Text from peers may stand in a field: control characters never reach the terminal, a quote never ends a JSON text.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F || c == '"' || c == '\\' || c == '=') return true;
  }
  return false;
}

}  // namespace

void configure_log(LogLevel least, LogFormat format) {
  current_format = format;
  set_pattern(logger(), format);
  logger().set_level(spdlog_level(least));
}

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::debug;
  if (text == "info") return LogLevel::info;
  if (text == "warning") return LogLevel::warning;
  if (text == "error") return LogLevel::error;
  return fail(ErrorCode::kConfig, fmt::format("'{}' is not one of debug, info, warning, error", text));
}

bool log_enabled(LogLevel level) { return logger().should_log(spdlog_level(level)); }

std::string format_log_line(LogFormat format, std::string_view event, LogFields fields) {
  std::string line;
  if (format == LogFormat::json) {
    line = "\"event\":\"";
    append_escaped(line, event);
    line += '"';
    for (const LogField& field : fields) {
      line += fmt::format(",\"{}\":\"", field.name);
      append_escaped(line, field.value);
      line += '"';
    }
    return line;
  }
  append_escaped(line, event);
  for (const LogField& field : fields) {
    line += fmt::format(" {}=", field.name);
    const bool quoted = needs_quotes(field.value);
    if (quoted) line += '"';
    append_escaped(line, field.value);
    if (quoted) line += '"';
  }
  return line;
}

void log(LogLevel level, std::string_view event, LogFields fields) {
  if (!log_enabled(level)) return;
  logger().log(spdlog_level(level), "{}", format_log_line(current_format, event, fields));
}

}  // namespace xylem
