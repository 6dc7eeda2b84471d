// Which server is dialled next, and when.
#include "client/session/server_choice.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "client/session/random_values.h"

namespace xylem {
namespace {

constexpr MonoTime kNow{std::chrono::hours(1)};

FoundServer server(const std::string& host, std::uint16_t priority = 0, std::uint16_t weight = 1) {
  FoundServer out;
  out.host = host;
  out.port = 7720;
  out.priority = priority;
  out.weight = weight;
  out.addresses = {SocketAddress::v4({192, 0, 2, 1}, 7720)};
  return out;
}

HostPort name(const std::string& host) { return {host, 7720}; }

ServerChoice choice(std::vector<FoundServer> servers, std::uint64_t seed = 1) {
  ServerChoice out([engine = std::make_shared<std::mt19937_64>(seed)] { return (*engine)(); });
  out.set_servers(servers);
  return out;
}

TEST_CASE("no servers, no choice") {
  CHECK(!choice({}).next(kNow));
  FoundServer unresolved = server("a");
  unresolved.addresses.clear();
  CHECK(!choice({unresolved}).next(kNow));
}

TEST_CASE("the lowest priority comes first, and within it weights decide") {
  std::map<std::string, int> first;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    auto some = choice({server("backup", 10), server("light", 0, 1), server("heavy", 0, 9)}, seed);
    ++first[some.next(kNow)->server.host];
  }
  CHECK(first["backup"] == 0);
  CHECK(first["heavy"] > 1700);
  CHECK(first["light"] > 100);
}

TEST_CASE("the one that failed is not the next, though it alone has the best priority") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto some = choice({server("best", 0), server("other", 10)}, seed);
    some.failed(name("best"), FailureCause::closed, kNow);
    const auto next = some.next(kNow);
    // Its own wait may be as short as the wait of all, but never is it asked again before the other.
    REQUIRE(next->server.host == "other");
    REQUIRE(next->at >= kNow);
    REQUIRE(next->at <= kNow + 500ms);
  }
}

TEST_CASE("the only server is tried again, after a wait that grows up to a minute") {
  auto one = choice({server("only")});
  MonoTime now = kNow;
  std::chrono::milliseconds longest{};
  for (int i = 0; i < 50; ++i) {
    one.failed(name("only"), FailureCause::closed, now);
    const auto next = one.next(now);
    REQUIRE(next);
    if (i < 3) CHECK(next->at - now <= 500ms * (1 << i));
    CHECK(next->at - now <= 60s);
    longest = std::max(longest, next->at - now);
    now = next->at;
  }
  CHECK(longest > 30s);
}

TEST_CASE("waits have full jitter: they spread over their whole length") {
  std::set<std::int64_t> waits;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto one = choice({server("only")}, seed);
    one.failed(name("only"), FailureCause::closed, kNow);
    waits.insert((one.next(kNow)->at - kNow).count() / 100);
  }
  CHECK(waits.size() >= 5);
}

TEST_CASE("success forgets failures") {
  auto one = choice({server("only")});
  for (int i = 0; i < 20; ++i) one.failed(name("only"), FailureCause::closed, kNow);
  one.worked(name("only"));
  one.failed(name("only"), FailureCause::closed, kNow + 1h);
  CHECK(one.next(kNow + 1h)->at - (kNow + 1h) <= 500ms);
}

TEST_CASE("who lied waits a minute and more, longer each time, and success does not shorten it") {
  auto one = choice({server("liar")});
  MonoTime now = kNow;
  for (const auto& [shortest, longest] : {std::pair(30s, 60s), std::pair(60s, 120s), std::pair(120s, 240s)}) {
    one.failed(name("liar"), FailureCause::dishonest, now);
    const auto wait = one.next(now)->at - now;
    CHECK(wait >= shortest);
    CHECK(wait <= longest);
    one.worked(name("liar"));
    CHECK(one.next(now)->at - now >= shortest);
    now += 10min;
  }
}

TEST_CASE("a liar is left alone as long as anybody else is there") {
  auto some = choice({server("liar", 0), server("honest", 10)});
  some.failed(name("liar"), FailureCause::dishonest, kNow);
  for (int i = 0; i < 20; ++i) {
    some.failed(name("honest"), FailureCause::closed, kNow);
    CHECK(some.next(kNow)->server.host == "honest");
    some.worked(name("honest"));
  }
}

TEST_CASE("a server that was only asked beside the one in use delays nobody else") {
  auto some = choice({server("a"), server("b")});
  some.avoid(name("a"), FailureCause::timeout, kNow);
  const std::array except = {name("a")};
  CHECK(some.next(kNow, except)->at == kNow);
  const std::array both = {name("a"), name("b")};
  CHECK(!some.next(kNow, both));
}

TEST_CASE("what is known about a server outlives a new list") {
  auto some = choice({server("liar"), server("b")});
  some.failed(name("liar"), FailureCause::dishonest, kNow);
  some.set_servers(std::vector{server("liar")});
  CHECK(some.next(kNow)->at > kNow + 20s);
  CHECK(some.servers().size() == 1);
}

TEST_CASE("draws lie between their ends, and reach both") {
  std::mt19937_64 engine(3);
  std::set<std::int64_t> drawn;
  for (int i = 0; i < 200; ++i) drawn.insert(draw_between([&] { return engine(); }, 3ms, 5ms).count());
  CHECK(drawn == std::set<std::int64_t>{3, 4, 5});
  CHECK(draw_between([&] { return engine(); }, 3ms, 3ms) == 3ms);
  CHECK(draw_between([&] { return engine(); }, 3ms, 1ms) == 3ms);
  CHECK(draw_nonce([&] { return engine(); }) != draw_nonce([&] { return engine(); }));
}

}  // namespace
}  // namespace xylem
