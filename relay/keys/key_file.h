// A secret key on disk: text of four lines, readable by its owner only (mode 0600; others are refused, as ssh does).
//
//   xylem secret key 1
//   use: origin                      root, origin, relay or directory
//   public: <64 hex>
//   seed: <64 hex>
#pragma once

#include <string>

#include "proto/crypto.h"

namespace xylem {

inline constexpr const char* kIdentityFile = "identity.key";  // a relay's, in its data folder

enum class KeyUse { root, origin, relay, directory };
std::string to_string(KeyUse use);

// New file; kIo when it exists (a key is never overwritten).
Result<void> write_key_file(const std::string& path, KeyUse use, const SigningKey& key);
// kNotFound, kBadFile (not of this form, another use, public key and seed disagree), kNotAllowed (readable by others).
Result<SigningKey> read_key_file(const std::string& path, KeyUse use);
// Makes the key at first use: a relay's identity.
Result<SigningKey> read_or_make_key(const std::string& path, KeyUse use);

}  // namespace xylem
