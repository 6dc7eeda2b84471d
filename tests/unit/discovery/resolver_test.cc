#include "client/discovery/resolver.h"

#include "proto/limits.h"
#include "tests/unit/discovery/fake_dns.h"

using namespace xylem;
using namespace std::chrono_literals;

namespace {

const DnsQuestion kSrv{"b5.zone.example", DnsType::srv};
const SrvRecord kServer{0, 10, 7720, "relay.example"};

ResolverOptions at(const FakeDns& dns) { return {.server = dns.address()}; }

Result<DnsAnswer> ask(Loop& loop, Resolver& resolver, const DnsQuestion& question) {
  std::optional<Result<Bytes>> message;
  resolver.ask(question, [&](Result<Bytes> bytes) { message = std::move(bytes); });
  CHECK_FALSE(message);  // never from inside ask
  run_until(loop, [&] { return message.has_value(); });
  if (!*message) return fail(message->error());
  return parse_dns_answer(**message, question);
}

}  // namespace

TEST_CASE("an answer comes as its bytes, NXDOMAIN too, and the question offers 1232 bytes") {
  Loop loop;
  FakeDns dns(loop);
  Resolver resolver(loop, at(dns));
  dns.srv(kSrv.name, 60, {kServer});
  const Result<DnsAnswer> answer = ask(loop, resolver, kSrv);
  REQUIRE(answer);
  CHECK(answer->servers == std::vector{kServer});
  CHECK(dns.edns_bytes == 1232);
  const Result<DnsAnswer> none = ask(loop, resolver, {"nobody.example", DnsType::a});
  REQUIRE(none);
  CHECK(none->outcome == DnsOutcome::no_such_name);
  CHECK(none->ttl == 30s);
  dns.say({"empty.example", DnsType::a}, DnsWriter({"empty.example", DnsType::a}).soa("example", 9, 9));
  CHECK(ask(loop, resolver, {"empty.example", DnsType::a})->outcome == DnsOutcome::no_data);
  CHECK(resolver.questions_under_way() == 0);
}

TEST_CASE("a truncated answer is asked for again by TCP") {
  Loop loop;
  FakeDns dns(loop);
  dns.truncates_datagrams = true;
  std::vector<SrvRecord> servers;
  for (std::uint16_t i = 0; i < kSrvPerNameMax; ++i) {
    servers.push_back({i, 0, 7720, "a-rather-long-name-of-relay-" + std::to_string(i) + ".some.hoster.example"});
  }
  dns.srv(kSrv.name, 60, servers);
  Resolver resolver(loop, at(dns));
  const Result<DnsAnswer> answer = ask(loop, resolver, kSrv);
  REQUIRE(answer);
  CHECK(answer->servers.size() == kSrvPerNameMax);
  CHECK(dns.by_tcp == 1);
}

TEST_CASE("a server that says nothing is asked again, then it is an error") {
  Loop loop;
  FakeDns dns(loop);
  dns.silent = true;
  Resolver resolver(loop, {.server = dns.address(), .attempt_timeout = 10ms, .attempts = 3});
  const Result<DnsAnswer> answer = ask(loop, resolver, kSrv);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::kDns);
  CHECK(answer.error().detail == "SRV b5.zone.example: Timeout while contacting DNS servers");
  CHECK(dns.asked[kSrv] == 3);
}

TEST_CASE("no server at the address is an error at once") {
  Loop loop;
  ResolverOptions options;
  {
    const FakeDns dns(loop);
    options = at(dns);
  }
  loop.run();
  Resolver resolver(loop, options);
  const Result<DnsAnswer> answer = ask(loop, resolver, kSrv);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().detail.starts_with("SRV b5.zone.example: "));
}

TEST_CASE("a server that fails is an error") {
  Loop loop;
  FakeDns dns(loop);
  dns.say(kSrv, DnsWriter(kSrv, DnsWriter::kAnswer | 2));
  Resolver resolver(loop, {.server = dns.address(), .attempt_timeout = 10ms, .attempts = 2});
  CHECK(ask(loop, resolver, kSrv).error().code == ErrorCode::kDns);
}

TEST_CASE("answers that are no DNS do no harm") {
  Loop loop;
  FakeDns dns(loop);
  Resolver resolver(loop, {.server = dns.address(), .attempt_timeout = 10ms, .attempts = 1});
  for (const std::size_t size : {1U, 2U, 11U, 12U, 40U}) {
    dns.say(kSrv, Bytes(size, 0x80));
    CHECK_FALSE(ask(loop, resolver, kSrv));
  }
  dns.say(kSrv, DnsWriter({"other.example", DnsType::srv}).srv("other.example", 9, kServer));
  CHECK_FALSE(ask(loop, resolver, kSrv));
}

TEST_CASE("many questions are asked a few at a time, and too many refused") {
  Loop loop;
  FakeDns dns(loop);
  Resolver resolver(loop, {.server = dns.address(), .questions_in_flight_max = 4, .questions_max = 100});
  int answered = 0;
  int refused = 0;
  for (int i = 0; i < 150; ++i) {
    resolver.ask({"b" + std::to_string(i) + ".example", DnsType::a}, [&](const Result<Bytes>& message) {
      ++(message ? answered : refused);
      if (!message) CHECK(message.error().code == ErrorCode::kOverloaded);
    });
  }
  CHECK(resolver.questions_under_way() == 100);
  run_until(loop, [&] { return answered + refused == 150; });
  CHECK(answered == 100);
  CHECK(refused == 50);
}

TEST_CASE("an answer may ask again") {
  Loop loop;
  FakeDns dns(loop);
  dns.srv(kSrv.name, 60, {kServer});
  Resolver resolver(loop, at(dns));
  int answers = 0;
  std::function<void(Result<Bytes>)> again = [&](const Result<Bytes>& message) {
    CHECK(message);
    if (++answers < 5) resolver.ask(kSrv, again);
  };
  resolver.ask(kSrv, again);
  run_until(loop, [&] { return answers == 5; });
}

TEST_CASE("a resolver may be destroyed with questions under way, or inside an answer") {
  Loop loop;
  FakeDns dns(loop);
  dns.srv(kSrv.name, 60, {kServer});
  auto resolver = std::make_unique<Resolver>(loop, at(dns));
  SECTION("before anything was sent or heard") {
    resolver->ask(kSrv, [](const Result<Bytes>&) { FAIL("nobody waits any more"); });
    resolver.reset();
  }
  SECTION("while waiting for a silent server") {
    dns.silent = true;
    resolver->ask(kSrv, [](const Result<Bytes>&) { FAIL("nobody waits any more"); });
    run_until(loop, [&] { return dns.asked[kSrv] == 1; });
    resolver.reset();
  }
  SECTION("inside an answer, with others ready and waiting") {
    int answers = 0;
    for (int i = 0; i < 200; ++i) {
      resolver->ask(kSrv, [&](const Result<Bytes>&) {
        ++answers;
        resolver.reset();
      });
    }
    run_until(loop, [&] { return answers > 0; });
    CHECK(answers == 1);
  }
  CHECK(resolver == nullptr);
}

TEST_CASE("an idle resolver does not keep the loop alive") {
  Loop loop;
  const Resolver resolver(loop, {});
  loop.run();
}
