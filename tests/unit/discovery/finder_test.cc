#include "client/discovery/finder.h"

#include <catch2/catch.hpp>
#include <map>

using namespace xylem;
using std::chrono::seconds;

namespace {

constexpr const char* kZoneText = "v=xylem1 n=12 id=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

DnsAnswer nothing(DnsOutcome outcome, std::vector<std::string> chain, int ttl = 30) {
  DnsAnswer answer;
  answer.outcome = outcome;
  answer.chain = std::move(chain);
  answer.ttl = seconds(ttl);
  return answer;
}

// A resolver that knows its answers by heart. What it does not know does not exist.
struct Script {
  std::map<DnsQuestion, Result<DnsAnswer>> answers;
  std::map<DnsQuestion, seconds> stale;  // answered from memory only, so old
  std::vector<std::string> asked;

  void say(std::vector<std::string> chain, DnsType type, const std::function<void(DnsAnswer&)>& fill, int ttl = 60) {
    const DnsQuestion question{chain.front(), type};
    DnsAnswer answer = nothing(DnsOutcome::data, std::move(chain), ttl);
    fill(answer);
    answers.insert_or_assign(question, answer);
  }
  void txt(std::vector<std::string> chain, const std::string& text = kZoneText, int ttl = 3600) {
    say(std::move(chain), DnsType::txt, [&](DnsAnswer& answer) { answer.texts = {text}; }, ttl);
  }
  void srv(std::vector<std::string> chain, std::vector<SrvRecord> servers, int ttl = 60) {
    say(std::move(chain), DnsType::srv, [&](DnsAnswer& answer) { answer.servers = std::move(servers); }, ttl);
  }
  void address(std::vector<std::string> chain, const std::vector<std::string>& ips, int ttl = 300) {
    for (const std::string& ip : ips) {
      const SocketAddress parsed = *SocketAddress::parse_ip(ip, 0);
      const DnsType type = parsed.is_v4() ? DnsType::a : DnsType::aaaa;
      const auto known = answers.find({chain.front(), type});
      std::vector<SocketAddress> addresses;
      if (known != answers.end()) addresses = known->second->addresses;
      addresses.push_back(parsed);
      say(chain, type, [&](DnsAnswer& answer) { answer.addresses = addresses; }, ttl);
    }
  }
  void nodata(std::vector<std::string> chain, DnsType type, int ttl = 30) {
    const DnsQuestion question{chain.front(), type};
    answers.insert_or_assign(question, nothing(DnsOutcome::no_data, std::move(chain), ttl));
  }
  void error(const std::string& name, DnsType type) {
    answers.insert_or_assign(DnsQuestion{name, type}, fail(ErrorCode::kDns, name + " timed out"));
  }

  Result<Found> find(FindRequest request, FinderOptions options = {}) {
    Finder finder(std::move(request), options);
    asked.clear();
    for (auto questions = finder.take_questions(); !questions.empty(); questions = finder.take_questions()) {
      for (const DnsQuestion& question : questions) {
        asked.push_back(question.to_string());
        finder.take_answer(step(question));
      }
    }
    REQUIRE(finder.done());
    return finder.result();
  }
  DnsStep step(const DnsQuestion& question) const {
    const auto known = answers.find(question);
    if (known == answers.end()) {
      return {question, nothing(DnsOutcome::no_such_name, {question.name}, 900), false, seconds(900), {}};
    }
    if (const auto old = stale.find(question); old != stale.end()) {
      return {question, known->second, true, seconds(0), old->second};
    }
    const seconds ttl = known->second ? known->second->ttl : seconds(0);
    return {question, known->second, false, ttl, {}};
  }
};

// The forest of the founding design, and its servers.
Script forest() {
  Script dns;
  dns.txt({"zone.example"});
  dns.srv({"b5.zone.example", "5.4-6.1-6.zone.example"}, {{0, 10, 7720, "l2.example"}});
  dns.srv({"5.4-6.1-6.zone.example"}, {{0, 10, 7720, "l2.example"}});
  dns.srv({"4-6.1-6.zone.example"}, {{0, 10, 7720, "l1a.example"}, {1, 5, 7721, "l1b.example"}}, 45);
  dns.srv({"1-6.zone.example"}, {{0, 0, 7000, "origin.example"}});
  dns.address({"l2.example"}, {"8.8.4.4", "2606:4700::1"});
  dns.address({"l1a.example"}, {"8.8.4.5"});
  dns.address({"l1b.example"}, {"8.8.4.6"});
  dns.address({"origin.example"}, {"8.8.4.7"});
  return dns;
}

Found found(const Result<Found>& result) {
  if (!result) FAIL(result.error().message());
  return *result;
}

void check_refused(const Result<Found>& result, ErrorCode code, const std::string& detail) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == code);
  CHECK(result.error().detail == detail);
}

std::vector<std::string> addresses_of(const FoundServer& server) {
  std::vector<std::string> out;
  for (const SocketAddress& address : server.addresses) out.push_back(address.to_string());
  return out;
}

}  // namespace

TEST_CASE("a feed's bucket leads over one CNAME to its node and servers") {
  Script dns = forest();
  const Found result = found(dns.find(FindRequest::feed("Zone.Example.", FeedId(31'337))));
  CHECK(result.zone == "zone.example");
  CHECK(result.base == "zone.example");
  CHECK(result.record->bucket_count == 12);
  CHECK(result.bucket == Bucket(5));
  CHECK(result.node->to_string() == "5.4-6.1-6.zone.example");
  CHECK(result.owner_chain == std::vector<std::string>{"b5.zone.example", "5.4-6.1-6.zone.example"});
  REQUIRE(result.servers.size() == 1);
  CHECK(result.servers[0].host == "l2.example");
  CHECK(addresses_of(result.servers[0]) == std::vector<std::string>{"8.8.4.4:7720", "[2606:4700::1]:7720"});
  CHECK(result.ttl == seconds(60));
  CHECK_FALSE(result.stale_age);
  CHECK(result.upstream == Upstream::not_asked);
  CHECK(dns.asked ==
        std::vector<std::string>{"TXT zone.example", "SRV b5.zone.example", "A l2.example", "AAAA l2.example"});
  CHECK(result.steps.size() == 4);
}

TEST_CASE("residue zero is the last bucket") {
  Script dns = forest();
  dns.srv({"b12.zone.example"}, {{0, 0, 7720, "l2.example"}});
  CHECK(found(dns.find(FindRequest::feed("zone.example", FeedId(24)))).bucket == Bucket(12));
}

TEST_CASE("a zone that is a CNAME has its names below the base") {
  Script dns;
  dns.txt({"site.example", "alias.example", "zone.hoster.example"});
  dns.srv({"b5.zone.hoster.example", "5.zone.hoster.example"}, {{0, 0, 7720, "relay.example"}});
  dns.address({"relay.example"}, {"8.8.4.4"});
  const Found result = found(dns.find(FindRequest::bucket("site.example", Bucket(5))));
  CHECK(result.base == "zone.hoster.example");
  CHECK(result.node->to_string() == "5.zone.hoster.example");
}

TEST_CASE("a full node name finds the node, with the zone behind it or without") {
  Script dns = forest();
  for (const char* name : {"4-6.1-6", "4-6.1-6.zone.example", "4-6.1-6.ZONE.example."}) {
    INFO(name);
    const Found result = found(dns.find(FindRequest::node("zone.example", name)));
    CHECK(result.node->to_string() == "4-6.1-6.zone.example");
    CHECK_FALSE(result.bucket);
    CHECK(result.servers.size() == 2);
    CHECK(result.servers[0].host == "l1a.example");
    CHECK(result.servers[1].priority == 1);
    CHECK(result.ttl == seconds(45));
  }
}

TEST_CASE("a volunteer's upstream is one label up") {
  Script dns = forest();
  const Found result = found(dns.find(FindRequest::upstream_of_bucket("zone.example", Bucket(5))));
  CHECK(result.upstream == Upstream::servers);
  CHECK(result.node->to_string() == "5.4-6.1-6.zone.example");
  CHECK(result.upstream_node->to_string() == "4-6.1-6.zone.example");
  CHECK(result.servers.size() == 2);
  CHECK(dns.asked[2] == "SRV 4-6.1-6.zone.example");
}

TEST_CASE("an inner node's upstream is found without asking for itself") {
  Script dns = forest();
  const Found result = found(dns.find(FindRequest::upstream_of_node("zone.example", "4-6.1-6")));
  CHECK(result.upstream_node->to_string() == "1-6.zone.example");
  CHECK(addresses_of(result.servers[0]) == std::vector<std::string>{"8.8.4.7:7000"});
  CHECK(dns.asked[1] == "SRV 1-6.zone.example");
}

TEST_CASE("a reflector with its parent's whole range is one more level") {
  Script dns = forest();
  dns.srv({"b5.zone.example", "5.5.4-6.1-6.zone.example"}, {{0, 0, 7720, "l2.example"}});
  const Found result = found(dns.find(FindRequest::upstream_of_bucket("zone.example", Bucket(5))));
  CHECK(result.upstream_node->to_string() == "5.4-6.1-6.zone.example");
}

TEST_CASE("stripping down to the zone means: an origin") {
  Script dns = forest();
  const Found result = found(dns.find(FindRequest::upstream_of_node("zone.example", "1-6")));
  CHECK(result.upstream == Upstream::is_origin);
  CHECK(result.servers.empty());
  CHECK(dns.asked.size() == 1);
}

TEST_CASE("a wildcard is a complete one-tier zone: servers, but no node name") {
  Script dns;
  dns.txt({"zone.example"});
  dns.srv({"b7.zone.example"}, {{0, 0, 7720, "relay.example"}});  // as `*.zone.example SRV` answers
  dns.address({"relay.example"}, {"8.8.4.4"});
  const Found result = found(dns.find(FindRequest::bucket("zone.example", Bucket(7))));
  CHECK_FALSE(result.node);
  CHECK(result.servers.size() == 1);
  const Found upstream = found(dns.find(FindRequest::upstream_of_bucket("zone.example", Bucket(7))));
  CHECK(upstream.upstream == Upstream::by_manifest);
  CHECK(upstream.servers.empty());
}

TEST_CASE("SRV records below a service name are found after NXDOMAIN and after NODATA") {
  Script dns;
  dns.txt({"zone.example"});
  dns.srv({"_xylem._tcp.5.4-6.zone.example"}, {{0, 0, 7720, "relay.example"}});
  dns.address({"relay.example"}, {"8.8.4.4"});
  const std::vector<std::string> chain{"b5.zone.example", "5.4-6.zone.example"};
  SECTION("NODATA at the end of the chain") { dns.nodata(chain, DnsType::srv); }
  SECTION("NXDOMAIN at the end of the chain") {
    dns.answers.insert_or_assign(DnsQuestion{"b5.zone.example", DnsType::srv},
                                 nothing(DnsOutcome::no_such_name, chain));
  }
  const Found result = found(dns.find(FindRequest::bucket("zone.example", Bucket(5))));
  CHECK(result.node->to_string() == "5.4-6.zone.example");
  CHECK(result.owner_chain == chain);
  CHECK(dns.asked[2] == "SRV _xylem._tcp.5.4-6.zone.example");
}

TEST_CASE("a service name that is a CNAME itself leads to the node it names") {
  Script dns;
  dns.txt({"zone.example"});
  dns.nodata({"b5.zone.example"}, DnsType::srv);
  dns.srv({"_xylem._tcp.b5.zone.example", "_xylem._tcp.5.4-6.zone.example"}, {{0, 0, 7720, "relay.example"}});
  dns.address({"relay.example"}, {"8.8.4.4"});
  const Found result = found(dns.find(FindRequest::bucket("zone.example", Bucket(5))));
  CHECK(result.node->to_string() == "5.4-6.zone.example");
  CHECK(result.owner_chain == std::vector<std::string>{"b5.zone.example", "5.4-6.zone.example"});
}

TEST_CASE("a one-tier zone may stand below service names") {
  Script dns;
  dns.txt({"zone.example"});
  dns.srv({"_xylem._tcp.b5.zone.example"}, {{0, 0, 7720, "relay.example"}});
  dns.address({"relay.example"}, {"8.8.4.4"});
  CHECK_FALSE(found(dns.find(FindRequest::bucket("zone.example", Bucket(5)))).node);
}

TEST_CASE("the upstream's servers may stand below a service name, too") {
  Script dns = forest();
  dns.nodata({"4-6.1-6.zone.example"}, DnsType::srv);
  dns.srv({"_xylem._tcp.4-6.1-6.zone.example"}, {{0, 0, 7720, "l1a.example"}});
  const Found result = found(dns.find(FindRequest::upstream_of_bucket("zone.example", Bucket(5))));
  CHECK(result.upstream_node->to_string() == "4-6.1-6.zone.example");
  CHECK(result.servers[0].host == "l1a.example");
}

TEST_CASE("an owner outside the zone gives servers without a node name") {
  Script dns = forest();
  dns.srv({"b5.zone.example", "farm.elsewhere.example"}, {{0, 0, 7720, "l2.example"}});
  CHECK_FALSE(found(dns.find(FindRequest::bucket("zone.example", Bucket(5)))).node);
  CHECK(found(dns.find(FindRequest::upstream_of_bucket("zone.example", Bucket(5)))).upstream == Upstream::by_manifest);
}

TEST_CASE("a node that does not hold the bucket is refused") {
  Script dns = forest();
  dns.srv({"b5.zone.example", "7.7-12.zone.example"}, {{0, 0, 7720, "l2.example"}});
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(5))), ErrorCode::kDns,
                "b5.zone.example leads to 7.7-12.zone.example, which does not hold bucket 5");
}

TEST_CASE("what the zone does not have is refused") {
  Script dns = forest();
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(13))), ErrorCode::kWrongBucket,
                "there is no bucket 13: zone.example has buckets 1 to 12");
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(0))), ErrorCode::kWrongBucket,
                "there is no bucket 0: zone.example has buckets 1 to 12");
  check_refused(dns.find(FindRequest::node("zone.example", "13-14")), ErrorCode::kWrongBucket,
                "13-14.zone.example is outside the zone: it has buckets 1 to 12");
  CHECK(dns.find(FindRequest::node("zone.example", "6-4")).error().code == ErrorCode::kBadName);
  CHECK(dns.find(FindRequest::node("zone.example", "4-6.other.example")).error().code == ErrorCode::kBadName);
  CHECK(dns.find(FindRequest::node("zone.example", "")).error().code == ErrorCode::kBadName);
  CHECK(dns.find(FindRequest::bucket("no zone", Bucket(1))).error().code == ErrorCode::kBadName);
  CHECK(dns.asked.empty());  // a name that is none is not asked for
}

TEST_CASE("a zone without a usable TXT record is refused") {
  Script dns;
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(1))), ErrorCode::kDns,
                "TXT zone.example: does not exist");
  dns.nodata({"zone.example"}, DnsType::txt);
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(1))), ErrorCode::kDns,
                "TXT zone.example: has no such records");
  dns.txt({"zone.example"}, "v=xylem1 n=12");
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(1))), ErrorCode::kDns,
                "zone.example: the zone's TXT record does not say id, the zone id");
  dns.error("zone.example", DnsType::txt);
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(1))), ErrorCode::kDns, "zone.example timed out");
  dns.txt({"zone.example", "odd\\032name"});
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(1))), ErrorCode::kDns,
                "the zone's CNAME leads to an unusable name");
}

TEST_CASE("a bucket without servers is refused, after the service name was tried") {
  Script dns;
  dns.txt({"zone.example"});
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(1))), ErrorCode::kDns,
                "SRV b1.zone.example: does not exist");
  CHECK(dns.asked.size() == 3);
  dns.error("b1.zone.example", DnsType::srv);
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(1))), ErrorCode::kDns, "b1.zone.example timed out");
}

TEST_CASE("an owner too long for a service name in front is not asked for") {
  Script dns;
  dns.txt({"zone.example"});
  const std::string label(60, 'x');
  const std::string longest = label + "." + label + "." + label + "." + label + ".example";
  REQUIRE(longest.size() == 251);
  dns.nodata({"b1.zone.example", longest}, DnsType::srv);
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(1))), ErrorCode::kDns,
                "SRV b1.zone.example: has no such records");
  CHECK(dns.asked.size() == 2);
}

TEST_CASE("the target '.' means that there is no service") {
  Script dns = forest();
  dns.srv({"b5.zone.example"}, {{0, 0, 0, ""}});
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(5))), ErrorCode::kNoServers,
                "b5.zone.example says that it has no servers");
}

TEST_CASE("private addresses are refused, and only the program's own option allows them") {
  Script dns = forest();
  dns.answers.erase({"l2.example", DnsType::aaaa});
  dns.answers.erase({"l2.example", DnsType::a});
  dns.address({"l2.example"}, {"127.0.0.1"});
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(5))), ErrorCode::kPrivateAddress,
                "no server of b5.zone.example has a usable address: 127.0.0.1 is a private address");
  const Found allowed = found(dns.find(FindRequest::bucket("zone.example", Bucket(5)), {.allow_private = true}));
  CHECK(addresses_of(allowed.servers[0]) == std::vector<std::string>{"127.0.0.1:7720"});
}

TEST_CASE("a private address beside a public one is left out") {
  Script dns = forest();
  dns.address({"l2.example"}, {"10.1.1.1", "fd00::1"});
  const Found result = found(dns.find(FindRequest::bucket("zone.example", Bucket(5))));
  CHECK(addresses_of(result.servers[0]) == std::vector<std::string>{"8.8.4.4:7720", "[2606:4700::1]:7720"});
  CHECK(result.servers[0].problem.empty());
}

TEST_CASE("servers without an address are named with their problem, the others are used") {
  Script dns = forest();
  dns.srv({"b5.zone.example"}, {{0, 0, 7720, "gone.example"},
                                {0, 0, 7720, "alias.example"},
                                {0, 0, 7720, "slow.example"},
                                {0, 0, 7720, "bad\\000name"},
                                {0, 0, 0, "l2.example"},
                                {9, 0, 7720, "l2.example"},
                                {0, 0, 7720, "l1a.example"}});
  dns.address({"alias.example", "l2.example"}, {"8.8.4.4"});
  dns.error("slow.example", DnsType::a);
  dns.error("slow.example", DnsType::aaaa);
  const Found result = found(dns.find(FindRequest::bucket("zone.example", Bucket(5))));
  std::map<std::string, std::string> problems;
  for (const FoundServer& server : result.servers) {
    problems[server.host + ":" + std::to_string(server.port)] = server.problem;
    CHECK(server.addresses.empty() == !server.problem.empty());
  }
  CHECK(problems == std::map<std::string, std::string>{{"gone.example:7720", "gone.example has no address"},
                                                       {"alias.example:7720", "alias.example is a CNAME"},
                                                       {"slow.example:7720", "slow.example timed out"},
                                                       {"bad\\000name:7720", "no host name or no port"},
                                                       {"l2.example:0", "no host name or no port"},
                                                       {"l2.example:7720", ""},
                                                       {"l1a.example:7720", ""}});
  CHECK(std::ranges::count(dns.asked, "A l2.example") == 1);
}

TEST_CASE("no server with an address is an error that says why") {
  Script dns = forest();
  dns.srv({"b5.zone.example"}, {{0, 0, 7720, "gone.example"}});
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(5))), ErrorCode::kNoServers,
                "no server of b5.zone.example has a usable address: gone.example has no address");
  dns.srv({"b5.zone.example"}, {{0, 0, 0, "l2.example"}, {1, 0, 0, "l2.example"}});
  check_refused(dns.find(FindRequest::bucket("zone.example", Bucket(5))), ErrorCode::kNoServers,
                "no server of b5.zone.example has a usable address: no host name or no port");
}

TEST_CASE("one server may listen on several ports") {
  Script dns = forest();
  dns.srv({"b5.zone.example"}, {{0, 0, 7720, "l2.example"}, {0, 0, 7721, "l2.example"}});
  const Found result = found(dns.find(FindRequest::bucket("zone.example", Bucket(5))));
  CHECK(addresses_of(result.servers[0]).front() == "8.8.4.4:7720");
  CHECK(addresses_of(result.servers[1]).front() == "8.8.4.4:7721");
}

TEST_CASE("last known answers make the result stale, as old as the oldest") {
  Script dns = forest();
  dns.stale[{"zone.example", DnsType::txt}] = seconds(500);
  dns.stale[{"b5.zone.example", DnsType::srv}] = seconds(90);
  const Found result = found(dns.find(FindRequest::bucket("zone.example", Bucket(5))));
  CHECK(result.stale_age == seconds(500));
  CHECK(result.ttl == seconds(0));
  CHECK(result.steps[0].to_string().ends_with("(DNS does not answer; last known answer, 500 s old)"));
}

TEST_CASE("a negative answer's TTL counts where it has one") {
  Script dns = forest();
  dns.answers.erase({"l2.example", DnsType::aaaa});
  dns.nodata({"l2.example"}, DnsType::aaaa, 20);
  CHECK(found(dns.find(FindRequest::bucket("zone.example", Bucket(5)))).ttl == seconds(20));
  dns.nodata({"l2.example"}, DnsType::aaaa, 0);
  CHECK(found(dns.find(FindRequest::bucket("zone.example", Bucket(5)))).ttl == seconds(60));
}

TEST_CASE("answers nobody asked for are ignored") {
  Script dns = forest();
  Finder finder(FindRequest::bucket("zone.example", Bucket(5)), {});
  const DnsQuestion zone = finder.take_questions().front();
  finder.take_answer(dns.step({"b5.zone.example", DnsType::srv}));
  CHECK(finder.steps().empty());
  finder.take_answer(dns.step(zone));
  finder.take_answer(dns.step(zone));
  CHECK(finder.steps().size() == 1);
  CHECK(finder.take_questions().size() == 1);
  CHECK(finder.take_questions().empty());
  CHECK_FALSE(finder.done());
}

TEST_CASE("a host that the user named is asked for its addresses only, private or not") {
  Script dns;
  dns.address({"relay.lan"}, {"192.168.1.5"});
  const Found result = found(dns.find(FindRequest::host({"relay.lan", 7720})));
  CHECK(addresses_of(result.servers[0]) == std::vector<std::string>{"192.168.1.5:7720"});
  CHECK_FALSE(result.record);
  CHECK(dns.asked == std::vector<std::string>{"A relay.lan", "AAAA relay.lan"});
}

TEST_CASE("two results are the same place whatever their times say") {
  Script dns = forest();
  const FindRequest request = FindRequest::bucket("zone.example", Bucket(5));
  const Found before = found(dns.find(request));
  dns.stale[{"zone.example", DnsType::txt}] = seconds(500);
  CHECK(found(dns.find(request)).same_place(before));
  dns.srv({"b5.zone.example", "5.4-6.1-6.zone.example"}, {{0, 20, 7720, "l2.example"}});
  CHECK_FALSE(found(dns.find(request)).same_place(before));
}

TEST_CASE("dials go through all addresses of a server before the next, lower priority first") {
  Script dns = forest();
  dns.srv({"b5.zone.example"}, {{1, 0, 7720, "l1a.example"}, {0, 0, 7720, "l2.example"}});
  const Found result = found(dns.find(FindRequest::bucket("zone.example", Bucket(5))));
  std::vector<std::string> dials;
  for (const Found::Dial& dial : result.dials(system_random())) dials.push_back(dial.host + " " + dial.address.ip());
  CHECK(dials == std::vector<std::string>{"l2.example 8.8.4.4", "l2.example 2606:4700::1", "l1a.example 8.8.4.5"});
}

TEST_CASE("a step reads as one line, and cannot steer a terminal") {
  Script dns = forest();
  CHECK(dns.step({"b5.zone.example", DnsType::srv}).to_string() ==
        "SRV b5.zone.example -> CNAME 5.4-6.1-6.zone.example 0 10 7720 l2.example. (ttl 60)");
  CHECK(dns.step({"nobody.example", DnsType::a}).to_string() == "A nobody.example -> no such name (ttl 900)");
  dns.txt({"zone.example"}, "\x1b[2J evil");
  CHECK(dns.step({"zone.example", DnsType::txt}).to_string() == "TXT zone.example -> \"?[2J evil\" (ttl 3600)");
  dns.error("slow.example", DnsType::a);
  CHECK(dns.step({"slow.example", DnsType::a}).to_string() ==
        "A slow.example -> E_DNS 605: DNS gave no usable answer: slow.example timed out");
}
