#include "origin/drill/name_service.h"

#include <catch2/catch.hpp>

#include "origin/drill/forest_plan.h"

namespace xylem {
namespace {

Result<Found> find(const ForestPlan& plan, const FindRequest& request) {
  EventQueue queue;
  RandomStream random(1, "test");
  std::optional<Result<Found>> found;
  const NameLookup lookup(queue, plan.names, random, request, [&](const Result<Found>& result) { found = result; });
  while (queue.step(queue.now() + std::chrono::minutes(1))) {
  }
  REQUIRE(found.has_value());
  return *found;
}

TEST_CASE("the founding forest is found in DNS as the protocol says") {
  const ForestPlan plan = founding_forest(1);
  CHECK(plan.nodes.size() + plan.readers.size() == 50);
  const auto leaf = find(plan, FindRequest::feed(plan.zone, FeedId(31337)));
  REQUIRE(leaf.has_value());
  CHECK(leaf->node->to_string() == "5.4-6.1-6.distributed.example");
  CHECK(leaf->record->id == plan.zone_id());
  CHECK(leaf->servers.size() == 1);
  const auto above = find(plan, FindRequest::upstream_of_node(plan.zone, "5.4-6.1-6"));
  REQUIRE(above.has_value());
  CHECK(above->upstream_node->to_string() == "4-6.1-6.distributed.example");
  CHECK(find(plan, FindRequest::upstream_of_node(plan.zone, "1-6"))->upstream == Upstream::is_origin);
}

TEST_CASE("what is not there is told apart from what has no such records") {
  const ForestPlan plan = founding_forest(1);
  CHECK(plan.names.answer({"nowhere.distributed.example", DnsType::srv}).outcome == DnsOutcome::no_such_name);
  CHECK(plan.names.answer({"distributed.example", DnsType::srv}).outcome == DnsOutcome::no_data);
  const DnsAnswer alias = plan.names.answer({"b5.distributed.example", DnsType::srv});
  CHECK(alias.outcome == DnsOutcome::data);
  CHECK(alias.owner() == "5.4-6.1-6.distributed.example");
}

TEST_CASE("a search that is dropped says nothing") {
  const ForestPlan plan = founding_forest(1);
  EventQueue queue;
  RandomStream random(1, "test");
  bool told = false;
  {
    const NameLookup lookup(queue, plan.names, random, FindRequest::bucket(plan.zone, Bucket(5)),
                            [&](const Result<Found>&) { told = true; });
  }
  while (queue.step(queue.now() + std::chrono::minutes(1))) {
  }
  CHECK_FALSE(told);
}

}  // namespace
}  // namespace xylem
