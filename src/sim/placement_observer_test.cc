// SPDX-License-Identifier: GPL-2.0-only
// Tiny scenarios whose placement is known, under the scheduler and under one that does it wrong.
#include "sim/placement_observer.h"

#include <gtest/gtest.h>

#include "planted_sibling_left_native.h"
#include "planted_waiter_forgotten_native.h"
#include "sim/scenario_file.h"
#include "sim/simulate.h"

namespace scx_pair {
namespace {

PlacementSummary placement_of(const std::string& text, Result<NativeObject> object) {
  Result<Scenario> scenario = parse_scenario(text, "s.json");
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().what);
  if (!scenario || !object) return {};
  Result<RunOutcome> outcome = simulate(*scenario, *object);
  EXPECT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->failure, "");
  return outcome->placement;
}

PlacementSummary placement_of(const std::string& text, Contender contender) {
  return placement_of(text, load_contender(contender));
}

double share(u64 part, u64 whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

TEST(PlacementObserver, WhoeverIsPinnedToOneCoreIsForcedToIdleThereAndNowhereElse) {
  const PlacementSummary placement = placement_of(
      R"({"global": {"duration": 1, "warmup": 0.1},
          "topology": {"cores": 2, "numbering": "adjacent"}, "cgroups": {"/a": {}, "/b": {}},
          "tasks": {"x": {"instance": 2, "cgroup": ["/a", "/b"], "cpus": [0, 1], "run": "1ms"}}})",
      Contender::kScxPair);
  EXPECT_EQ(placement.seat_ns, 4U * 900'000'000);
  EXPECT_NEAR(share(placement.forced_idle_ns, placement.seat_ns), 0.25, 0.01);
  EXPECT_EQ(placement.late_ns, 0U);
  EXPECT_EQ(placement.crowded_ns, 0U);
}

TEST(PlacementObserver, WhoMayUseOneCpuOnlyWaitsForNoOther) {
  const PlacementSummary placement = placement_of(
      R"({"global": {"duration": 1, "warmup": 0.1},
          "topology": {"cores": 2, "numbering": "adjacent"}, "cgroups": {"/a": {}},
          "tasks": {"x": {"instance": 4, "cgroup": "/a", "cpus": [0], "run": "1ms"}}})",
      Contender::kScxPair);
  EXPECT_EQ(placement.forced_idle_ns, 0U);
  EXPECT_EQ(placement.neglected_ns, 0U);
  // A slice of 5 ms ends at a tick, 8 ms after it began: 112 in 0.9 s, less where one goes on.
  EXPECT_GT(placement.starts, 80U);
  EXPECT_EQ(placement.other_core, 0U);
}

// As long as both are bound to cpu 0, nobody waits for cpu 1. When one has been bound to that, each
// waits beside the other.
TEST(PlacementObserver, AnAffinityThatChangesIsNoticed) {
  const PlacementSummary placement = placement_of(
      R"({"global": {"duration": 1}, "topology": {"cores": 1, "numbering": "adjacent"},
          "cgroups": {"/a": {}, "/b": {}},
          "tasks": {"x": {"cgroup": "/a", "cpus": [0], "run": "1ms"},
                    "y": {"cgroup": "/b", "cpus": [0], "run": "1ms"}},
          "faults": [{"affinity": "x", "cpus": [1], "at": "500ms"}]})",
      Contender::kScxPair);
  EXPECT_NEAR(share(placement.forced_idle_ns, placement.seat_ns), 0.25, 0.01);
  EXPECT_LT(share(placement.late_ns, placement.seat_ns), 0.01);
}

TEST(PlacementObserver, CpusThatAreOfflineAreNoSeats) {
  const PlacementSummary placement = placement_of(
      R"({"global": {"duration": 1}, "topology": {"cores": 2, "numbering": "adjacent",
          "offline": [3]}, "cgroups": {"/a": {}},
          "tasks": {"x": {"cgroup": "/a", "run": "1ms"}},
          "faults": [{"offline": [2], "at": "400ms", "for": "100ms"}]})",
      Contender::kScxPair);
  EXPECT_EQ(placement.seat_ns, 2'900'000'000U);
}

// One domain, so that no turn has to end before a task can start.
TEST(PlacementObserver, SchedulersThatForgetToLookAreConvictedOfIdlingBesideWork) {
  const char* const text =
      R"({"global": {"duration": 1}, "topology": {"cores": 1, "smt": 4}, "cgroups": {"/a": {}},
          "tasks": {"x": {"instance": 8, "cgroup": "/a", "run": {"exponential": "2ms"},
                          "sleep": {"exponential": "4ms"}}}})";
  const auto late = [&](Result<NativeObject> object) {
    const PlacementSummary placement = placement_of(text, std::move(object));
    return share(placement.late_ns, placement.seat_ns);
  };
  EXPECT_LT(late(load_contender(Contender::kScxPair)), 0.001);
  EXPECT_GT(late(NativeObject::from_bytes(planted_sibling_left_native())), 0.02);
  EXPECT_GT(late(NativeObject::from_bytes(planted_waiter_forgotten_native())), 0.02);
}

// Two start while the other core is full, and share what is left; then the other core is idle for
// four fifths of the time. The reference does not move who runs.
TEST(PlacementObserver, TheReferenceIsConvictedOfLeavingACrowdWhereItIs) {
  const PlacementSummary placement = placement_of(
      R"({"global": {"duration": 1}, "topology": {"cores": 2, "numbering": "adjacent"},
          "cgroups": {"/a": {}},
          "tasks": {"first": {"instance": 2, "cgroup": "/a", "cpus": [2, 3], "loop": 1,
                              "run": "200ms", "sleep": "1s"},
                    "second": {"instance": 2, "cgroup": "/a", "delay": "10ms", "run": "1s"}}})",
      Contender::kReference);
  EXPECT_NEAR(share(placement.crowded_ns, 800'000'000), 1, 0.01);
  EXPECT_NEAR(share(placement.crowded_ns, placement.spacious_ns), 1, 0.02);
}

// All tasks wait in one queue, of which every cpu takes the first.
TEST(PlacementObserver, TheReferenceIsConvictedOfCrossingSockets) {
  const PlacementSummary placement = placement_of(
      R"({"global": {"duration": 1}, "topology": {"sockets": 2, "llcs": 2, "cores": 2},
          "cgroups": {"/a#": {"instances": 8}},
          "tasks": {"x": {"instance": 64, "cgroup": "/a#", "run": {"exponential": "1ms"},
                          "sleep": {"exponential": "1ms"}}}})",
      Contender::kReference);
  EXPECT_GT(placement.starts, 1'000U);
  EXPECT_NEAR(share(placement.other_core, placement.starts), 7.0 / 8, 0.1);
  EXPECT_NEAR(share(placement.other_llc, placement.starts), 3.0 / 4, 0.1);
  EXPECT_NEAR(share(placement.other_socket, placement.starts), 1.0 / 2, 0.1);
}

}  // namespace
}  // namespace scx_pair
