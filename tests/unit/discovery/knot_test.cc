// Discovery against a real DNS server. Skipped, and says so, where none is installed.
#include "tests/unit/discovery/knot.h"

#include "client/discovery/discovery.h"
#include "proto/limits.h"
#include "tests/unit/uv/run_until.h"

using namespace xylem;
using namespace std::chrono_literals;

namespace {

constexpr const char* kZone = "distributed.example";
const std::string kTxt = "@ TXT \"v=xylem1 n=12 \" \"id=" + std::string(64, 'a') + "\"\n";
const std::string kForest = kTxt +
                            "b5 CNAME 5.4-6.1-6\n"
                            "5.4-6.1-6 SRV 0 10 7720 k7.node\n"
                            "4-6.1-6 SRV 0 10 7721 l1\n"
                            "1-6 SRV 0 0 7722 feed-a\n"
                            "k7.node A 127.0.0.1\nl1 A 127.0.0.1\nl1 AAAA ::1\nfeed-a A 127.0.0.1\n";

#define NEEDS_KNOT()                                        \
  if (!Knot::installed()) {                                 \
    WARN("skipped: " << Knot::kProgram << " is not there"); \
    return;                                                 \
  }

// Asks until the server is up and `wanted` holds.
Found find(
    Loop& loop, Discovery& discovery, const FindRequest& request,
    const std::function<bool(const Found&)>& wanted = [](const Found&) { return true; }) {
  std::optional<Found> found;
  std::string last_error;
  Lookup lookup;
  std::function<void(const Result<Found>&)> again = [&](const Result<Found>& result) {
    if (result && wanted(*result)) {
      found = *result;
    } else {
      last_error = result ? "not as wanted" : result.error().message();
      lookup = discovery.find(request, again);
    }
  };
  lookup = discovery.find(request, again);
  run_until(loop, [&] { return found.has_value(); });
  INFO(last_error);
  return *found;
}

DiscoveryOptions at(const Knot& knot) { return {.dns = knot.address(), .allow_private = true}; }

}  // namespace

TEST_CASE("knot: a CNAME leads from the bucket to its node, and up the forest") {
  NEEDS_KNOT();
  Loop loop;
  const Knot knot(kZone, kForest);
  Discovery discovery(loop, at(knot));
  const Found found = find(loop, discovery, FindRequest::feed("Distributed.Example", FeedId(31'337)));
  CHECK(found.record->bucket_count == 12);
  CHECK(found.bucket == Bucket(5));
  CHECK(found.node->to_string() == "5.4-6.1-6.distributed.example");
  CHECK(found.servers.front().host == "k7.node.distributed.example");
  CHECK(found.servers.front().addresses.front().to_string() == "127.0.0.1:7720");

  const Found up = find(loop, discovery, FindRequest::upstream_of_bucket(kZone, Bucket(5)));
  CHECK(up.upstream_node->to_string() == "4-6.1-6.distributed.example");
  CHECK(up.servers.front().addresses.size() == 2);
  const Found origin = find(loop, discovery, FindRequest::upstream_of_node(kZone, "4-6.1-6"));
  CHECK(origin.servers.front().addresses.front().to_string() == "127.0.0.1:7722");
  CHECK(find(loop, discovery, FindRequest::upstream_of_node(kZone, "1-6")).upstream == Upstream::is_origin);
  CHECK(find(loop, discovery, FindRequest::node(kZone, "5.4-6.1-6")).servers == found.servers);
}

TEST_CASE("knot: SRV records below service names are found") {
  NEEDS_KNOT();
  Loop loop;
  const Knot knot(kZone, kTxt +
                             "b5 CNAME 5.4-6\n5.4-6 TXT \"a name without SRV\"\n_xylem._tcp.5.4-6 SRV 0 0 7720 relay\n"
                             "_xylem._tcp.b6 SRV 0 0 7720 relay\nrelay A 127.0.0.1\n");
  Discovery discovery(loop, at(knot));
  CHECK(find(loop, discovery, FindRequest::bucket(kZone, Bucket(5))).node->to_string() == "5.4-6.distributed.example");
  CHECK_FALSE(find(loop, discovery, FindRequest::bucket(kZone, Bucket(6))).node);
}

TEST_CASE("knot: a wildcard is a complete one-tier zone") {
  NEEDS_KNOT();
  Loop loop;
  const Knot knot(kZone, kTxt + "* SRV 0 0 7720 relay\nrelay A 127.0.0.1\n");
  Discovery discovery(loop, at(knot));
  const Found found = find(loop, discovery, FindRequest::bucket(kZone, Bucket(9)));
  CHECK_FALSE(found.node);
  CHECK(found.servers.size() == 1);
  CHECK(find(loop, discovery, FindRequest::upstream_of_bucket(kZone, Bucket(9))).upstream == Upstream::by_manifest);
}

TEST_CASE("knot: a zone may be a CNAME") {
  NEEDS_KNOT();
  Loop loop;
  const Knot knot("example", "feeds CNAME zone.hoster\nzone.hoster TXT \"v=xylem1 n=1 id=" + std::string(64, 'b') +
                                 "\"\nb1.zone.hoster CNAME 1.zone.hoster\n1.zone.hoster SRV 0 0 7720 r.hoster\n"
                                 "r.hoster A 127.0.0.1\n");
  Discovery discovery(loop, at(knot));
  const Found found = find(loop, discovery, FindRequest::feed("feeds.example", FeedId(7)));
  CHECK(found.base == "zone.hoster.example");
  CHECK(found.node->to_string() == "1.zone.hoster.example");
}

TEST_CASE("knot: 20 servers do not fit a datagram, and come by TCP") {
  NEEDS_KNOT();
  Loop loop;
  std::string records = kTxt;
  for (std::size_t i = 0; i < kSrvPerNameMax; ++i) {
    const std::string host = "a-server-with-a-name-so-long-that-twenty-do-not-fit-" + std::to_string(i) + ".node";
    records += "b5 SRV " + std::to_string(i) + " 0 7720 " + host + "\n" + host + " A 127.0.0.1\n";
  }
  const Knot knot(kZone, records);
  Discovery discovery(loop, at(knot));
  CHECK(find(loop, discovery, FindRequest::bucket(kZone, Bucket(5))).servers.size() == kSrvPerNameMax);
}

TEST_CASE("knot: a changed SRV is followed after its TTL without a restart") {
  NEEDS_KNOT();
  Loop loop;
  Knot knot(kZone, kForest);
  Discovery discovery(loop, at(knot));
  std::vector<Found> told;
  const Watch watch =
      discovery.watch(FindRequest::upstream_of_bucket(kZone, Bucket(5)), [&](const Result<Found>& found) {
        if (found) told.push_back(*found);
      });
  run_until(loop, [&] { return told.size() == 1; });
  CHECK(told[0].servers.front().port == 7721);

  std::string changed = kForest;
  changed.replace(changed.find("7721"), 4, "9999");
  knot.change(changed);
  run_until(loop, [&] { return told.size() == 2; });
  CHECK(told[1].servers.front().port == 9999);

  // A reflector goes in above the bucket: the node's name changes, and with it the upstream.
  changed.replace(changed.find("CNAME 5.4-6.1-6"), 15, "CNAME 5.5.4-6.1-6");
  knot.change(changed + "5.5.4-6.1-6 SRV 0 0 7723 l1\n");
  run_until(loop, [&] { return told.size() == 3; });
  CHECK(told[2].upstream_node->to_string() == "5.4-6.1-6.distributed.example");
}

TEST_CASE("knot: a start while DNS is down uses the last known answers and says how old they are") {
  NEEDS_KNOT();
  Loop loop;
  const TemporaryFolder folder;
  Knot knot(kZone, kForest);
  DiscoveryOptions options = at(knot);
  options.cache_file = folder.path() / "dns";
  const FindRequest request = FindRequest::bucket(kZone, Bucket(5));
  {
    Discovery discovery(loop, options);
    find(loop, discovery, request);
  }
  knot.stop();
  Discovery discovery(loop, options);
  const Found found = find(loop, discovery, request, [](const Found& it) { return it.stale_age.has_value(); });
  CHECK(found.stale_age >= 1s);  // the zone's TTL
  CHECK(found.node->to_string() == "5.4-6.1-6.distributed.example");
  CHECK(found.servers.front().addresses.front().to_string() == "127.0.0.1:7720");
}
