#include "proto/field_reader.h"

#include <fmt/core.h>

#include "proto/host.h"
#include "proto/limits.h"
#include "proto/node_name.h"
#include "proto/text.h"

namespace xylem {

void FieldReader::refuse(ErrorCode code, std::string detail) {
  if (!error_) error_ = Error{code, std::move(detail)};
}

void FieldReader::require(bool condition, std::string_view what) {
  if (!condition) refuse(malformed_, std::string(what));
}

bool FieldReader::fits(std::size_t count, std::size_t count_max, std::string_view field) {
  if (count <= count_max) return true;
  refuse(ErrorCode::kTooLarge, fmt::format("{} {}, at most {}", count, field, count_max));
  return false;
}

void FieldReader::require_size(std::size_t size, std::size_t wanted, std::string_view field) {
  if (size != wanted) refuse(malformed_, fmt::format("{} has {} bytes, not {}", field, size, wanted));
}

PublicKey FieldReader::key(std::string_view bytes, std::string_view field) {
  const PublicKey key = array<32>(bytes, field);
  if (!ok()) return key;
  const Result<void> sound = check_public_key(key);
  if (!sound) refuse(sound.error().code, std::string(field));
  return key;
}

std::string FieldReader::text(std::string_view bytes, std::size_t bytes_max, std::string_view field) {
  if (valid_text(bytes, bytes_max)) return std::string(bytes);
  refuse(malformed_, fmt::format("{} is no text of at most {} bytes", field, bytes_max));
  return {};
}

std::string FieldReader::host(std::string_view bytes, std::string_view field) {
  Result<std::string> name = normalize_host(bytes);
  if (name) return std::move(*name);
  refuse(name.error().code, std::string(field));
  return {};
}

std::string FieldReader::dns_name(std::string_view bytes, std::string_view field) {
  Result<std::string> name = normalize_dns_name(bytes);
  if (name) return std::move(*name);
  refuse(name.error().code, std::string(field));
  return {};
}

std::uint8_t FieldReader::u8(std::uint64_t value, std::string_view field) {
  require(value <= 0xFF, field);
  return static_cast<std::uint8_t>(value);
}

std::uint16_t FieldReader::port(std::uint32_t value, std::string_view field) {
  require(value >= 1 && value <= 0xFFFF, field);
  return static_cast<std::uint16_t>(value);
}

Bucket FieldReader::bucket(std::uint32_t value, std::string_view field) {
  require(value >= 1 && value <= 0xFFFF, field);
  return Bucket(static_cast<std::uint16_t>(value));
}

BucketRange FieldReader::range(std::uint32_t first, std::uint32_t last, std::uint16_t buckets, std::string_view field) {
  require(first >= 1 && first <= last && last <= buckets, field);
  return {Bucket(static_cast<std::uint16_t>(first)), Bucket(static_cast<std::uint16_t>(last))};
}

std::uint64_t FieldReader::position(std::uint64_t value, std::string_view field) {
  require(value <= kPositionMax, field);
  return value;
}

std::uint64_t FieldReader::epoch(std::uint64_t value, std::string_view field) {
  require(value >= 1, field);
  return epoch_or_none(value, field);
}

std::uint64_t FieldReader::epoch_or_none(std::uint64_t value, std::string_view field) {
  require(value <= kEpochMax, field);
  return value;
}

Timestamp FieldReader::time(std::uint64_t ms, std::string_view field) {
  require(ms <= kTimestampMax, field);
  return from_ms(std::min(ms, kTimestampMax));
}

}  // namespace xylem
