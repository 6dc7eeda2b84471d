#include "origin/manifest/manifest_source.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <set>

namespace xylem {
namespace {

// Reads the members of one table; the first mistake stays and is named with its line.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string_view name, Result<void>& outcome)
      : table_(table), name_(name), outcome_(outcome) {}

  void expect_only(const std::set<std::string_view>& known) {
    for (const auto& [key, node] : table_) {
      if (!known.contains(key.str())) wrong(key.source().begin.line, fmt::format("'{}' is not known here", key.str()));
    }
  }
  std::uint64_t number(std::string_view key, std::uint64_t max, std::optional<std::uint64_t> absent = std::nullopt) {
    const toml::node* node = table_.get(key);
    if (node == nullptr && absent) return *absent;
    const auto value = node == nullptr ? std::nullopt : node->value<std::int64_t>();
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) > max) {
      wrong(line_of(node), fmt::format("'{}' must be a number from 0 to {}", key, max));
      return 0;
    }
    return static_cast<std::uint64_t>(*value);
  }
  std::string text(std::string_view key) {
    const toml::node* node = table_.get(key);
    auto value = node == nullptr ? std::nullopt : node->value<std::string>();
    if (!value) wrong(line_of(node), fmt::format("'{}' must be a text", key));
    return value.value_or("");
  }
  BucketRange range(std::string_view key) {
    auto range = parse_bucket_range(text(key));
    if (!range) wrong(line_of(table_.get(key)), fmt::format("'{}': {}", key, range.error().message()));
    return range.value_or(BucketRange{});
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> hex(std::string_view key, std::string_view value, const toml::node* node) {
    std::array<std::uint8_t, N> out{};
    const Bytes bytes = from_hex(value);
    if (bytes.size() != N) {
      wrong(line_of(node), fmt::format("'{}' must be {} hex digits", key, 2 * N));
      return out;
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> hex(std::string_view key) {
    return hex<N>(key, text(key), table_.get(key));
  }
  // Every text of a list; a missing list is empty.
  template <typename Each>
  void texts(std::string_view key, Each each) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr) return wrong(line_of(node), fmt::format("'{}' must be a list of texts", key));
    for (const toml::node& item : *list) {
      const auto value = item.value<std::string>();
      if (!value) return wrong(line_of(&item), fmt::format("'{}' must be a list of texts", key));
      each(*value, &item);
    }
  }
  template <typename Each>
  void tables(std::string_view key, Each each) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr) return wrong(line_of(node), fmt::format("write [[{}]] for each", key));
    for (const toml::node& item : *list) {
      const toml::table* inner = item.as_table();
      if (inner == nullptr) return wrong(line_of(&item), fmt::format("write [[{}]] for each", key));
      TableReader reader(*inner, name_, outcome_);
      each(reader);
    }
  }
  void wrong(std::uint32_t line, const std::string& cause) {
    if (outcome_) outcome_ = fail(ErrorCode::kConfig, fmt::format("{}:{}: {}", name_, line, cause));
  }
  std::uint32_t line_of(const toml::node* node) const {
    const toml::node& place = node == nullptr ? static_cast<const toml::node&>(table_) : *node;
    return static_cast<std::uint32_t>(place.source().begin.line);
  }

 private:
  const toml::table& table_;
  std::string_view name_;
  Result<void>& outcome_;
};

Grant read_grant(TableReader& in) {
  in.expect_only({"key", "range", "epoch", "from", "until"});
  Grant grant;
  grant.origin_key = in.hex<32>("key");
  grant.range = in.range("range");
  grant.epoch = Epoch(in.number("epoch", kEpochMax));
  grant.from_seq = Seq(in.number("from", kEpochMax, 1));
  if (const std::uint64_t until = in.number("until", kEpochMax, 0); until != 0) grant.until_seq = Seq(until);
  return grant;
}

EpochStart read_epoch_start(TableReader& in) {
  in.expect_only({"bucket", "epoch", "last_seq", "head"});
  EpochStart start;
  start.bucket = Bucket(static_cast<std::uint16_t>(in.number("bucket", 65'535)));
  start.epoch = Epoch(in.number("epoch", kEpochMax));
  start.last_seq = Seq(in.number("last_seq", kEpochMax));
  start.head = in.hex<32>("head");
  return start;
}

OriginServer read_origin(TableReader& in) {
  in.expect_only({"range", "host", "port"});
  OriginServer server;
  server.range = in.range("range");
  server.host = in.text("host");
  server.port = static_cast<std::uint16_t>(in.number("port", 65'535));
  return server;
}

Manifest read_tables(TableReader& in) {
  in.expect_only({"names", "serial", "buckets", "record_version", "relays", "directory_keys", "epoch", "grant",
                  "origin", "epoch_start"});
  Manifest manifest;
  in.texts("names", [&](const std::string& text, const toml::node*) { manifest.names.push_back(text); });
  manifest.serial = in.number("serial", kEpochMax);
  manifest.buckets = static_cast<std::uint16_t>(in.number("buckets", 65'535));
  manifest.record_version = static_cast<std::uint8_t>(in.number("record_version", 255, 1));
  in.texts("relays", [&](const std::string& text, const toml::node* node) {
    auto id = parse_relay_id(text);
    if (!id) return in.wrong(in.line_of(node), fmt::format("'{}' is not a relay id", text));
    manifest.relays.push_back(*id);
  });
  in.texts("directory_keys", [&](const std::string& text, const toml::node* node) {
    manifest.directory_keys.push_back(in.hex<32>("directory_keys", text, node));
  });
  in.tables("epoch", [&](TableReader& entry) {
    entry.expect_only({"range", "epoch"});
    manifest.epochs.push_back({entry.range("range"), Epoch(entry.number("epoch", kEpochMax))});
  });
  in.tables("grant", [&](TableReader& entry) { manifest.grants.push_back(read_grant(entry)); });
  in.tables("origin", [&](TableReader& entry) { manifest.origins.push_back(read_origin(entry)); });
  in.tables("epoch_start", [&](TableReader& entry) { manifest.epoch_starts.push_back(read_epoch_start(entry)); });
  return manifest;
}

}  // namespace

Result<Manifest> read_manifest_source(std::string_view text, std::string_view name) {
  try {
    const toml::table table = toml::parse(text, name);
    Result<void> outcome;
    TableReader reader(table, name, outcome);
    Manifest manifest = read_tables(reader);
    if (!outcome) return fail(outcome.error());
    return manifest;
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::kConfig, fmt::format("{}:{}: {}", name, error.source().begin.line, error.description()));
  }
}

}  // namespace xylem
