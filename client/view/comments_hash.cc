#include "client/view/comments_hash.h"

namespace xylem {
namespace {

constexpr std::string_view kDomain = "xylem comments v1";

void text(ByteWriter& out, std::string_view value) {
  out.u32(static_cast<std::uint32_t>(value.size()));
  out.bytes(as_bytes(value));
}

void comment(ByteWriter& out, const Comment& c) {
  text(out, c.id.key());
  out.u32(c.parent);
  out.u8(static_cast<std::uint8_t>(c.state));
  out.u8(c.edited ? 1 : 0);
  out.u64(c.version.value);
  out.u64(to_ms(c.created));
  out.u64(to_ms(c.edited_at));
  out.u8(c.votes.score_only ? 1 : 0);
  out.u64(static_cast<std::uint64_t>(c.votes.ups));
  out.u64(static_cast<std::uint64_t>(c.votes.downs));
  text(out, c.author);
  text(out, c.message);
}

}  // namespace

// Entries are hashed one by one, then their hashes: memory stays at 32 bytes a comment.
Hash256 state_hash(const Comments& comments) {
  Bytes top(kDomain.begin(), kDomain.end());
  ByteWriter out(top);
  text(out, comments.post_title());
  text(out, comments.post_url());
  out.u32(static_cast<std::uint32_t>(comments.size()));
  Bytes entry;
  for (Comments::Index i = 0; i < comments.size(); ++i) {
    entry.clear();
    ByteWriter entry_out(entry);
    comment(entry_out, comments.at(i));
    out.bytes(sha256(entry));
  }
  return sha256(top);
}

}  // namespace xylem
