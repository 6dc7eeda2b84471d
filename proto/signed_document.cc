#include "proto/signed_document.h"

#include <algorithm>

#include "proto/limits.h"

namespace xylem {
namespace {

constexpr std::string_view kMagic = "XYLD";
constexpr std::uint8_t kDocumentVersion = 1;

std::string_view domain_of(DocumentKind kind) {
  return kind == DocumentKind::manifest ? kDomainManifest : kDomainDirectory;
}

std::size_t bytes_max_of(DocumentKind kind) {
  return kind == DocumentKind::manifest ? kManifestBytesMax : kDirectoryBytesMax;
}

}  // namespace

Result<SignedDocument> parse_signed_document(ByteView bytes) {
  if (bytes.size() > std::max(kManifestBytesMax, kDirectoryBytesMax)) return fail(ErrorCode::kTooLarge, "document");
  ByteReader in(bytes);
  if (as_text(in.bytes(kMagic.size())) != kMagic) return fail(ErrorCode::kBadDocument, "does not begin with XYLD");
  if (const std::uint8_t version = in.u8(); !in.bad() && version != kDocumentVersion) {
    return fail(ErrorCode::kUnsupportedVersion, "of a document");
  }
  const std::uint8_t kind = in.u8();
  const std::uint16_t reserved = in.u16();
  SignedDocument document;
  document.key = in.array<32>();
  document.signature = in.array<64>();
  document.body = in.rest();
  if (in.bad()) return fail(ErrorCode::kBadDocument, "shorter than its frame");
  if (kind != static_cast<std::uint8_t>(DocumentKind::manifest) &&
      kind != static_cast<std::uint8_t>(DocumentKind::directory)) {
    return fail(ErrorCode::kBadDocument, "neither manifest nor directory");
  }
  if (reserved != 0) return fail(ErrorCode::kBadDocument, "reserved bytes are not zero");
  document.kind = static_cast<DocumentKind>(kind);
  if (bytes.size() > bytes_max_of(document.kind)) return fail(ErrorCode::kTooLarge, "document");
  return document;
}

Bytes sign_document(DocumentKind kind, const SigningKey& key, const ZoneId& zone, ByteView body) {
  Bytes bytes;
  bytes.reserve(kDocumentFrameBytes + body.size());
  ByteWriter out(bytes);
  out.bytes(as_bytes(kMagic));
  out.u8(kDocumentVersion);
  out.u8(static_cast<std::uint8_t>(kind));
  out.u16(0);
  out.bytes(key.public_key());
  out.bytes(key.sign(domain_of(kind), zone, {body}));
  out.bytes(body);
  return bytes;
}

bool verify_document(const SignedDocument& document, const ZoneId& zone) {
  return verify_signature(document.key, document.signature, domain_of(document.kind), zone, {document.body});
}

}  // namespace xylem
