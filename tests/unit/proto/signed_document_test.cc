#include "proto/signed_document.h"

#include <catch2/catch.hpp>

#include "proto/limits.h"
#include "tests/vectors/example_zone.h"

using namespace xylem;

namespace {

const std::string_view kBody = "a body";

Bytes document() {
  return sign_document(DocumentKind::manifest, example::root_key(), example::zone(), as_bytes(kBody));
}

ErrorCode error_of(const Bytes& bytes) { return parse_signed_document(bytes).error().code; }

}  // namespace

TEST_CASE("a signed document says its kind, key and body, and verifies") {
  const Bytes bytes = document();
  const auto parsed = parse_signed_document(bytes);
  REQUIRE(parsed);
  CHECK(bytes.size() == kDocumentFrameBytes + kBody.size());
  CHECK(parsed->kind == DocumentKind::manifest);
  CHECK(parsed->key == example::root_key().public_key());
  CHECK(as_text(parsed->body) == kBody);
  CHECK(verify_document(*parsed, example::zone()));
  CHECK_FALSE(verify_document(*parsed, ZoneId{}));
}

TEST_CASE("a document of one kind is none of the other") {
  const Bytes bytes = document();
  SignedDocument parsed = *parse_signed_document(bytes);
  parsed.kind = DocumentKind::directory;
  CHECK_FALSE(verify_document(parsed, example::zone()));
}

TEST_CASE("a frame that is not a document's is refused") {
  Bytes bytes = document();
  bytes[0] = 'x';
  CHECK(error_of(bytes) == ErrorCode::kBadDocument);
  bytes = document();
  bytes[4] = 2;
  CHECK(error_of(bytes) == ErrorCode::kUnsupportedVersion);
  bytes = document();
  bytes[5] = 3;
  CHECK(error_of(bytes) == ErrorCode::kBadDocument);
  bytes = document();
  bytes[7] = 1;
  CHECK(error_of(bytes) == ErrorCode::kBadDocument);
  for (std::size_t size = 0; size < kDocumentFrameBytes; ++size) {
    bytes = document();
    bytes.resize(size);
    CHECK(error_of(bytes) == ErrorCode::kBadDocument);
  }
  bytes = document();
  bytes.resize(kManifestBytesMax + 1);
  CHECK(error_of(bytes) == ErrorCode::kTooLarge);
}
