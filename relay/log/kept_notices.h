// What a node still knows of feeds below its floor: each feed's newest open, close, expire, erase and snapshot notice,
// and the header of its newest batch (form withheld), in the file `kept` beside the segments (spec §8):
//
//   ( RECORD frames | mark )*       mark: "XYLK" | u32 CRC-32C of the rest | u64 below
//
// A mark says: with the frames before it, everything below seq `below` is told. It is written, and durable, before the
// segment that ends there is removed; frames behind the last mark do not count. Frames whose feed has a newer one are
// dead; when too many are, or the file grows too large, it is replaced by one without them.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "relay/log/feed_chain.h"
#include "relay/log/storage.h"

namespace xylem {

struct KeptRecord {
  Seq seq;
  std::uint64_t offset = 0;
  FeedId feed;
  std::uint32_t frame_bytes = 0;
  RecordType type{};
};

// What readers hold; never changes.
struct KeptIndex {
  std::shared_ptr<const File> file;
  std::vector<KeptRecord> records;  // ascending by seq

  const KeptRecord* find(Seq seq) const;
  Result<Bytes> read(const KeptRecord& record) const;
};

class KeptNotices {
 public:
  KeptNotices(Storage& storage, std::string name);

  // Reads the file where there is one, and hands over every record that counts. What a crash left behind is cut.
  using Replay = std::function<void(const RecordFacts& record, const Hash256& link)>;
  Result<void> load(const Replay& replay);

  // Everything below this seq is told; 0 where nothing is kept.
  Seq below() const { return below_; }
  std::uint64_t bytes() const { return file_ ? file_->size() : 0; }
  const std::shared_ptr<const KeptIndex>& index() const { return index_; }
  std::uint64_t memory_bytes() const { return index_->records.capacity() * sizeof(KeptRecord); }

  // Appends frames, ascending by seq and above all others, and the mark; durable when it returns.
  Result<void> add(const std::vector<Bytes>& frames, Seq below);
  // Replaces the file by one that holds these of its records and then `frames`.
  Result<void> rewrite(const std::vector<KeptRecord>& survivors, const std::vector<Bytes>& frames, Seq below);
  // Forgets everything; durable when it returns.
  Result<void> remove();
  // After an error: what stands in the file is not known any more, and it must be opened again.
  bool uncertain() const { return uncertain_; }

 private:
  Storage& storage_;
  const std::string name_;
  std::shared_ptr<File> file_;  // null: there is none
  std::shared_ptr<const KeptIndex> index_;
  Seq below_;
  bool uncertain_ = false;
};

inline constexpr std::size_t kKeptMarkBytes = 16;
std::optional<Seq> parse_kept_mark(ByteView bytes);

}  // namespace xylem
