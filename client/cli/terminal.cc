#include "client/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace xylem {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

int terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const int columns = std::atoi(environment("COLUMNS").c_str());
  return columns > 0 ? columns : 80;
}

bool passing_shown = false;

}  // namespace

Terminal look_at_stdout() {
  Terminal terminal;
  terminal.is_terminal = ::isatty(STDOUT_FILENO) != 0;
  terminal.colour = terminal.is_terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  terminal.unicode = !terminal.is_terminal || locale_is_utf8();
  terminal.width = terminal_width();
  return terminal;
}

bool print_out(std::string_view text) {
  clear_passing();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

void print_note(std::string_view text) {
  clear_passing();
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

void print_passing(std::string_view text) {
  if (::isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r\033[K%.*s", static_cast<int>(text.size()), text.data());
  std::fflush(stderr);
  passing_shown = true;
}

void clear_passing() {
  if (!passing_shown) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  passing_shown = false;
}

}  // namespace xylem
