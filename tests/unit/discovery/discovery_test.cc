#include "client/discovery/discovery.h"

#include <fstream>

#include "client/discovery/system_lookup.h"
#include "tests/unit/discovery/fake_dns.h"
#include "tests/unit/discovery/temporary_folder.h"

using namespace xylem;
using namespace std::chrono_literals;

namespace {

const std::string kZoneText = "v=xylem1 n=12 id=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const FindRequest kBucket5 = FindRequest::bucket("zone.example", Bucket(5));
const DnsQuestion kTxt{"zone.example", DnsType::txt};
const DnsQuestion kSrv{"b5.zone.example", DnsType::srv};

SocketAddress ip(const char* text) { return *SocketAddress::parse_ip(text, 0); }

// A one-tier zone with one server.
void publish(FakeDns& dns, std::uint32_t ttl, const char* address = "8.8.4.4", std::uint16_t port = 7720) {
  dns.say(kTxt, DnsWriter(kTxt).txt("zone.example", ttl, {kZoneText}));
  dns.srv(kSrv.name, ttl, {{0, 0, port, "relay.example"}});
  const DnsQuestion a{"relay.example", DnsType::a};
  dns.say(a, DnsWriter(a).address(a.name, ttl, ip(address)));
}

// What a watch or lookup told, in order.
struct Told {
  std::vector<Result<Found>> results;

  Discovery::OnFound recorder() {
    return [this](const Result<Found>& result) { results.push_back(result); };
  }
  const Found& found() const {
    if (!results.back()) FAIL(results.back().error().message());
    return *results.back();
  }
  std::uint16_t port() const { return found().servers.front().port; }
};

Result<Found> find(Loop& loop, Discovery& discovery, const FindRequest& request = kBucket5) {
  Told told;
  const Lookup lookup = discovery.find(request, told.recorder());
  CHECK(told.results.empty());  // never from inside find
  run_until(loop, [&] { return !told.results.empty(); });
  return told.results.front();
}

int total(const FakeDns& dns) {
  int sum = 0;
  for (const auto& [question, count] : dns.asked) sum += count;
  return sum;
}

}  // namespace

TEST_CASE("a bucket is found, and found again without asking while its TTL lasts") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 300);
  Discovery discovery(loop, {.dns = dns.address()});
  const Result<Found> first = find(loop, discovery);
  REQUIRE(first);
  CHECK(first->servers.front().addresses.front().to_string() == "8.8.4.4:7720");
  CHECK_FALSE(first->steps.front().from_cache);
  const int questions = total(dns);
  CHECK(questions == 4);  // TXT, SRV, A, AAAA
  const Result<Found> second = find(loop, discovery);
  REQUIRE(second);
  CHECK(total(dns) == questions);
  CHECK(second->same_place(*first));
  CHECK(second->steps.front().from_cache);
  CHECK(second->ttl > 0s);
}

TEST_CASE("searches at one time share their questions") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 0);
  Discovery discovery(loop, {.dns = dns.address()});
  std::vector<Lookup> lookups;
  Told told;
  for (int i = 0; i < 100; ++i) lookups.push_back(discovery.find(kBucket5, told.recorder()));
  run_until(loop, [&] { return told.results.size() == 100; });
  CHECK(total(dns) == 4);
  CHECK(told.found().servers.size() == 1);
}

TEST_CASE("private addresses are refused unless the program allows them") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 300, "10.0.0.1");
  Discovery strict(loop, {.dns = dns.address()});
  CHECK(find(loop, strict).error().code == ErrorCode::kPrivateAddress);
  CHECK(strict.last_steps().size() == 4);
  Discovery open(loop, {.dns = dns.address(), .allow_private = true});
  CHECK(find(loop, open));
}

TEST_CASE("a lookup that was dropped is never called, one may be dropped in its callback") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 300);
  Discovery discovery(loop, {.dns = dns.address()});
  Lookup dropped = discovery.find(kBucket5, [](const Result<Found>&) { FAIL("it was dropped"); });
  CHECK(dropped.active());
  loop.run_ready();  // its first question is on the way
  dropped.cancel();
  CHECK_FALSE(dropped.active());
  bool called = false;
  Lookup lookup;
  lookup = discovery.find(kBucket5, [&called, &lookup, kept = std::string(100, 'x')](const Result<Found>&) {
    lookup.cancel();
    called = kept.size() == 100;
  });
  run_until(loop, [&] { return called; });
}

TEST_CASE("the discovery may end while searches go on, or inside a callback") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 300);
  auto discovery = std::make_unique<Discovery>(loop, DiscoveryOptions{.dns = dns.address()});
  int called = 0;
  std::vector<Lookup> lookups;
  SECTION("while they go on") {
    lookups.push_back(discovery->find(kBucket5, [&](const Result<Found>&) { ++called; }));
    run_until(loop, [&] { return total(dns) > 0; });
    discovery.reset();
    for (int i = 0; i < 10; ++i) loop.run_ready();
    CHECK(called == 0);
  }
  SECTION("inside the callback of one of two") {
    for (int i = 0; i < 2; ++i) {
      lookups.push_back(discovery->find(kBucket5, [&](const Result<Found>&) {
        ++called;
        discovery.reset();
      }));
    }
    run_until(loop, [&] { return called > 0; });
    for (int i = 0; i < 10; ++i) loop.run_ready();
    CHECK(called == 1);
  }
}

TEST_CASE("a start while DNS is down works from the last known answers and says so") {
  Loop loop;
  const TemporaryFolder folder;
  const auto file = folder.path() / "dns";
  SocketAddress gone;
  {
    FakeDns dns(loop);
    gone = dns.address();
    publish(dns, 0);
    Discovery discovery(loop, {.dns = dns.address(), .cache_file = file});
    REQUIRE(find(loop, discovery));
  }
  Discovery discovery(loop, {.dns = gone, .cache_file = file});
  CHECK_FALSE(discovery.cache_problem());
  const Result<Found> found = find(loop, discovery);
  if (!found) FAIL(found.error().message());
  CHECK(found->stale_age.has_value());
  CHECK(found->servers.front().addresses.front().to_string() == "8.8.4.4:7720");
  CHECK(found->steps.front().from_cache);

  Discovery without(loop, {.dns = gone});
  CHECK(find(loop, without).error().code == ErrorCode::kDns);
}

TEST_CASE("a start while DNS is down works for a zone below service names, too") {
  Loop loop;
  const TemporaryFolder folder;
  DiscoveryOptions options{.cache_file = folder.path() / "dns"};
  {
    FakeDns dns(loop);
    options.dns = dns.address();
    publish(dns, 0);
    dns.forget(kSrv);
    dns.srv("_xylem._tcp.b5.zone.example", 0, {{0, 0, 7720, "relay.example"}});
    Discovery discovery(loop, options);
    REQUIRE(find(loop, discovery));
  }
  Discovery discovery(loop, options);
  const Result<Found> found = find(loop, discovery);
  if (!found) FAIL(found.error().message());
  CHECK(found->stale_age.has_value());
}

TEST_CASE("a resolver that fails or lies is as good as none: the last known answer stands") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 0);
  Discovery discovery(loop, {.dns = dns.address()});
  REQUIRE(find(loop, discovery));
  SECTION("SERVFAIL") { dns.say(kSrv, DnsWriter(kSrv, DnsWriter::kAnswer | 2)); }
  SECTION("REFUSED") { dns.say(kSrv, DnsWriter(kSrv, DnsWriter::kAnswer | 5)); }
  SECTION("a CNAME loop") { dns.say(kSrv, DnsWriter(kSrv).cname(kSrv.name, 9, kSrv.name)); }
  const Result<Found> found = find(loop, discovery);
  if (!found) FAIL(found.error().message());
  CHECK(found->stale_age.has_value());
}

TEST_CASE("a damaged cache file is named, and no hindrance") {
  Loop loop;
  const TemporaryFolder folder;
  const auto file = folder.path() / "dns";
  std::ofstream(file) << "not a cache";
  FakeDns dns(loop);
  publish(dns, 300);
  {
    Discovery discovery(loop, {.dns = dns.address(), .cache_file = file});
    REQUIRE(discovery.cache_problem());
    CHECK(discovery.cache_problem()->code == ErrorCode::kCorrupt);
    CHECK(find(loop, discovery));
  }
  dns.silent = true;
  Discovery healed(loop, {.dns = dns.address(), .cache_file = file});
  CHECK_FALSE(healed.cache_problem());
  CHECK(find(loop, healed));
}

TEST_CASE("the cache file is written while the program runs, not only at its end") {
  Loop loop;
  const TemporaryFolder folder;
  const auto file = folder.path() / "dns";
  FakeDns dns(loop);
  publish(dns, 300);
  Discovery discovery(loop, {.dns = dns.address(), .cache_file = file});
  REQUIRE(find(loop, discovery));
  run_until(loop, [&] { return std::filesystem::exists(file); });
}

TEST_CASE("a cache file that cannot be written is named, and no hindrance") {
  Loop loop;
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  FakeDns dns(loop);
  publish(dns, 300);
  Discovery discovery(loop, {.dns = dns.address(), .cache_file = folder.path() / "file" / "dns"});
  REQUIRE(find(loop, discovery));
  run_until(loop, [&] { return discovery.cache_problem().has_value(); });
}

TEST_CASE("a watch tells the first result, then each change, and nothing in between") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 0);  // asked again after the shortest time there is
  Discovery discovery(loop, {.dns = dns.address()});
  Told told;
  const Watch watch = discovery.watch(kBucket5, told.recorder());
  run_until(loop, [&] { return dns.asked[kSrv] >= 2; });
  CHECK(told.results.size() == 1);
  CHECK(told.port() == 7720);
  publish(dns, 0, "8.8.4.4", 7999);
  run_until(loop, [&] { return told.results.size() == 2; });
  CHECK(told.port() == 7999);

  dns.say(kSrv, DnsWriter(kSrv, DnsWriter::kAnswer | 2));  // SERVFAIL: the servers are still where they were
  const int before = dns.asked[kSrv];
  run_until(loop, [&] { return dns.asked[kSrv] > before + 1; });
  CHECK(told.results.size() == 2);
}

TEST_CASE("a watch that finds nothing says so once, and finds the zone when it appears") {
  Loop loop;
  FakeDns dns(loop);
  Discovery discovery(loop, {.dns = dns.address()});
  dns.say(kTxt, DnsWriter(kTxt, DnsWriter::kAnswer | 3));  // NXDOMAIN without SOA: not kept
  Told told;
  const Watch watch = discovery.watch(kBucket5, told.recorder());
  run_until(loop, [&] { return dns.asked[kTxt] >= 2; });
  REQUIRE(told.results.size() == 1);
  CHECK(told.results.front().error().detail == "TXT zone.example: does not exist");
  publish(dns, 60);
  run_until(loop, [&] { return told.results.size() == 2; });
  CHECK(told.port() == 7720);
}

TEST_CASE("a watch may be dropped in its callback, and is not called again") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 0);
  Discovery discovery(loop, {.dns = dns.address()});
  int called = 0;
  Watch watch;
  watch = discovery.watch(kBucket5, [&](const Result<Found>&) {
    ++called;
    watch.cancel();
  });
  run_until(loop, [&] { return called == 1; });
  publish(dns, 0, "8.8.8.8");
  Told other;  // another watch proves that time goes on
  const Watch going = discovery.watch(kBucket5, other.recorder());
  run_until(loop, [&] { return dns.asked[kSrv] >= 3; });
  CHECK(called == 1);
}

TEST_CASE("too many searches at one time are refused") {
  Loop loop;
  FakeDns dns(loop);
  publish(dns, 300);
  Discovery discovery(loop, {.dns = dns.address(), .searches_max = 2});
  Told told;
  std::vector<Lookup> lookups;
  for (int i = 0; i < 3; ++i) lookups.push_back(discovery.find(kBucket5, told.recorder()));
  run_until(loop, [&] { return told.results.size() == 3; });
  CHECK(told.results[0].error().code == ErrorCode::kOverloaded);  // the refusal waits for nothing
  CHECK(told.results[1]);
  CHECK(told.results[2]);
  lookups.clear();
  CHECK(find(loop, discovery));
}

TEST_CASE("a server that the user names needs no zone, and may be private") {
  Loop loop;
  FakeDns dns(loop);
  const DnsQuestion a{"relay.lan", DnsType::a};
  dns.say(a, DnsWriter(a).address(a.name, 300, ip("192.168.1.5")));
  Discovery discovery(loop, {.dns = dns.address()});
  const auto addresses = [&](Discovery& by, const HostPort& server) {
    Told told;
    const Lookup lookup = by.find_server(server, told.recorder());
    CHECK(told.results.empty());
    run_until(loop, [&] { return !told.results.empty(); });
    std::vector<std::string> out;
    if (!told.results.front()) return std::vector{told.results.front().error().message()};
    for (const SocketAddress& address : told.found().servers.front().addresses) out.push_back(address.to_string());
    return out;
  };
  CHECK(addresses(discovery, {"127.0.0.1", 7720}) == std::vector<std::string>{"127.0.0.1:7720"});
  CHECK(addresses(discovery, {"::1", 7720}) == std::vector<std::string>{"[::1]:7720"});
  CHECK(addresses(discovery, {"localhost", 7720}) == std::vector<std::string>{"127.0.0.1:7720", "[::1]:7720"});
  CHECK(total(dns) == 0);
  CHECK(addresses(discovery, {"relay.lan", 7720}) == std::vector<std::string>{"192.168.1.5:7720"});
  CHECK(addresses(discovery, {"nobody.lan", 7720}) ==
        std::vector<std::string>{"E_NO_SERVERS 606: no server of the bucket could be reached: no server of nobody.lan "
                                 "has a usable address: nobody.lan has no address"});
}

TEST_CASE("the machine's own way to look up a host") {
  Loop loop;
  std::optional<Result<std::vector<SocketAddress>>> result;
  const auto take = [&](Result<std::vector<SocketAddress>> addresses) { result = std::move(addresses); };
  SECTION("an address") {
    const SystemLookup lookup(loop, "127.0.0.1", take);
    run_until(loop, [&] { return result.has_value(); });
    REQUIRE(*result);
    CHECK(**result == std::vector{ip("127.0.0.1")});
  }
  SECTION("a name that cannot be one") {
    const SystemLookup lookup(loop, std::string(64, 'x'), take);
    run_until(loop, [&] { return result.has_value(); });
    REQUIRE_FALSE(*result);
    CHECK(result->error().code == ErrorCode::kDns);
  }
  SECTION("nobody waits any more") {
    {
      const SystemLookup lookup(loop, "127.0.0.1", take);
    }
    loop.run();
    CHECK_FALSE(result);
  }
}

TEST_CASE("the DNS option takes an address, and port 53 when none is named") {
  CHECK(parse_dns_option("127.0.0.1:5353")->to_string() == "127.0.0.1:5353");
  CHECK(parse_dns_option("9.9.9.9")->to_string() == "9.9.9.9:53");
  CHECK(parse_dns_option("[2620:fe::fe]")->to_string() == "[2620:fe::fe]:53");
  CHECK(parse_dns_option("localhost:5353")->to_string() == "127.0.0.1:5353");
  for (const char* text : {"", "dns.example", "dns.example:53", "127.0.0.1:0", "127.0.0.1:x", "::1"}) {
    INFO(text);
    CHECK(parse_dns_option(text).error().code == ErrorCode::kUsage);
  }
}
