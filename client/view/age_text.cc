#include "client/view/age_text.h"

#include <array>
#include <chrono>
#include <string_view>

namespace xylem {

using namespace std::chrono_literals;

std::string age_text(Timestamp then, Timestamp now) {
  const auto age = now - then;
  if (age < -24h || age >= 24h * 30) return day_text(then);
  if (age < 1min) return "now";
  if (age < 1h) return std::to_string(age / 1min) + "m";
  if (age < 24h) return std::to_string(age / 1h) + "h";
  return std::to_string(age / 24h) + "d";
}

std::string day_text(Timestamp time) {
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  std::string text = std::to_string(static_cast<unsigned>(day.day()));
  text += ' ';
  text += kMonths[static_cast<unsigned>(day.month()) - 1];
  text += ' ';
  return text += std::to_string(static_cast<int>(day.year()));
}

}  // namespace xylem
