// Turns the raw fields of a Protocol Buffers message into checked values. As with ByteReader, the first field that is
// wrong is noted, every read gives something harmless, and a parser asks once, at its end:
//
//   FieldReader read(ErrorCode::kBadFrame);
//   Hello hello{.host = read.host(message.host(), "host"), .port = read.port(message.port(), "port")};
//   if (!read.ok()) return fail(read.error());
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/bucket_range.h"
#include "proto/crypto.h"
#include "proto/identity.h"
#include "proto/ids.h"

namespace xylem {

class FieldReader {
 public:
  // The code of everything that has no better one.
  explicit FieldReader(ErrorCode malformed) : malformed_(malformed) {}

  bool ok() const { return !error_; }
  const Error& error() const { return *error_; }

  void require(bool condition, std::string_view what);
  // For lists, asked before they are walked: kTooLarge.
  bool fits(std::size_t count, std::size_t count_max, std::string_view field);

  // Exactly N bytes.
  template <std::size_t N>
  std::array<std::uint8_t, N> array(std::string_view bytes, std::string_view field) {
    std::array<std::uint8_t, N> out{};
    require_size(bytes.size(), N, field);
    if (bytes.size() == N) std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }
  // Nothing, or exactly N bytes.
  template <std::size_t N>
  std::optional<std::array<std::uint8_t, N>> optional_array(std::string_view bytes, std::string_view field) {
    if (bytes.empty()) return std::nullopt;
    return array<N>(bytes, field);
  }
  PublicKey key(std::string_view bytes, std::string_view field);  // kWeakKey
  RelayId relay_id(std::string_view bytes, std::string_view field) { return {array<10>(bytes, field)}; }

  std::string text(std::string_view bytes, std::size_t bytes_max, std::string_view field);
  std::string host(std::string_view bytes, std::string_view field);      // normalised; kBadName
  std::string dns_name(std::string_view bytes, std::string_view field);  // normalised; kBadName

  std::uint8_t u8(std::uint64_t value, std::string_view field);
  std::uint16_t port(std::uint32_t value, std::string_view field);  // 1…65 535
  Bucket bucket(std::uint32_t value, std::string_view field);       // 1…65 535
  // first ≤ last ≤ buckets
  BucketRange range(std::uint32_t first, std::uint32_t last, std::uint16_t buckets, std::string_view field);
  std::uint64_t position(std::uint64_t value, std::string_view field);       // seq, version: at most kPositionMax
  std::uint64_t epoch(std::uint64_t value, std::string_view field);          // 1…kEpochMax
  std::uint64_t epoch_or_none(std::uint64_t value, std::string_view field);  // 0…kEpochMax
  Timestamp time(std::uint64_t ms, std::string_view field);                  // at most kTimestampMax

  // The values of E from `first` to `last` have no gap.
  template <typename E>
  E enumerator(std::uint32_t value, E first, E last, std::string_view field) {
    const bool known = value >= static_cast<std::uint32_t>(first) && value <= static_cast<std::uint32_t>(last);
    require(known, field);
    return known ? static_cast<E>(value) : first;
  }

 private:
  void refuse(ErrorCode code, std::string detail);
  void require_size(std::size_t size, std::size_t wanted, std::string_view field);

  ErrorCode malformed_;
  std::optional<Error> error_;
};

}  // namespace xylem
