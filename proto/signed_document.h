// Manifest and directory share one frame (spec §5): "XYLD" | u8 1 | u8 kind | u16 zero | key(32) | signature(64) |
// body. The body is Protocol Buffers; it is kept and passed on as the exact bytes that were signed. What a body says,
// and whether the key may say it, is for proto/manifest.h and proto/directory.h.
#pragma once

#include "proto/crypto.h"

namespace xylem {

enum class DocumentKind : std::uint8_t { manifest = 1, directory = 2 };

inline constexpr std::size_t kDocumentFrameBytes = 104;  // before the body

struct SignedDocument {
  DocumentKind kind{};
  PublicKey key{};
  Signature signature{};
  ByteView body;  // inside the bytes that were parsed
};

// kBadDocument, kTooLarge, kUnsupportedVersion; the signature is not checked.
Result<SignedDocument> parse_signed_document(ByteView bytes);
// Limits are the receivers' to check: whoever makes a document opens it before it is given to anyone.
Bytes sign_document(DocumentKind kind, const SigningKey& key, const ZoneId& zone, ByteView body);
bool verify_document(const SignedDocument& document, const ZoneId& zone);

}  // namespace xylem
