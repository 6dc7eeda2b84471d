// DNS answers by question, for their TTL, and past it as the last known answer when DNS does not answer. Time is an
// argument (wall clock, as entries outlive the process). A clock that went back makes entries stale, never young.
//
// Kept as the bytes that arrived: reading the cache's file back goes through the same parser as the network, so a
// damaged or forged file can say no more than a lying resolver could. File:
//   "XYDNSC1\n" | entry …        entry: u32 length of what follows | u32 CRC32C of what follows the CRC |
//                                u64 stored at, unix ms | u16 type | u8 length, name | message
#pragma once

#include <chrono>
#include <map>
#include <optional>

#include "client/discovery/dns_message.h"
#include "proto/ids.h"

namespace xylem {

class DnsCache {
 public:
  static constexpr std::size_t kEntriesMax = 4096;  // beyond it the oldest entry goes
  static constexpr std::size_t kFileBytesMax = 4 * 1024 * 1024;
  static constexpr std::chrono::hours kTtlMax{24};         // a longer TTL counts as this
  static constexpr std::chrono::hours kStaleMax{24 * 30};  // older answers are forgotten

  struct Hit {
    DnsAnswer answer;
    std::chrono::seconds age{0};
    std::chrono::seconds ttl_left{0};  // 0: stale
    bool fresh() const { return ttl_left.count() > 0; }
  };

  // Fresh or stale. That something did not exist is a last known answer, too: a name without SRV is why the one below
  // _xylem._tcp was asked.
  std::optional<Hit> find(const DnsQuestion& question, Timestamp now) const;
  // Bytes that do not parse as an answer to the question are not taken.
  void store(const DnsQuestion& question, Bytes message, Timestamp now);
  std::size_t size() const { return entries_.size(); }

  // The newest entries first, as many as kFileBytesMax holds.
  Bytes encode() const;
  // Adds what is whole, up to the first damage; kCorrupt says that there was some, or that it is no such file.
  Result<void> decode(ByteView file, Timestamp now);

 private:
  struct Entry {
    Timestamp stored;
    Bytes message;
    DnsAnswer answer;
  };
  void forget_one();

  std::map<DnsQuestion, Entry> entries_;
};

}  // namespace xylem
