// The elided form of a batch's payload: single events taken out, the rest still proves itself.
#include <fmt/format.h>

#include <algorithm>

#include "proto/payload_tree.h"

namespace xylem {
namespace {

constexpr std::uint8_t kKeptItem = 0;
constexpr std::uint8_t kRemovedItem = 1;

tl::unexpected<Error> bad(std::string detail) { return fail(ErrorCode::kBadPayload, std::move(detail)); }

struct Item {
  bool removed = false;
  Salt salt{};     // of one that is kept
  ByteView event;  // of one that is kept
  Hash256 leaf{};  // of one that is removed
};

struct Parts {
  std::vector<Seq> redactions;  // ascending
  std::vector<Item> items;
};

Result<std::vector<Seq>> read_redactions(ByteReader& read) {
  const std::size_t count = read.u16();
  if (count == 0 || count > kBatchEventsMax) return bad(fmt::format("elided form names {} redactions", count));
  std::vector<Seq> redactions;
  for (std::size_t i = 0; i < count; ++i) {
    const Seq seq(read.u64());
    if (seq.value > kPositionMax || seq <= (redactions.empty() ? Seq() : redactions.back())) {
      return bad(fmt::format("redactions do not ascend at seq {}", seq.value));
    }
    redactions.push_back(seq);
  }
  return redactions;
}

Result<Item> read_item(ByteReader& read) {
  Item item;
  const std::uint8_t tag = read.u8();
  if (tag == kKeptItem) {
    const std::uint32_t size = read.u32();
    item.salt = read.array<sizeof(Salt)>();
    item.event = read.bytes(size);
  } else if (tag == kRemovedItem) {
    item.removed = true;
    item.leaf = read.array<sizeof(Hash256)>();
  } else {
    return bad(fmt::format("unknown item {} in an elided form", tag));
  }
  if (read.bad()) return bad("elided form ends within an item");
  return item;
}

Result<Parts> parse_parts(ByteView elided, std::size_t count) {
  ByteReader read(elided);
  auto redactions = read_redactions(read);
  if (!redactions) return fail(redactions.error());
  Parts parts{std::move(*redactions), {}};
  bool any_removed = false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto item = read_item(read);
    if (!item) return fail(item.error());
    any_removed |= item->removed;
    parts.items.push_back(*item);
  }
  if (!read.done()) return bad(fmt::format("{} bytes after {} items", read.rest().size(), count));
  if (!any_removed) return bad("elided form with nothing removed");
  return parts;
}

Hash256 leaf_of(const Item& item) { return item.removed ? item.leaf : event_leaf(item.salt, item.event); }

Bytes encode_parts(const Parts& parts) {
  Bytes out;
  ByteWriter write(out);
  write.u16(static_cast<std::uint16_t>(parts.redactions.size()));
  for (Seq seq : parts.redactions) write.u64(seq.value);
  for (const Item& item : parts.items) {
    write.u8(item.removed ? kRemovedItem : kKeptItem);
    if (item.removed) {
      write.bytes(item.leaf);
    } else {
      write.u32(static_cast<std::uint32_t>(item.event.size()));
      write.bytes(item.salt);
      write.bytes(item.event);
    }
  }
  return out;
}

Result<Bytes> remove_items(Parts parts, const std::vector<bool>& remove, std::span<const Seq> redactions) {
  XYLEM_ASSERT(remove.size() == parts.items.size());
  for (std::size_t i = 0; i < remove.size(); ++i) {
    Item& item = parts.items[i];
    if (remove[i] && !item.removed) item = {true, {}, {}, leaf_of(item)};
  }
  parts.redactions.insert(parts.redactions.end(), redactions.begin(), redactions.end());
  std::sort(parts.redactions.begin(), parts.redactions.end());
  parts.redactions.erase(std::unique(parts.redactions.begin(), parts.redactions.end()), parts.redactions.end());

  if (std::ranges::none_of(parts.items, &Item::removed)) return bad("nothing is removed");
  if (parts.redactions.empty() || parts.redactions.size() > kBatchEventsMax) {
    return bad(fmt::format("{} redactions for one record", parts.redactions.size()));
  }
  return encode_parts(parts);
}

}  // namespace

Result<ElidedBody> decode_elided(ByteView body, std::size_t count) {
  auto parts = parse_parts(body, count);
  if (!parts) return fail(parts.error());
  ElidedBody elided;
  std::vector<Hash256> leaves;
  for (const Item& item : parts->items) {
    leaves.push_back(leaf_of(item));
    if (item.removed) {
      elided.items.emplace_back();
      continue;
    }
    const auto event = decode_event(item.event);
    if (!event) return fail(event.error());
    elided.items.emplace_back(*event);
  }
  elided.redactions = std::move(parts->redactions);
  elided.root = root_of_leaves(leaves);
  return elided;
}

Result<Bytes> elide_events(ByteView plain, const std::vector<bool>& remove, std::span<const Seq> redactions) {
  const auto split = split_events(plain, remove.size());
  if (!split) return fail(split.error());
  Parts parts;
  for (ByteView event : split->events) {
    parts.items.push_back({false, event_salt(split->salt, parts.items.size()), event, {}});
  }
  return remove_items(std::move(parts), remove, redactions);
}

Result<Bytes> elide_more(ByteView elided, std::size_t count, const std::vector<bool>& remove,
                         std::span<const Seq> redactions) {
  auto parts = parse_parts(elided, count);
  if (!parts) return fail(parts.error());
  return remove_items(std::move(*parts), remove, redactions);
}

}  // namespace xylem
