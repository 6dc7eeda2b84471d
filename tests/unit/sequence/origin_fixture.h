// An origin without sockets: a zone of four buckets, a sequencer over memory storage, and whoever drives it.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "origin/sequence/sequencer.h"
#include "relay/log/memory_storage.h"

namespace xylem {

class OriginFixture {
 public:
  static constexpr std::uint16_t kBuckets = 4;

  explicit OriginFixture(SequencerOptions options = {}) : options_(options), trust_(zone_id_of(root_.public_key())) {
    Manifest manifest;
    manifest.root_key = root_.public_key();
    manifest.names = {"distributed.example"};
    manifest.serial = 1;
    manifest.buckets = kBuckets;
    manifest.issued = wall;
    const BucketRange all{Bucket(1), Bucket(kBuckets)};
    manifest.grants = {{origin_.public_key(), all, Epoch(1000), Seq(1), std::nullopt}};
    manifest.epochs = {{all, Epoch(1000)}};
    REQUIRE(trust_.admit(sign_manifest(manifest, root_)));
  }

  // Starts, or starts again over the same storage.
  Result<void> start() {
    sequencer.reset();
    logs.reset();
    LogSetOptions log_options;
    log_options.log.keep_everything = true;
    log_options.log.segment_bytes = 64 * kKiB;
    auto opened = LogSet::open(storage, {Bucket(1), Bucket(kBuckets)}, log_options);
    if (!opened) return fail(opened.error());
    logs = std::move(*opened);
    auto started = Sequencer::open(storage, *logs, trust_, SigningKey::from_seed(origin_.seed()), options_, now, wall);
    if (!started) return fail(started.error());
    sequencer = std::move(*started);
    return {};
  }

  Append request(FeedId feed, std::vector<std::string> details, std::optional<ProducerNumber> producer = {}) const {
    Append append;
    append.feed = feed;
    append.content_type = "application/json";
    for (std::string& text : details)
      append.events.push_back({std::nullopt, "add_comment", Bytes(text.begin(), text.end())});
    append.producer = std::move(producer);
    return append;
  }

  Result<Accepted> submit(FeedId feed, std::vector<std::string> details, std::optional<ProducerNumber> producer = {}) {
    return sequencer->submit(request(feed, std::move(details), std::move(producer)), wall);
  }

  Result<void> sync_journal() {
    while (sequencer->journal().sync_needed()) {
      const Journal::Sync sync = sequencer->journal().begin_sync();
      auto durable = sequencer->journal().end_sync(sync, sync.run());
      if (!durable) return fail(durable.error());
    }
    sequencer->on_journal_durable(now);
    return {};
  }

  Result<std::size_t> seal_once() {
    auto buckets = sequencer->seal(now, wall);
    if (!buckets) return fail(buckets.error());
    for (const Bucket bucket : *buckets) {
      if (auto synced = logs->of(bucket).sync(); !synced) return fail(synced.error());
    }
    if (auto published = sequencer->publish(now); !published) return fail(published.error());
    return buckets->size();
  }

  // Everything that is accepted becomes visible.
  Result<void> settle() {
    if (auto synced = sync_journal(); !synced) return synced;
    while (sequencer->deadline() != kNever) {
      now = std::max(now, sequencer->deadline());
      if (auto sealed = seal_once(); !sealed) return fail(sealed.error());
    }
    return {};
  }

  // Every published record of every bucket, verified; the events of each feed in order of versions.
  struct Content {
    std::map<FeedId, std::vector<std::string>> events;
    std::map<FeedId, std::vector<std::size_t>> batches;  // events of each batch
    std::map<FeedId, OpenNotice> opened;
    std::size_t records = 0;
  };
  Content content() const {
    Content content;
    for (std::uint16_t b = 1; b <= kBuckets; ++b) {
      LogReader reader(logs->of(Bucket(b)));
      BucketChain chain(trust_, Bucket(b));
      const LogWindow window = reader.window();
      for (Seq next = window.floor; next <= window.head;) {
        auto run = reader.cold_run(next, kMiB);
        REQUIRE(run);
        Bytes bytes(run->bytes);
        REQUIRE(run->file->read_at(run->offset, bytes).value() == bytes.size());
        add_records(bytes, chain, content);
        next = run->last.next();
      }
    }
    return content;
  }

  MonoTime now{std::chrono::milliseconds(10'000)};
  Timestamp wall = from_ms(1'700'000'000'000);
  MemoryStorage storage;
  std::unique_ptr<LogSet> logs;
  std::unique_ptr<Sequencer> sequencer;
  const Trust& trust() const { return trust_; }

 private:
  static void add_records(ByteView bytes, BucketChain& chain, Content& content) {
    while (!bytes.empty()) {
      auto envelope = parse_envelope(bytes);
      REQUIRE(envelope);
      REQUIRE(*envelope);
      auto record = parse_record(**envelope);
      REQUIRE(record);
      bytes = bytes.subspan((*envelope)->frame.size());
      REQUIRE(chain.accept(std::span(&*record, 1)));
      ++content.records;
      const RecordHeader& header = record->header();
      if (!header.is_batch()) {
        auto notice = open_notice(*record);
        REQUIRE(notice);
        if (const auto* open = std::get_if<OpenNotice>(&*notice)) content.opened[header.feed] = *open;
        continue;
      }
      auto batch = open_batch(*record);
      REQUIRE(batch);
      auto& events = content.events[header.feed];
      CHECK(header.first_version.value == events.size() + 1);
      content.batches[header.feed].push_back(batch->items.size());
      for (const BatchItem& item : batch->items) events.emplace_back(as_text(item->details));
    }
  }

  const SequencerOptions options_;
  const SigningKey root_ = SigningKey::generate();
  const SigningKey origin_ = SigningKey::generate();
  Trust trust_;
};

}  // namespace xylem
