// Timestamps as text (RFC 3339, unix seconds and milliseconds): the part of ids.h that is about time.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "proto/ids.h"

namespace xylem {
namespace {

using namespace std::chrono;

// Numbers from here on are milliseconds: as seconds they would lie beyond the year 5138, as milliseconds after
// 1973-03-03.
constexpr std::uint64_t kMillisecondsFrom = 100'000'000'000;
constexpr std::size_t kTextBytesMax = 64;

// Takes pieces off the front of a text; the first that does not fit makes all later ones fail too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  unsigned digits(std::size_t count) {
    unsigned value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }
  bool next_is(std::string_view any) const {
    return !rest_.empty() && any.find(rest_.front()) != std::string_view::npos;
  }
  char one_of(std::string_view any) {
    if (!next_is(any)) return reject();
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  bool done() const { return !bad_ && rest_.empty(); }

 private:
  unsigned digit() {
    const char c = one_of("0123456789");
    return bad_ ? 0 : static_cast<unsigned>(c - '0');
  }
  char reject() {
    bad_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool bad_ = false;
};

// The fraction's first three digits; further ones are passed over.
milliseconds take_fraction(Scanner& scan) {
  constexpr std::string_view kDigits = "0123456789";
  milliseconds fraction{0};
  milliseconds unit{100};
  do {
    fraction += unit * (scan.one_of(kDigits) - '0');
    unit /= 10;
  } while (scan.next_is(kDigits));
  return fraction;
}

std::optional<minutes> take_offset(Scanner& scan) {
  const char sign = scan.one_of("Zz+-");
  if (sign != '+' && sign != '-') return minutes(0);
  const hours h(scan.digits(2));
  scan.one_of(":");
  const minutes m(scan.digits(2));
  if (h >= 24h || m >= 60min) return std::nullopt;
  return sign == '+' ? h + m : -(h + m);
}

// RFC 3339 §5.6 date-time; `t`, `z` and a blank for the T are allowed there.
std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner scan(text);
  const year y(static_cast<int>(scan.digits(4)));
  scan.one_of("-");
  const month m(scan.digits(2));
  scan.one_of("-");
  const year_month_day date(y, m, day(scan.digits(2)));
  scan.one_of("Tt ");
  const hours h(scan.digits(2));
  scan.one_of(":");
  const minutes min(scan.digits(2));
  scan.one_of(":");
  const seconds s(scan.digits(2));
  milliseconds fraction{0};
  if (scan.next_is(".")) {
    scan.one_of(".");
    fraction = take_fraction(scan);
  }
  const auto offset = take_offset(scan);
  if (!scan.done() || !offset || !date.ok() || h >= 24h || min >= 60min || s > 60s) return std::nullopt;

  // A leap second ends a UTC day; unix time gives it the number of the second after.
  const sys_seconds whole = sys_days(date) + h + min + s - *offset;
  if (s == 60s && whole != floor<days>(whole)) return std::nullopt;
  return whole + fraction;
}

}  // namespace

std::string to_rfc3339(Timestamp t) {
  const sys_days day = floor<days>(t);
  const year_month_day date(day);
  const hh_mm_ss time(t - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::kBadEvent, fmt::format("timestamp '{}': {}", text.substr(0, kTextBytesMax), why));
  };
  if (text.size() > kTextBytesMax) return refuse("longer than 64 bytes");

  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (!text.empty() && stop == end) {
    if (error != std::errc() || number > kTimestampMax) return refuse("after the year 9999");
    return from_ms(number < kMillisecondsFrom ? number * 1000 : number);
  }
  const auto parsed = parse_rfc3339(text);
  if (!parsed) return refuse("neither RFC 3339 with a date nor unix seconds or milliseconds");
  if (*parsed < Timestamp{} || *parsed > from_ms(kTimestampMax)) return refuse("outside 1970 to 9999");
  return *parsed;
}

}  // namespace xylem
