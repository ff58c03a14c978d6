// SPDX-License-Identifier: GPL-2.0-only
//
// The judges convict the demo's protocol of each of its defects, in the scenario that is named
// after it: with that one defect two domains meet, and without it, or under scx_pair, they do not.
#include <gtest/gtest.h>

#include <string>

#include "demo_1_native.h"
#include "demo_2_native.h"
#include "demo_3_native.h"
#include "demo_5_native.h"
#include "demo_6_native.h"
#include "demo_8_native.h"
#include "demo_mended_native.h"
#include "scx_pair_native.h"
#include "sim/explore/search.h"
#include "sim/machine_test_support.h"
#include "sim/native_object_test_support.h"
#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

Scenario scenario_named(const std::string& name) {
  auto scenario = read_scenario(std::string(SCX_PAIR_SCENARIOS) + "/defects/" + name + ".json");
  check(scenario.has_value(), "the scenario can be read");
  return *scenario;
}

OverlapStats overlaps_under(const std::string& name, std::span<const std::byte> library) {
  NativeObject object = object_of(library);
  const JudgedRun run = run_of(scenario_named(name), object);
  EXPECT_EQ(run.outcome.failure, "") << name;
  EXPECT_GT(run.verdict.total.busy_ns, 100 * kMs) << name;
  return run.verdict.total.overlap;
}

void expect_convicted(const std::string& name, std::span<const std::byte> defect) {
  EXPECT_GT(overlaps_under(name, defect).violation.ns, 5 * kMs) << name;
  EXPECT_EQ(overlaps_under(name, demo_mended_native()).violation.ns, 0U) << name;
  EXPECT_EQ(overlaps_under(name, scx_pair_native()).violation.ns, 0U) << name;
}

u64 longest_ns(const EpisodeStats& stats) {
  return stats.longest ? stats.longest->length_ns : 0;
}

TEST(Demo, AWakerTakesTheIdleSiblingOfAStranger) {
  expect_convicted("waker-takes-idle-sibling", demo_1_native());
}

TEST(Demo, ACpuThatGetsNoWorkKeepsItsTaskAfterItsTurn) {
  expect_convicted("task-kept-after-its-turn", demo_2_native());
}

TEST(Demo, ACpuThatGetsNoWorkKeepsItsTaskBesideARealTimeOne) {
  const std::string name = "task-kept-beside-real-time";
  EXPECT_GT(longest_ns(overlaps_under(name, demo_3_native()).higher), 4 * kMs);
  EXPECT_LT(longest_ns(overlaps_under(name, demo_mended_native()).higher), 100 * kUs);
  EXPECT_LT(longest_ns(overlaps_under(name, scx_pair_native()).higher), 100 * kUs);
}

TEST(Demo, ATaskThatMayNotRunHereIsTakenByAnotherCoreInAStrangersTurn) {
  expect_convicted("task-that-may-not-run-here", demo_6_native());
}

TEST(Demo, ATaskThatWasMovedWhileItWaitedRunsInItsOldCgroupsTurn) {
  expect_convicted("moved-while-it-waits", demo_8_native());
}

// What is in the global queue is there for a moment only, so another core has to come in that
// moment.
TEST(Demo, ATaskThatOneCoreWasGivenIsTakenByAnother) {
  Model model;
  model.name = "task-taken-by-another-core";
  model.scenario = scenario_named(model.name);
  const Bound bound{1, 20'000};
  NativeObject defect = object_of(demo_5_native());
  const SearchReport convicted = search_all(model, defect, {.conserving = false}, bound);
  ASSERT_TRUE(convicted.violation);
  EXPECT_EQ(convicted.violation->oracle, Oracle::kIsolation) << convicted.violation->what;
  NativeObject mended = object_of(demo_mended_native());
  const SearchReport acquitted = search_all(model, mended, {.conserving = false}, {1, 500});
  EXPECT_FALSE(acquitted.violation) << acquitted.violation->what;
}

}  // namespace
}  // namespace scx_pair
