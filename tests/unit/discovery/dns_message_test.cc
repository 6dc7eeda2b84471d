#include "client/discovery/dns_message.h"

#include <catch2/catch.hpp>

#include "proto/limits.h"
#include "tests/unit/discovery/dns_writer.h"

using namespace xylem;
using std::chrono::seconds;

namespace {

const DnsQuestion kSrv{"b5.zone.example", DnsType::srv};
const DnsQuestion kTxt{"zone.example", DnsType::txt};
const DnsQuestion kA{"relay.example", DnsType::a};
const SrvRecord kServer{0, 10, 7720, "relay.example"};

DnsAnswer parsed(const DnsWriter& writer, const DnsQuestion& question) {
  const Result<DnsAnswer> answer = parse_dns_answer(writer.bytes(), question);
  if (!answer) FAIL(answer.error().message());
  return *answer;
}

std::string refused(const Bytes& message, const DnsQuestion& question) {
  const Result<DnsAnswer> answer = parse_dns_answer(message, question);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::kDns);
  const std::string prefix = question.to_string() + ": ";
  REQUIRE(answer.error().detail.starts_with(prefix));
  return answer.error().detail.substr(prefix.size());
}
std::string refused(const DnsWriter& writer, const DnsQuestion& question) { return refused(writer.bytes(), question); }

}  // namespace

TEST_CASE("SRV records behind a chain of CNAMEs: last owner, smallest TTL") {
  const DnsAnswer answer = parsed(DnsWriter(kSrv)
                                      .cname("b5.zone.example", 300, "5.4-6.zone.example")
                                      .cname("5.4-6.zone.example", 60, "hoster.example")
                                      .srv("hoster.example", 120, {1, 0, 7721, "second.example"})
                                      .srv("hoster.example", 120, kServer),
                                  kSrv);
  CHECK(answer.outcome == DnsOutcome::data);
  CHECK(answer.chain == std::vector<std::string>{"b5.zone.example", "5.4-6.zone.example", "hoster.example"});
  CHECK(answer.owner() == "hoster.example");
  CHECK(answer.ttl == seconds(60));
  CHECK(answer.servers == std::vector<SrvRecord>{kServer, {1, 0, 7721, "second.example"}});
}

TEST_CASE("the chain is followed by name, whatever the order, and strangers are ignored") {
  const DnsAnswer answer = parsed(DnsWriter(kSrv)
                                      .srv("evil.example", 1, {0, 0, 1, "evil.example"})
                                      .srv("5.zone.example", 90, kServer)
                                      .cname("evil.example", 1, "b5.zone.example")
                                      .cname("B5.Zone.Example", 80, "5.zone.example")
                                      .srv("zone.example", 1, {0, 0, 1, "evil.example"}),
                                  kSrv);
  CHECK(answer.owner() == "5.zone.example");
  CHECK(answer.servers == std::vector<SrvRecord>{kServer});
  CHECK(answer.ttl == seconds(80));
}

TEST_CASE("compressed names in owners and data are read") {
  DnsWriter writer(kSrv);
  const std::uint16_t question_at = 12;
  const std::uint16_t zone_at = question_at + 3;  // behind "b5"
  Bytes data{0, 0, 0, 10, 0x1E, 0x28, 5, 'r', 'e', 'l', 'a', 'y'};
  const Bytes zone = DnsWriter::pointer(zone_at);
  data.insert(data.end(), zone.begin(), zone.end());
  writer.record(DnsWriter::pointer(question_at), 33, 5, data);
  CHECK(parsed(writer, kSrv).servers == std::vector<SrvRecord>{{0, 10, 7720, "relay.zone.example"}});
}

TEST_CASE("the strings of a TXT record are joined without separator, records stay apart") {
  const DnsAnswer answer = parsed(
      DnsWriter(kTxt).txt("zone.example", 9, {"v=xylem1 n=", "12 ", "", "id=00"}).txt("zone.example", 9, {"spf"}),
      kTxt);
  CHECK(answer.texts == std::vector<std::string>{"spf", "v=xylem1 n=12 id=00"});
}

TEST_CASE("addresses of both families are read") {
  const SocketAddress v4 = *SocketAddress::parse_ip("192.0.2.1", 0);
  CHECK(parsed(DnsWriter(kA).address("relay.example", 9, v4), kA).addresses == std::vector{v4});
  const DnsQuestion aaaa{"relay.example", DnsType::aaaa};
  const SocketAddress v6 = *SocketAddress::parse_ip("2001:db8::1", 0);
  CHECK(parsed(DnsWriter(aaaa).address("relay.example", 9, v6), aaaa).addresses == std::vector{v6});
}

TEST_CASE("of too many addresses some are taken") {
  DnsWriter writer(kA);
  for (std::uint8_t i = 0; i < 40; ++i) writer.address("relay.example", 9, SocketAddress::v4({192, 0, 2, i}, 0));
  CHECK(parsed(writer, kA).addresses.size() == kDnsAddressesMax);
}

TEST_CASE("NXDOMAIN and NODATA live as long as RFC 2308 says") {
  const auto negative = [](std::uint16_t code, std::uint32_t ttl, std::uint32_t minimum) {
    return parsed(DnsWriter(kSrv, DnsWriter::kAnswer | code).soa("zone.example", ttl, minimum), kSrv);
  };
  CHECK(negative(3, 300, 60).outcome == DnsOutcome::no_such_name);
  CHECK(negative(3, 300, 60).ttl == seconds(60));
  CHECK(negative(0, 30, 60).outcome == DnsOutcome::no_data);
  CHECK(negative(0, 30, 60).ttl == seconds(30));
  CHECK(negative(0, 30, 0x80000000).ttl == seconds(0));
  // Nothing to go by, or an SOA of somebody else's zone: not to be kept.
  CHECK(parsed(DnsWriter(kSrv, DnsWriter::kAnswer | 3), kSrv).ttl == seconds(0));
  CHECK(parsed(DnsWriter(kSrv, DnsWriter::kAnswer | 3).soa("other.example", 300, 300), kSrv).ttl == seconds(0));
}

TEST_CASE("a CNAME to nothing is nothing at its last owner, for the smallest TTL") {
  const DnsAnswer answer = parsed(
      DnsWriter(kSrv, DnsWriter::kAnswer | 3).cname("b5.zone.example", 20, "gone.example").soa("example", 300, 300),
      kSrv);
  CHECK(answer.outcome == DnsOutcome::no_such_name);
  CHECK(answer.owner() == "gone.example");
  CHECK(answer.ttl == seconds(20));
}

TEST_CASE("a TTL with its top bit set counts as zero") {
  CHECK(parsed(DnsWriter(kSrv).srv("b5.zone.example", 0x80000001, kServer), kSrv).ttl == seconds(0));
}

TEST_CASE("CNAME chains that loop or go on too long are refused") {
  CHECK(refused(DnsWriter(kSrv).cname("b5.zone.example", 9, "b5.zone.example"), kSrv) == "the CNAME chain is a loop");
  CHECK(refused(DnsWriter(kSrv).cname("b5.zone.example", 9, "a").cname("a", 9, "b").cname("b", 9, "a"), kSrv) ==
        "the CNAME chain is a loop");
  DnsWriter longest(kSrv);
  longest.cname("b5.zone.example", 9, "c1");
  for (std::size_t i = 1; i < kCnameChainMax; ++i) {
    longest.cname("c" + std::to_string(i), 9, "c" + std::to_string(i + 1));
  }
  CHECK(parsed(longest, kSrv).chain.size() == kCnameChainMax + 1);
  longest.cname("c" + std::to_string(kCnameChainMax), 9, "one-more");
  CHECK(refused(longest, kSrv) == "the CNAME chain has more than 8 links");
  CHECK(refused(DnsWriter(kSrv).cname("b5.zone.example", 9, "a").cname("b5.zone.example", 9, "b"), kSrv) ==
        "two CNAMEs for one name");
}

TEST_CASE("20 SRV records are read, 21 refused") {
  DnsWriter writer(kSrv);
  for (std::uint16_t i = 1; i <= kSrvPerNameMax; ++i) writer.srv("b5.zone.example", 9, {0, 0, i, "relay.example"});
  CHECK(parsed(writer, kSrv).servers.size() == 20);
  writer.srv("b5.zone.example", 9, kServer);
  CHECK(refused(writer, kSrv) == "more than 20 SRV records");
}

TEST_CASE("a huge answer is refused by its count, before it is read") {
  Bytes message = DnsWriter(kSrv).bytes();
  message[6] = 0xFF;
  CHECK(refused(message, kSrv) == "more than 512 records");
  DnsWriter many(kSrv);
  for (std::size_t i = 0; i < kDnsRecordsMax; ++i) many.cname("x" + std::to_string(i), 9, "y");
  CHECK(parsed(many, kSrv).outcome == DnsOutcome::no_data);
  many.soa("example", 9, 9);
  CHECK(refused(many, kSrv) == "more than 512 records");
  CHECK(refused(Bytes(70'000), kSrv) == "larger than a DNS message can be");
}

TEST_CASE("what is not the answer to the question is refused") {
  const Bytes right = DnsWriter(kSrv).srv("b5.zone.example", 9, kServer).bytes();
  const DnsQuestion other{"b6.zone.example", DnsType::srv};
  CHECK(refused(right, other) == "the answer is to another question (b5.zone.example)");
  CHECK(refused(right, {"b5.zone.example", DnsType::a}) == "the answer is to another question (b5.zone.example)");
  CHECK(refused(DnsWriter(kSrv, 0x0000), kSrv) == "that is no answer to a query");
  CHECK(refused(DnsWriter(kSrv, 0xA400), kSrv) == "that is no answer to a query");
  Bytes none = right;
  none[5] = 0;
  CHECK(refused(none, kSrv) == "the answer does not repeat the question");
}

TEST_CASE("a server's refusal and a truncated answer are told as such") {
  CHECK(refused(DnsWriter(kSrv, DnsWriter::kAnswer | 2), kSrv) == "the server answers SERVFAIL");
  CHECK(refused(DnsWriter(kSrv, DnsWriter::kAnswer | 5), kSrv) == "the server answers REFUSED");
  CHECK(refused(DnsWriter(kSrv, DnsWriter::kAnswer | 15), kSrv) == "the server answers an unknown error");
  CHECK(refused(DnsWriter(kSrv, DnsWriter::kAnswer | 0x0200).srv("b5.zone.example", 9, kServer), kSrv) ==
        "the answer is truncated");
}

TEST_CASE("a lie in itself is refused: NXDOMAIN with records") {
  CHECK(refused(DnsWriter(kSrv, DnsWriter::kAnswer | 3).srv("b5.zone.example", 9, kServer), kSrv) ==
        "the answer says NXDOMAIN and has records");
}

TEST_CASE("data that is not what its type says is refused") {
  const auto with = [](const DnsQuestion& question, DnsType type, const Bytes& data) {
    return refused(DnsWriter(question).record(question.name, type, 9, data), question);
  };
  CHECK(with(kSrv, DnsType::srv, {}) == "a record is malformed");
  CHECK(with(kSrv, DnsType::srv, {0, 0, 0, 0, 0, 1}) == "a record is malformed");
  CHECK(with(kSrv, DnsType::srv, {0, 0, 0, 0, 0, 1, 1, 'a'}) == "a record is malformed");
  CHECK(with(kSrv, DnsType::srv, {0, 0, 0, 0, 0, 1, 0, 0}) == "a record is malformed");  // a byte too many
  CHECK(with(kTxt, DnsType::txt, {5, 'a'}) == "a record is malformed");
  CHECK(with(kA, DnsType::a, {1, 2, 3}) == "a record is malformed");
  CHECK(with(kA, DnsType::a, {1, 2, 3, 4, 5}) == "a record is malformed");
  CHECK(with(kSrv, DnsType::cname, {1, 'a'}) == "a CNAME is malformed");
}

TEST_CASE("records of another class are none of ours") {
  DnsWriter writer(kA);
  writer.record(DnsWriter::name("relay.example"), 1, 9, {192, 0, 2, 1}, 3);
  CHECK(parsed(writer, kA).outcome == DnsOutcome::no_data);
}

TEST_CASE("an answer cut anywhere is refused, or says less, and never reads past its end") {
  const Bytes whole =
      DnsWriter(kSrv).cname("b5.zone.example", 9, "5.zone.example").srv("5.zone.example", 9, kServer).bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    INFO(size);
    CHECK_FALSE(parse_dns_answer(cut, kSrv));
  }
  CHECK(parse_dns_answer(whole, kSrv));
}

TEST_CASE("flipping any bit of an answer never does harm") {
  const Bytes whole = DnsWriter(kSrv)
                          .cname("b5.zone.example", 9, "5.zone.example")
                          .srv("5.zone.example", 9, kServer)
                          .soa("zone.example", 9, 9)
                          .bytes();
  std::size_t refusals = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const Result<DnsAnswer> answer = parse_dns_answer(flipped, kSrv);
    if (!answer) {
      ++refusals;
      continue;
    }
    CHECK(answer->chain.front() == kSrv.name);
    CHECK(answer->servers.size() <= 1);
  }
  CHECK(refusals > 0);
}
