// Reads the members of one JSON object, strictly (RFC 8259, UTF-8, no lone surrogates, at most 1 024 levels deep,
// numbers that fit 64-bit integers or finite doubles). Of members with the same name the first counts. Does not write
// JSON: json_text.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "proto/bytes.h"

namespace xylem {

struct JsonValue {
  enum class Type {
    kAbsent,
    kNull,
    kFalse,
    kTrue,
    kInteger,     // integer
    kBigInteger,  // big: 2^63 … 2^64-1
    kReal,        // real: written with a fraction or an exponent
    kText,        // text, escapes decoded
    kNested,      // an array or an object
  };
  Type type = Type::kAbsent;
  std::int64_t integer = 0;
  std::uint64_t big = 0;
  double real = 0;
  std::string_view text;  // lives until the next parse

  bool is(Type wanted) const { return type == wanted; }
  bool absent_or_null() const { return type == Type::kAbsent || type == Type::kNull; }
};

class JsonObject {
 public:
  JsonObject();
  ~JsonObject();
  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(JsonObject&&) noexcept;

  // False when the bytes are not one JSON object; then no member is there. The bytes are copied: they may go at once.
  bool parse(ByteView json);
  JsonValue member(std::string_view name) const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace xylem
