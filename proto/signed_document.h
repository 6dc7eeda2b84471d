// Manifest and directory share one frame (spec §5): "XYLD" | u8 1 | u8 kind | u16 zero | key(32) | signature(64) | body.
// The body is Protocol Buffers; it is kept and passed on as the exact bytes that were signed.
#pragma once

#include "proto/crypto.h"

namespace xylem {

enum class DocumentKind : std::uint8_t { manifest = 1, directory = 2 };

struct SignedDocument {
  DocumentKind kind{};
  PublicKey key{};
  Signature signature{};
  ByteView body;
};
Result<SignedDocument> parse_signed_document(ByteView bytes);  // kBadDocument, kTooLarge; signature is not checked
Bytes sign_document(DocumentKind kind, const SigningKey& key, const ZoneId& zone, ByteView body);
bool verify_document(const SignedDocument& document, const ZoneId& zone);

}  // namespace xylem
