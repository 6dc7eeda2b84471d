#include "client/discovery/dns_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "client/discovery/dns_name.h"
#include "proto/limits.h"

namespace xylem {
namespace {

constexpr std::uint16_t kClassIn = 1;
constexpr std::size_t kDnsHeaderBytes = 12;  // RFC 1035 §4.1.1

// One resource record; `data_at` is where its data stands in the message, for names in it.
struct Record {
  std::string owner;
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
  std::size_t data_at = 0;
  ByteView data;
};

// Walks a message from its start. After the first bad read everything is nothing.
class MessageReader {
 public:
  explicit MessageReader(ByteView message) : message_(message) {}

  std::optional<std::uint16_t> u16() {
    const auto bytes = take(2);
    if (!bytes) return std::nullopt;
    return ByteReader(*bytes).u16();
  }

  std::optional<std::string> name() { return read_dns_name(message_, at_); }

  std::optional<Record> record() {
    Record out;
    auto owner = name();
    const auto fixed = owner ? take(10) : std::nullopt;
    if (!fixed) return std::nullopt;
    ByteReader reader(*fixed);
    out.owner = std::move(*owner);
    out.type = reader.u16();
    const std::uint16_t record_class = reader.u16();
    out.ttl = reader.u32();
    if (out.ttl > 0x7FFFFFFF) out.ttl = 0;  // RFC 2181 §8
    const std::uint16_t size = reader.u16();
    out.data_at = at_;
    const auto data = take(size);
    if (!data) return std::nullopt;
    out.data = *data;
    if (record_class != kClassIn) out.type = 0;  // none of ours
    return out;
  }

 private:
  std::optional<ByteView> take(std::size_t count) {
    if (message_.size() - at_ < count) return std::nullopt;
    const ByteView out = message_.subspan(at_, count);
    at_ += count;
    return out;
  }

  ByteView message_;
  std::size_t at_ = 0;
};

struct Header {
  std::uint16_t flags, questions, answers, authorities;

  bool is_response() const { return (flags & 0x8000) != 0; }
  bool is_query_kind() const { return (flags & 0x7800) == 0; }
  bool truncated() const { return (flags & 0x0200) != 0; }
  std::uint16_t code() const { return flags & 0x000F; }
};

constexpr std::uint16_t kNoError = 0;
constexpr std::uint16_t kNameError = 3;

std::string_view code_name(std::uint16_t code) {
  static constexpr std::string_view kNames[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
  return code < std::size(kNames) ? kNames[code] : "an unknown error";
}

// A name in a record's data. It must end where the data does.
std::optional<std::string> name_in_data(ByteView message, const Record& record, std::size_t skip) {
  if (record.data.size() < skip + 1) return std::nullopt;
  std::size_t at = record.data_at + skip;
  // Pointers may lead anywhere before; labels may not run past the data.
  const std::size_t end = record.data_at + record.data.size();
  auto name = read_dns_name(message.first(end), at);
  if (!name || at != end) return std::nullopt;
  return name;
}

std::optional<std::string> joined_text(ByteView data) {
  std::string text;
  while (!data.empty()) {
    const std::size_t length = data.front();
    if (data.size() < length + 1) return std::nullopt;
    text += as_text(data.subspan(1, length));
    data = data.subspan(length + 1);
  }
  return text;
}

std::optional<SrvRecord> srv_record(ByteView message, const Record& record) {
  auto target = name_in_data(message, record, 6);
  if (!target) return std::nullopt;
  ByteReader reader(record.data);
  SrvRecord out;
  out.priority = reader.u16();
  out.weight = reader.u16();
  out.port = reader.u16();
  out.target = std::move(*target);
  return out;
}

std::optional<SocketAddress> address(const Record& record) {
  ByteReader reader(record.data);
  if (record.type == static_cast<std::uint16_t>(DnsType::a)) {
    const auto ip = reader.array<4>();
    if (!reader.done()) return std::nullopt;
    return SocketAddress::v4(ip, 0);
  }
  const auto ip = reader.array<16>();
  if (!reader.done()) return std::nullopt;
  return SocketAddress::v6(ip, 0);
}

template <typename T>
bool keep(std::optional<T> value, std::vector<T>& into) {
  if (!value) return false;
  into.push_back(std::move(*value));
  return true;
}

// Adds one record's data to the answer; false when it is malformed.
bool add(ByteView message, const Record& record, DnsType type, DnsAnswer& answer) {
  switch (type) {
    case DnsType::txt:
      return keep(joined_text(record.data), answer.texts);
    case DnsType::srv:
      return keep(srv_record(message, record), answer.servers);
    case DnsType::a:
    case DnsType::aaaa:
      return keep(address(record), answer.addresses);
    case DnsType::cname:
    case DnsType::soa:
      return false;  // nobody asks for these
  }
  return false;
}

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

class AnswerParser {
 public:
  AnswerParser(ByteView message, const DnsQuestion& question) : message_(message), question_(question) {}

  Result<DnsAnswer> parse() {
    if (message_.size() > 65'535) return bad("larger than a DNS message can be");
    if (auto result = read_header(); !result) return fail(result.error());
    if (auto result = read_records(header_.answers, answers_); !result) return fail(result.error());
    // Only a negative answer needs the second section, and only for its TTL.
    if (auto result = read_records(header_.authorities, authorities_); !result) return fail(result.error());
    if (auto result = follow_chain(); !result) return fail(result.error());
    if (auto result = collect(); !result) return fail(result.error());
    return std::move(out_);
  }

 private:
  tl::unexpected<Error> bad(std::string_view why) const {
    return fail(ErrorCode::kDns, fmt::format("{}: {}", question_.to_string(), why));
  }

  Result<void> read_header() {
    if (message_.size() < kDnsHeaderBytes) return bad("the answer is shorter than a header");
    reader_.u16();  // the id: whoever sent the question has checked it
    header_.flags = *reader_.u16();
    header_.questions = *reader_.u16();
    header_.answers = *reader_.u16();
    header_.authorities = *reader_.u16();
    reader_.u16();
    if (!header_.is_response() || !header_.is_query_kind()) return bad("that is no answer to a query");
    if (header_.truncated()) return bad("the answer is truncated");
    if (header_.code() != kNoError && header_.code() != kNameError) {
      return bad(fmt::format("the server answers {}", code_name(header_.code())));
    }
    if (header_.questions != 1) return bad("the answer does not repeat the question");
    const auto name = reader_.name();
    const auto type = name ? reader_.u16() : std::nullopt;
    const auto question_class = type ? reader_.u16() : std::nullopt;
    if (!question_class) return bad("the answer is malformed");
    if (*name != question_.name || *type != static_cast<std::uint16_t>(question_.type) || *question_class != kClassIn) {
      return bad(fmt::format("the answer is to another question ({})", *name));
    }
    return {};
  }

  Result<void> read_records(std::size_t count, std::vector<Record>& into) {
    if (answers_.size() + count > kDnsRecordsMax) return bad(fmt::format("more than {} records", kDnsRecordsMax));
    for (std::size_t i = 0; i < count; ++i) {
      auto record = reader_.record();
      if (!record) return bad("the answer is malformed");
      into.push_back(std::move(*record));
    }
    return {};
  }

  void count_ttl(const Record& record) { ttl_ = std::min(ttl_.value_or(record.ttl), record.ttl); }

  // From the question's name, whatever the order of the records.
  Result<void> follow_chain() {
    std::map<std::string_view, const Record*> aliases;
    for (const Record& record : answers_) {
      if (record.type != static_cast<std::uint16_t>(DnsType::cname)) continue;
      const auto [existing, added] = aliases.emplace(record.owner, &record);
      if (!added && !std::ranges::equal(existing->second->data, record.data)) return bad("two CNAMEs for one name");
    }
    out_.chain.push_back(question_.name);
    for (auto alias = aliases.find(question_.name); alias != aliases.end(); alias = aliases.find(out_.chain.back())) {
      auto target = name_in_data(message_, *alias->second, 0);
      if (!target) return bad("a CNAME is malformed");
      if (std::ranges::count(out_.chain, *target) > 0) return bad("the CNAME chain is a loop");
      if (out_.chain.size() > kCnameChainMax) {
        return bad(fmt::format("the CNAME chain has more than {} links", kCnameChainMax));
      }
      count_ttl(*alias->second);
      out_.chain.push_back(std::move(*target));
    }
    return {};
  }

  Result<void> collect() {
    bool found = false;
    for (const Record& record : answers_) {
      if (record.owner != out_.owner() || record.type != static_cast<std::uint16_t>(question_.type)) continue;
      if (!add(message_, record, question_.type, out_)) return bad("a record is malformed");
      count_ttl(record);
      found = true;
    }
    if (!found) {
      collect_nothing();
      return {};
    }
    if (header_.code() == kNameError) return bad("the answer says NXDOMAIN and has records");
    out_.outcome = DnsOutcome::data;
    out_.ttl = std::chrono::seconds(ttl_.value_or(0));
    sort_unique(out_.texts);
    sort_unique(out_.servers);
    sort_unique(out_.addresses);
    if (out_.servers.size() > kSrvPerNameMax) return bad(fmt::format("more than {} SRV records", kSrvPerNameMax));
    if (out_.addresses.size() > kDnsAddressesMax) out_.addresses.resize(kDnsAddressesMax);
    return {};
  }

  // RFC 2308 §5: the TTL of a negative answer is the smaller of the SOA's own and its last field; without an SOA it is
  // not kept. An SOA of a zone that does not hold the name says nothing.
  void collect_nothing() {
    out_.outcome = header_.code() == kNameError ? DnsOutcome::no_such_name : DnsOutcome::no_data;
    for (const Record& record : authorities_) {
      if (record.type != static_cast<std::uint16_t>(DnsType::soa) || record.data.size() < 22) continue;
      if (!is_at_or_below(out_.owner(), record.owner)) continue;
      const std::uint32_t minimum = ByteReader(record.data.last(4)).u32();
      count_ttl(record);
      out_.ttl = std::chrono::seconds(std::min(ttl_.value_or(0), minimum > 0x7FFFFFFF ? 0 : minimum));
      return;
    }
  }

  const ByteView message_;
  const DnsQuestion& question_;
  MessageReader reader_{message_};
  Header header_{};
  std::vector<Record> answers_, authorities_;
  std::optional<std::uint32_t> ttl_;
  DnsAnswer out_;
};

}  // namespace

std::string to_string(DnsType type) {
  switch (type) {
    case DnsType::a:
      return "A";
    case DnsType::cname:
      return "CNAME";
    case DnsType::soa:
      return "SOA";
    case DnsType::txt:
      return "TXT";
    case DnsType::aaaa:
      return "AAAA";
    case DnsType::srv:
      return "SRV";
  }
  return "?";
}

std::string DnsQuestion::to_string() const { return fmt::format("{} {}", xylem::to_string(type), name); }

Result<DnsAnswer> parse_dns_answer(ByteView message, const DnsQuestion& question) {
  return AnswerParser(message, question).parse();
}

}  // namespace xylem
