#include "client/discovery/cached_resolver.h"

#include <algorithm>

#include "client/discovery/cache_file.h"

namespace xylem {
namespace {

using namespace std::chrono_literals;

constexpr auto kSilenceLasts = 5s;
constexpr auto kSaveAfter = 1s;  // several answers, one write

}  // namespace

CachedResolver::CachedResolver(Loop& loop, const ResolverOptions& options, std::filesystem::path file)
    : loop_(loop), file_(std::move(file)), resolver_(loop, options), writer_(loop, 1), save_timer_(loop, [this] {
        save();
      }) {
  save_timer_.keep_loop_alive(false);
  if (!file_.empty()) load();
}

CachedResolver::~CachedResolver() {
  // The last moment to do it, and the program is ending: blocking is all right here.
  if (unsaved_) static_cast<void>(write_cache_file(file_, cache_.encode()));
}

std::optional<DnsStep> CachedResolver::known(const DnsQuestion& question) const {
  const std::optional<DnsCache::Hit> hit = cache_.find(question, Loop::now_utc());
  if (!hit) return std::nullopt;
  if (hit->fresh()) return DnsStep{question, hit->answer, true, hit->ttl_left, std::nullopt};
  const bool silent = silent_since_ && loop_.now() < *silent_since_ + kSilenceLasts;
  if (!silent) return std::nullopt;
  return DnsStep{question, hit->answer, true, 0s, hit->age};
}

void CachedResolver::ask(const DnsQuestion& question, OnStep on_step) {
  auto& waiting = waiting_[question];
  waiting.push_back(std::move(on_step));
  if (waiting.size() > 1) return;
  resolver_.ask(question, [this, question](Result<Bytes> message) { on_answer(question, std::move(message)); });
}

// Each of those who wait may destroy this.
void CachedResolver::on_answer(const DnsQuestion& question, Result<Bytes> message) {
  silent_since_ = message ? std::nullopt : std::optional(loop_.now());
  const DnsStep step = step_of(question, std::move(message));
  const auto waiting = waiting_.extract(question);
  for (const OnStep& on_step : waiting.mapped()) on_step(step);
}

DnsStep CachedResolver::step_of(const DnsQuestion& question, Result<Bytes> message) {
  Result<DnsAnswer> answer = message ? parse_dns_answer(*message, question) : fail(message.error());
  const Timestamp now = Loop::now_utc();
  if (answer) {
    cache_.store(question, std::move(*message), now);
    unsaved_ = !file_.empty();
    if (unsaved_ && !save_timer_.running()) save_timer_.start(kSaveAfter);
    const auto ttl = std::min<std::chrono::seconds>(answer->ttl, DnsCache::kTtlMax);
    return {question, std::move(answer), false, ttl, std::nullopt};
  }
  const std::optional<DnsCache::Hit> hit = cache_.find(question, now);
  if (!hit) return {question, std::move(answer), false, 0s, std::nullopt};
  return {question, hit->answer, true, 0s, hit->age};
}

void CachedResolver::load() {
  const Result<Bytes> bytes = read_cache_file(file_);
  const Result<void> read = bytes ? cache_.decode(*bytes, Loop::now_utc()) : fail(bytes.error());
  if (!read && read.error().code != ErrorCode::kNotFound) file_problem_ = read.error();
}

void CachedResolver::save() {
  const Result<void> started =
      writer_.run_for<Result<void>>([file = file_, bytes = cache_.encode()] { return write_cache_file(file, bytes); },
                                    [this](const Result<void>& written) {
                                      if (!written) file_problem_ = written.error();
                                    });
  if (started) {
    unsaved_ = false;
  } else {
    save_timer_.start(kSaveAfter);  // the last write is still on its way
  }
}

}  // namespace xylem
