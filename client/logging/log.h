// The programs' log: one line an event on stderr, for people or as JSON, always with named fields.
//
//   log_info("upstream connected", {{"server", name}, {"bucket", 5}});
//   2026-11-21T12:00:00.123Z info  upstream connected server=l1a.example:7411 bucket=5
//   {"time":"2026-11-21T12:00:00.123Z","level":"info","event":"upstream
//   connected","server":"l1a.example:7411","bucket":"5"}
//
// Levels say who can cause a line: error and warning are for the operator and never caused by a single stranger's
// bytes; info is this node's own life; debug may be caused by any peer, is off by default and cheap then. Any thread.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "proto/result.h"

namespace xylem {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  std::string_view name;
  std::string value;

  LogField(std::string_view field, std::string text) : name(field), value(std::move(text)) {}
  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, const char* text) : name(field), value(text) {}
  LogField(std::string_view field, std::integral auto number) : name(field), value(std::to_string(number)) {}
};
using LogFields = std::initializer_list<LogField>;

enum class LogFormat { human, json };
void configure_log(LogLevel least, LogFormat format);
Result<LogLevel> parse_log_level(std::string_view text);  // kConfig

bool log_enabled(LogLevel level);
void log(LogLevel level, std::string_view event, LogFields fields = {});
inline void log_debug(std::string_view event, LogFields fields = {}) { log(LogLevel::debug, event, fields); }
inline void log_info(std::string_view event, LogFields fields = {}) { log(LogLevel::info, event, fields); }
inline void log_warning(std::string_view event, LogFields fields = {}) { log(LogLevel::warning, event, fields); }
inline void log_error(std::string_view event, LogFields fields = {}) { log(LogLevel::error, event, fields); }

// What follows time and level: exposed for tests.
std::string format_log_line(LogFormat format, std::string_view event, LogFields fields);

}  // namespace xylem
