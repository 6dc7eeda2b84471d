#include "tests/bench/bench_world.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace xylem {
namespace {

double seconds_of(clockid_t clock) {
  timespec now{};
  must_be(::clock_gettime(clock, &now) == 0, "read a clock");
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

constexpr std::array kWords = {"the",    "thread", "people",  "because", "never",  "always", "I",       "think",
                               "of",     "and",    "that",    "not",     "is",     "was",    "quite",   "server",
                               "really", "read",   "comment", "deleted", "source", "of",     "history", "moderator",
                               "a",      "to",     "in",      "this",    "you",    "who",    "wrote",   "yesterday"};
constexpr std::uint64_t kFeeds = 1000;
constexpr std::array<std::uint64_t, 8> kBatchEvents = {1, 1, 1, 2, 2, 4, 8, 32};
constexpr std::size_t kSourceBytes = 64 * kKiB;

}  // namespace

void give_up(std::string_view what, std::string_view why) {
  fmt::print(stderr, "xylem_bench: {}: {}\n", what, why);
  std::exit(1);
}

void must_be(bool true_enough, std::string_view what) {
  if (!true_enough) give_up(what, std::strerror(errno));
}

void raise_descriptor_limit() {
  rlimit limit{};
  must_be(::getrlimit(RLIMIT_NOFILE, &limit) == 0, "read the limit of descriptors");
  limit.rlim_cur = limit.rlim_max;
  must_be(::setrlimit(RLIMIT_NOFILE, &limit) == 0, "raise the limit of descriptors");
}

double wall_seconds() { return seconds_of(CLOCK_MONOTONIC); }
double process_cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

double thread_cpu_seconds(pthread_t thread) {
  clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
  if (thread != 0) must_be(::pthread_getcpuclockid(thread, &clock) == 0, "find a thread's clock");
  return seconds_of(clock);
}

ScratchFolder::ScratchFolder(const std::string& parent, const std::string& name)
    : path_((std::filesystem::path(parent) / name).string()) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string CommentText::next() {
  ++id_;
  std::string text = fmt::format(R"({{"id":"t1_{:x}","parent":"t1_{:x}","author":"reader_{}","body":")", id_,
                                 id_ - id_ % 7, id_ % 193);
  while (text.size() < 250) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    text += kWords[(state_ >> 33) % kWords.size()];
    text += ' ';
  }
  return text + "\"}";
}

std::vector<RecordView> BucketSource::next(std::uint64_t events) {
  maker_.frames.clear();
  std::size_t bytes = 0;
  std::uint64_t made = 0;
  while (bytes < kSourceBytes && made < events) {
    const std::uint64_t count = std::min(kBatchEvents[batches_ % kBatchEvents.size()], events - made);
    // Feeds that are of one bucket lie as far apart as there are buckets.
    const FeedId feed(kBenchFeed.value + (batches_ * 7 % kFeeds) * kSampleBuckets);
    std::vector<std::string> details(count);
    for (std::string& each : details) each = text_.next();
    bytes += maker_.frames[maker_.batch_of(feed, details)].size();
    ++batches_;
    made += count;
  }
  events_made_ += made;
  return maker_.records();
}

std::shared_ptr<const ServeFacts> bench_facts() {
  const SampleZone zone;
  auto facts = std::make_shared<ServeFacts>();
  facts->zone = zone.id;
  facts->manifest = std::make_shared<Manifest>(zone.manifest);
  facts->manifest_bytes = std::make_shared<Bytes>(zone.signed_manifest());
  facts->manifest_hash = sha256(*facts->manifest_bytes);
  facts->key = std::make_shared<SigningKey>(sample_key(9));
  facts->hosts = {{"127.0.0.1", 7720}};
  facts->agent = "xylem/bench";
  facts->path = {facts->relay()};
  facts->accept_any_relay = true;
  return facts;
}

Hello bench_hello(Role role) {
  Hello hello;
  hello.zone = SampleZone().id;
  hello.role = role;
  hello.nonce.fill(1);
  hello.host = "127.0.0.1";
  hello.port = 7720;
  if (role == Role::relay) hello.relay = relay_id_of(sample_key(kChildKey).public_key());
  return hello;
}

}  // namespace xylem
