#include "client/discovery/dns_cache.h"

#include <algorithm>

#include "proto/crc32c.h"

namespace xylem {
namespace {

using std::chrono::seconds;

constexpr std::string_view kFileMagic = "XYDNSC1\n";

Bytes encode_entry(const DnsQuestion& question, Timestamp stored, ByteView message) {
  Bytes body;
  ByteWriter writer(body);
  writer.u64(to_ms(stored));
  writer.u16(static_cast<std::uint16_t>(question.type));
  writer.u8(static_cast<std::uint8_t>(question.name.size()));
  writer.bytes(as_bytes(question.name));
  writer.bytes(message);
  Bytes entry;
  ByteWriter frame(entry);
  frame.u32(static_cast<std::uint32_t>(body.size()));
  frame.u32(crc32c(body));
  frame.bytes(body);
  return entry;
}

seconds age_of(Timestamp stored, Timestamp now) { return std::chrono::duration_cast<seconds>(now - stored); }

}  // namespace

std::optional<DnsCache::Hit> DnsCache::find(const DnsQuestion& question, Timestamp now) const {
  const auto found = entries_.find(question);
  if (found == entries_.end()) return std::nullopt;
  const Entry& entry = found->second;
  const bool clock_went_back = now < entry.stored;
  Hit hit{entry.answer, std::max(age_of(entry.stored, now), seconds(0)), seconds(0)};
  const seconds ttl = std::min<seconds>(entry.answer.ttl, kTtlMax);
  if (!clock_went_back && hit.age < ttl) hit.ttl_left = ttl - hit.age;
  if (hit.fresh()) return hit;
  if (hit.age > kStaleMax) return std::nullopt;
  return hit;
}

void DnsCache::store(const DnsQuestion& question, Bytes message, Timestamp now) {
  if (question.name.size() > UINT8_MAX) return;
  Result<DnsAnswer> answer = parse_dns_answer(message, question);
  if (!answer) return;
  entries_[question] = Entry{now, std::move(message), std::move(*answer)};
  if (entries_.size() > kEntriesMax) forget_one();
}

void DnsCache::forget_one() {
  entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.stored; }));
}

Bytes DnsCache::encode() const {
  std::vector<const std::pair<const DnsQuestion, Entry>*> newest;
  for (const auto& entry : entries_) newest.push_back(&entry);
  std::ranges::sort(newest, std::greater{}, [](const auto* entry) { return entry->second.stored; });
  Bytes file(kFileMagic.begin(), kFileMagic.end());
  for (const auto* entry : newest) {
    const Bytes bytes = encode_entry(entry->first, entry->second.stored, entry->second.message);
    if (file.size() + bytes.size() > kFileBytesMax) break;
    file.insert(file.end(), bytes.begin(), bytes.end());
  }
  return file;
}

Result<void> DnsCache::decode(ByteView file, Timestamp now) {
  ByteReader reader(file);
  if (as_text(reader.bytes(kFileMagic.size())) != kFileMagic) return fail(ErrorCode::kCorrupt, "no DNS cache file");
  for (std::size_t count = 0; !reader.rest().empty() && count < kEntriesMax; ++count) {
    const std::uint32_t size = reader.u32();
    const std::uint32_t crc = reader.u32();
    const ByteView body = reader.bytes(size);
    if (reader.bad() || crc32c(body) != crc) return fail(ErrorCode::kCorrupt, "the DNS cache file is damaged");
    ByteReader entry(body);
    const std::uint64_t stored_ms = entry.u64();
    DnsQuestion question;
    question.type = static_cast<DnsType>(entry.u16());
    question.name = as_text(entry.bytes(entry.u8()));
    if (entry.bad() || stored_ms > kEpochMax)
      return fail(ErrorCode::kCorrupt, "an entry of the DNS cache file is wrong");
    if (now - from_ms(stored_ms) > kStaleMax) continue;
    const ByteView message = entry.rest();
    store(question, Bytes(message.begin(), message.end()), from_ms(stored_ms));
  }
  return {};
}

}  // namespace xylem
