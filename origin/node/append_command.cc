// xylem-origin append: events from a file or pipe, one JSON object a line, into a feed.
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/options/command_set.h"
#include "client/options/option_table.h"
#include "client/options/units.h"
#include "origin/node/commands.h"
#include "origin/node/http_poster.h"
#include "origin/node/keygen.h"
#include "proto/crypto.h"
#include "proto/ids.h"

namespace xylem {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatchLinesMax = 500;
constexpr std::size_t kBatchBytesMax = 512 * 1024;
constexpr std::size_t kLineBytesMax = 1024 * 1024;
constexpr auto kRetryEach = std::chrono::milliseconds(250);

struct AppendSettings {
  std::string server = "http://127.0.0.1:8411";
  std::string token_file;
  std::string feed;
  std::string view;
  std::string producer;
  std::uint64_t rate = 0;
  std::chrono::milliseconds patience{30'000};
  bool quiet = false;
  std::string input = "-";
};

std::string random_name() {
  std::array<std::uint8_t, 8> bytes{};
  fill_random(bytes);
  return "append-" + to_hex(bytes);
}

class Appender {
 public:
  Appender(const AppendSettings& settings, std::string token)
      : settings_(settings),
        poster_(target(settings, std::move(token))),
        started_(Clock::now()),
        shown_(!settings.quiet && ::isatty(STDERR_FILENO) != 0) {}

  Result<void> run(std::istream& in, std::uint64_t bytes_total) {
    bytes_total_ = bytes_total;
    std::string batch;
    std::size_t lines = 0;
    std::string line;
    for (std::uint64_t number = 1; std::getline(in, line); ++number) {
      if (line.size() > kLineBytesMax)
        return fail(ErrorCode::kEventTooLarge, fmt::format("line {} is longer than 1 MiB", number));
      bytes_read_ += line.size() + 1;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (lines == 0) first_line_ = number;
      batch += line;
      batch += '\n';
      if (++lines >= batch_lines() || batch.size() >= kBatchBytesMax) {
        if (auto sent = send(batch, lines); !sent) return sent;
        batch.clear();
        lines = 0;
      }
    }
    if (in.bad()) return fail(ErrorCode::kIo, "the input cannot be read");
    if (lines == 0) return {};
    return send(batch, lines);
  }

  void tell_end() {
    clear();
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    fmt::print("appended: events={} first={} last={} duplicates={} seconds={:.2f}\n", events_, first_, last_,
               duplicates_, seconds);
  }

 private:
  static PostTarget target(const AppendSettings& settings, std::string token) {
    PostTarget target;
    target.url = fmt::format("{}/v1/stream/{}", settings.server, url_piece(settings.feed));
    target.token = std::move(token);
    target.view = settings.view;
    target.producer = settings.producer.empty() ? random_name() : settings.producer;
    return target;
  }

  // At a given rate a batch is what belongs to a tenth of a second, so that events flow and do not fall.
  std::size_t batch_lines() const {
    if (settings_.rate == 0) return kBatchLinesMax;
    return std::clamp<std::size_t>(static_cast<std::size_t>(settings_.rate / 10), 1, kBatchLinesMax);
  }

  Result<void> send(const std::string& batch, std::size_t lines) {
    hold_rate(lines);
    const auto give_up = Clock::now() + settings_.patience;
    for (;;) {
      auto reply = poster_.post(batch, seq_);
      if (reply && reply->status == 200) return take(*reply, lines);
      const bool again = !reply || reply->status == 503 || reply->status == 429;
      Error error = reply ? refusal(*reply) : reply.error();
      if (!again || Clock::now() >= give_up) return fail(std::move(error));
      show(fmt::format("waiting for the origin: {}", error.detail));
      std::this_thread::sleep_for(kRetryEach);
    }
  }

  Result<void> take(const PostReply& reply, std::size_t lines) {
    const auto said = nlohmann::json::parse(reply.body, nullptr, false);
    if (said.is_discarded() || !said.contains("first"))
      return fail(ErrorCode::kProtocol, "the origin's answer is not understood");
    ++seq_;
    events_ += lines;
    if (said.value("duplicate", false)) duplicates_ += lines;
    if (said["first"].is_number()) {
      if (first_ == 0) first_ = said["first"].get<std::uint64_t>();
      last_ = said["last"].get<std::uint64_t>();
    }
    show_progress();
    return {};
  }

  // The origin's words; its line numbers count from the batch's first line.
  Error refusal(const PostReply& reply) const {
    const auto said = nlohmann::json::parse(reply.body, nullptr, false);
    std::string detail = said.is_object() ? said.value("detail", "") : "";
    if (detail.empty()) detail = fmt::format("HTTP status {}", reply.status);
    ErrorCode code = ErrorCode::kBadRequest;
    if (said.is_object() && said.contains("number") && said["number"].is_number_unsigned()) {
      code = error_info_of_number(static_cast<std::uint16_t>(said["number"].get<unsigned>())).code;
    }
    return {code, first_line_ > 1 ? fmt::format("{} (lines are counted from line {} of the input)", detail, first_line_)
                                  : detail};
  }

  void hold_rate(std::size_t lines) const {
    if (settings_.rate == 0) return;
    const auto due =
        std::chrono::duration<double>(static_cast<double>(events_ + lines) / static_cast<double>(settings_.rate));
    std::this_thread::sleep_until(started_ + std::chrono::duration_cast<Clock::duration>(due));
  }

  void show_progress() {
    if (!shown_) return;
    const double seconds = std::max(0.001, std::chrono::duration<double>(Clock::now() - started_).count());
    const std::string speed = fmt::format("{} events, {:.0f}/s", events_, static_cast<double>(events_) / seconds);
    if (bytes_total_ == 0) return show(speed);
    constexpr std::size_t kCells = 30;
    const double part = std::min(1.0, static_cast<double>(bytes_read_) / static_cast<double>(bytes_total_));
    const auto full = static_cast<std::size_t>(part * kCells);
    std::string bar;
    for (std::size_t i = 0; i < kCells; ++i) bar += i < full ? "█" : "░";
    const auto left =
        std::chrono::milliseconds(static_cast<std::int64_t>(part > 0 ? seconds * (1 - part) / part * 1000 : 0));
    show(fmt::format("{} {:3.0f} %  {}  {} left", bar, part * 100, speed, format_duration(left)));
  }
  void show(const std::string& text) const {
    if (!shown_) return;
    fmt::print(stderr, "\r\033[K{}", text);
    std::fflush(stderr);
  }
  void clear() const {
    if (shown_) fmt::print(stderr, "\r\033[K");
  }

  const AppendSettings& settings_;
  HttpPoster poster_;
  const Clock::time_point started_;
  const bool shown_;
  std::uint64_t bytes_total_ = 0, bytes_read_ = 0;
  std::uint64_t seq_ = 0, events_ = 0, duplicates_ = 0, first_ = 0, last_ = 0;
  std::uint64_t first_line_ = 1;
};

Result<void> append(const AppendSettings& settings) {
  auto token = read_public_file(settings.token_file, 4096);
  if (!token) return fail(token.error());
  std::string text(as_text(*token));
  while (!text.empty() && text.back() <= ' ') text.pop_back();
  Appender appender(settings, std::move(text));
  Result<void> done;
  if (settings.input == "-") {
    done = appender.run(std::cin, 0);
  } else {
    std::ifstream file(settings.input, std::ios::binary | std::ios::ate);
    if (!file) return fail(ErrorCode::kIo, fmt::format("{}: cannot be opened", settings.input));
    const auto size = static_cast<std::uint64_t>(file.tellg());
    file.seekg(0);
    done = appender.run(file, size);
  }
  appender.tell_end();
  return done;
}

}  // namespace

int run_append_command(int argc, const char* const* argv) {
  constexpr const char* kCommand = "xylem-origin append";
  AppendSettings settings;
  OptionTable table(kCommand, "Appends events to a feed: one JSON object a line, from a file or a pipe.");
  table.argument("FILE", &settings.input, "the events; - is standard input");
  table.text("server", &settings.server, "URL", "the origin's listener for writers");
  table.text("token-file", &settings.token_file, "FILE", "the token that writers show").required();
  table.text("feed", &settings.feed, "FEED", "a number, a name, or name:31337 for a name of digits").required();
  table.text("view", &settings.view, "VIEW",
             "how the feed is meant to be read, for example comments; counts when the feed begins");
  table.number("rate", &settings.rate, "N", "events a second; 0 = as fast as it goes", 0, 1'000'000);
  table.text("producer", &settings.producer, "ID",
             "name of this writer; each run needs a new one, which is the default");
  table.duration("patience", &settings.patience, "go on trying for so long when the origin does not answer");
  table.toggle("quiet", &settings.quiet, "no progress bar");
  table.epilogue(
      "Example: xylem-thread convert thread.jsonl | xylem-origin append --token-file keys/ingest.token --feed 31337 -");
  auto outcome = table.parse(argc, argv);
  if (outcome && *outcome == OptionTable::Outcome::done) return kExitOk;
  Result<void> valid;
  if (!outcome) valid = fail(outcome.error());
  if (valid && !parse_feed(settings.feed))
    valid = fail(ErrorCode::kUsage, fmt::format("--feed: '{}' is neither number nor name", settings.feed));
  if (!valid) {
    print_error(kCommand, valid.error());
    return kExitUsage;
  }
  if (auto done = append(settings); !done) {
    print_error(kCommand, done.error());
    return kExitFailed;
  }
  return kExitOk;
}

}  // namespace xylem
