#include "origin/sequence/producer_memory.h"

#include <fmt/core.h>

#include <algorithm>

namespace xylem {
namespace {

constexpr const char* kCheckpointFile = "producers";
constexpr std::size_t kCheckpointBytesMax = 512 * kMiB;
constexpr std::size_t kScanBytes = kMiB;

std::string numbers_text(const ProducerNumber& number) {
  return fmt::format("producer '{}', epoch {}, seq {}", number.id, number.epoch, number.seq);
}

}  // namespace

Result<void> ProducerMemory::load(LogSet& logs, FeedBook& book, Timestamp wall, std::chrono::hours kept) {
  kept_ = kept;
  newest_ = wall;
  std::map<Bucket, Seq> sealed;
  if (auto content = read_file(storage_, kCheckpointFile, kCheckpointBytesMax)) {
    if (auto decoded = table_.decode(*content)) sealed = std::move(*decoded);
  } else if (content.error().code != ErrorCode::kNotFound) {
    return fail(content.error());
  }
  for (std::uint32_t b = logs.range().first.value; b <= logs.range().last.value; ++b) {
    const Bucket bucket(static_cast<std::uint16_t>(b));
    auto known = sealed.find(bucket);
    const Seq after = known == sealed.end() ? Seq(0) : known->second;
    if (auto read = read_marks(book.reader(bucket), bucket, after, wall - kept); !read) return read;
  }
  table_.expire(wall - kept);
  return {};
}

Result<void> ProducerMemory::read_marks(LogReader& log, Bucket, Seq after, Timestamp oldest) {
  const LogWindow window = log.window();
  Seq next = std::max(after.next(), window.floor);
  Bytes buffer;
  while (next <= window.head) {
    auto run = log.cold_run(next, kScanBytes);
    if (!run) return fail(run.error());
    buffer.resize(run->bytes);
    auto read = run->file->read_at(run->offset, buffer);
    if (!read) return fail(read.error());
    ByteView rest(buffer);
    while (!rest.empty()) {
      auto envelope = parse_envelope(rest);
      if (!envelope) return fail(envelope.error());
      if (!*envelope) return fail(ErrorCode::kCorrupt, "the log ends inside a record");
      auto record = parse_record(**envelope);
      if (!record) return fail(record.error());
      rest = rest.subspan((*envelope)->frame.size());
      const RecordHeader& header = record->header();
      if (header.type == RecordType::erase) table_.forget_feed(header.feed);
      if (!header.is_batch() || header.origin_time < oldest) continue;
      auto marks = find_producer_marks(record->decoded.extensions);
      if (!marks) return fail(marks.error());
      for (const ProducerMark& mark : *marks) learn(header.feed, mark, header.origin_time);
    }
    next = run->last.next();
    log.quiescent();
  }
  return {};
}

void ProducerMemory::learn(FeedId feed, const ProducerMark& mark, Timestamp time) {
  ProducerState state;
  state.epoch = mark.producer_epoch;
  state.last_seq = mark.last_seq;
  state.last = mark.last_version;
  state.events = mark.events;
  state.whole = false;
  state.used = time;
  const ProducerState* known = table_.find(feed, mark.id_hash);
  if (known != nullptr) {
    const auto rank = [](const ProducerState& s) { return std::tuple(s.epoch, s.last_seq, s.events); };
    if (rank(*known) >= rank(state)) return;
  }
  table_.record(feed, mark.id_hash, state);
}

Result<ProducerJudgement> ProducerMemory::judge(const Append& request) const {
  const ProducerNumber& number = *request.producer;
  const ProducerState* state = table_.find(request.feed, producer_hash(number.id));
  ProducerJudgement judgement;
  switch (table_.judge(request.feed, number, request.events.size())) {
    case ProducerVerdict::next:
      return judgement;
    case ProducerVerdict::stale:
      return fail(ErrorCode::kProducerStale,
                  fmt::format("{}: epoch {} is in force", numbers_text(number), state->epoch));
    case ProducerVerdict::gap:
      return fail(ErrorCode::kProducerGap,
                  state == nullptr || number.epoch > state->epoch
                      ? fmt::format("{}: a new producer or epoch begins with seq 0", numbers_text(number))
                      : fmt::format("{}: seq {} is next", numbers_text(number), state->last_seq + 1));
    case ProducerVerdict::continues:
      judgement.taken_before = state->events;
      return judgement;
    case ProducerVerdict::duplicate:
      judgement.duplicate = true;
      judgement.position = state->position;
      if (number.seq == state->last_seq) {
        if (request.events.size() != state->events) {
          return fail(ErrorCode::kProducerReused,
                      fmt::format("{}: had {} events the first time, {} now", numbers_text(number), state->events,
                                  request.events.size()));
        }
        judgement.last = state->last;
        judgement.first = Version(state->last.value + 1 - state->events);
      }
      return judgement;
  }
  return judgement;
}

void ProducerMemory::record(const JournalEntry& entry, JournalPosition position) {
  newest_ = std::max(newest_, entry.accepted);
  if (!entry.producer) return;
  ProducerState state;
  state.epoch = entry.producer->epoch;
  state.last_seq = entry.producer->seq;
  state.last = entry.last_version();
  state.events = entry.taken_before + static_cast<std::uint32_t>(entry.events.size());
  state.position = position;
  state.used = entry.accepted;
  table_.record(entry.feed, producer_hash(entry.producer->id), state);
}

Result<bool> ProducerMemory::save(LogSet& logs, const Journal& journal) {
  if (picture_.empty()) {
    table_.expire(newest_ - kept_);
    std::map<Bucket, Seq> sealed;
    for (std::uint32_t b = logs.range().first.value; b <= logs.range().last.value; ++b) {
      const Bucket bucket(static_cast<std::uint16_t>(b));
      sealed[bucket] = logs.of(bucket).tail().seq;
    }
    picture_ = table_.encode(sealed);
    picture_position_ = journal.appended();
  }
  if (journal.durable() < picture_position_) return false;
  const Bytes picture = std::exchange(picture_, {});
  if (auto replaced = replace_file(storage_, kCheckpointFile, picture); !replaced) return fail(replaced.error());
  return true;
}

}  // namespace xylem
