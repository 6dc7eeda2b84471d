// Writes down what a session tells, one line each, so that a test can compare whole histories.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "client/session/upstream_listener.h"

namespace xylem {

class HeardUpstream final : public UpstreamListener {
 public:
  std::vector<std::string> lines;
  std::vector<std::string> frames;  // of every record and beacon, as the start of their hash
  std::optional<SessionFailure> failure;
  std::function<void()> when_ready, when_records;

  void on_ready(const UpstreamPeer& peer) override {
    lines.push_back(peer.identified ? "ready, identified" : "ready");
    if (when_ready) when_ready();
  }
  void on_buckets(std::span<const BucketState> buckets) override {
    lines.push_back(fmt::format("{} buckets", buckets.size()));
  }
  void on_manifest(const Trust& trust) override {
    lines.push_back(fmt::format("manifest {}", trust.manifest()->serial));
  }
  void on_bucket_records(Bucket bucket, std::span<const RecordView> records) override {
    note(fmt::format("bucket {}", bucket.value), records);
  }
  void on_feed_records(FeedId feed, std::span<const RecordView> records) override {
    note(fmt::format("feed {}", feed.value), records);
  }
  void on_status(const Status& status) override {
    lines.push_back(fmt::format("status {} head {}", static_cast<int>(status.code), status.head_position));
  }
  void on_skipped(const Skipped& skipped) override {
    lines.push_back(fmt::format("skipped {} to {}", skipped.from.value, skipped.to.value));
  }
  void on_beacon(const Beacon& beacon, ByteView frame) override {
    lines.push_back(fmt::format("beacon {} at {}", beacon.bucket.value, beacon.seq.value));
    frames.push_back(mark_of(frame));
  }
  void on_path(std::span<const RelayId> path) override { lines.push_back(fmt::format("path of {}", path.size())); }
  void on_fetched(std::uint32_t request, Result<Bytes> bytes) override {
    lines.push_back(bytes ? fmt::format("fetched {}: {} bytes", request, bytes->size())
                          : fmt::format("fetched {}: {}", request, error_info(bytes.error().code).name));
  }
  void on_evidence(const Evidence& evidence) override {
    lines.push_back(fmt::format("evidence of {}", evidence.headers.size()));
  }
  void on_goaway(const GoAway&) override { lines.emplace_back("goaway"); }
  void on_failed(const SessionFailure& why) override {
    lines.push_back(fmt::format("failed: {}", error_info(why.error.code).name));
    failure = why;
  }

  static std::string mark_of(ByteView bytes) { return to_hex(sha256(bytes)).substr(0, 8); }
  std::vector<std::string> take() { return std::exchange(lines, {}); }

 private:
  void note(const std::string& of, std::span<const RecordView> records) {
    std::string line = of + ":";
    for (const RecordView& record : records) {
      line += fmt::format(" {}{}", record.header().seq.value, record.form == RecordForm::withheld ? "w" : "");
      frames.push_back(mark_of(record.frame));
    }
    lines.push_back(std::move(line));
    if (when_records) when_records();
  }
};

}  // namespace xylem
