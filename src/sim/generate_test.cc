// SPDX-License-Identifier: GPL-2.0-only
#include "sim/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

constexpr u64 kSeeds = 2'000;

TEST(Generate, OneSeedTwiceGivesOneScenario) {
  for (u64 seed = 0; seed < 20; seed++) {
    EXPECT_EQ(generate_scenario(seed), generate_scenario(seed));
  }
  EXPECT_NE(scenario_json(generate_scenario(1)), scenario_json(generate_scenario(2)));
}

// Reading checks everything, so what comes back is valid as well as the same.
TEST(Generate, EveryScenarioIsValidAndSurvivesItsFile) {
  for (u64 seed = 0; seed < kSeeds; seed++) {
    const Scenario scenario = generate_scenario(seed);
    const std::string text = scenario_json(scenario);
    Result<Scenario> read = parse_scenario(text, "generated.json");
    ASSERT_TRUE(read.has_value()) << seed << ": " << read.error().what << "\n" << text;
    ASSERT_EQ(scenario_json(*read), text) << seed;
    ASSERT_EQ(*read, scenario) << seed << "\n" << text;
  }
}

TEST(Generate, LimitsAreKept) {
  for (u64 seed = 0; seed < kSeeds; seed++) {
    const Scenario scenario = generate_scenario(seed, {.cpus = 4,
                                                       .tasks = 5,
                                                       .faults = false,
                                                       .higher = false,
                                                       .kthreads = false,
                                                       .version_least = 701});
    EXPECT_LE(cpu_count(scenario.shape), 4U);
    EXPECT_GE(scenario.kernel.version, 701U);
    EXPECT_TRUE(scenario.faults.empty());
    u32 instances = 0;
    for (const TaskSpec& task : scenario.tasks) {
      instances += task.instances;
      EXPECT_FALSE(task.kthread);
      EXPECT_LE(task.policy, TaskPolicy::kSchedIdle);
    }
    EXPECT_LE(instances, 6U);
  }
}

// A generator that never makes a kind of something tests nothing of it.
TEST(Generate, EveryKindOfTaskStepAndFaultComesUp) {
  std::set<Step::Kind> steps;
  std::set<Fault::Kind> faults;
  std::set<TaskPolicy> policies;
  std::set<u32> versions;
  std::set<u32> widths;
  bool kthread = false;
  bool hybrid = false;
  for (u64 seed = 0; seed < kSeeds; seed++) {
    const Scenario scenario = generate_scenario(seed);
    versions.insert(scenario.kernel.version);
    widths.insert(scenario.shape.smt);
    hybrid |= scenario.shape.single_cores > 0 && scenario.shape.smt > 1;
    for (const Fault& fault : scenario.faults) faults.insert(fault.kind);
    for (const TaskSpec& task : scenario.tasks) {
      policies.insert(task.policy);
      kthread |= task.kthread;
      for (const Phase& phase : task.phases) {
        for (const Step& step : phase.steps) steps.insert(step.kind);
      }
    }
  }
  EXPECT_EQ(steps.size(), static_cast<size_t>(Step::Kind::kExit) + 1);
  EXPECT_EQ(faults.size(), static_cast<size_t>(Fault::Kind::kLeftover) + 1);
  EXPECT_EQ(policies.size(), static_cast<size_t>(TaskPolicy::kDeadline) + 1);
  EXPECT_EQ(versions.size(), 8U);
  EXPECT_GE(widths.size(), 5U);
  EXPECT_TRUE(kthread);
  EXPECT_TRUE(hybrid);
}

TEST(Generate, ControlsComeUpNestedAndInEveryCombination) {
  u32 limited_below_limited = 0;
  u32 idle_below_limited = 0;
  u32 bursts = 0;
  u32 deepest = 0;
  for (u64 seed = 0; seed < kSeeds; seed++) {
    const Scenario scenario = generate_scenario(seed);
    for (const CgroupSpec& cgroup : scenario.cgroups) {
      bursts += cgroup.burst_ns != 0 ? 1 : 0;
      u32 depth = 0;
      bool is_below_limited = false;
      for (u32 up = cgroup.parent; up != kNoIndex; up = scenario.cgroups[up].parent) {
        is_below_limited |= scenario.cgroups[up].quota_ns != 0;
        depth++;
      }
      deepest = std::max(deepest, depth);
      limited_below_limited += is_below_limited && cgroup.quota_ns != 0 ? 1 : 0;
      idle_below_limited += is_below_limited && cgroup.idle ? 1 : 0;
    }
  }
  EXPECT_GT(limited_below_limited, 100U);
  EXPECT_GT(idle_below_limited, 50U);
  EXPECT_GT(bursts, 100U);
  EXPECT_GE(deepest, 5U);
}

// Seeds that once found something must go on meaning the same: controls come on top.
TEST(Generate, ControlsLeaveTheRestOfAScenarioAsItIs) {
  for (u64 seed = 0; seed < 500; seed++) {
    const Scenario plain = generate_scenario(seed, {.controls = false});
    const Scenario whole = generate_scenario(seed);
    EXPECT_EQ(plain.shape, whole.shape);
    EXPECT_EQ(plain.kernel, whole.kernel);
    EXPECT_EQ(plain.tasks.size(), whole.tasks.size());
    ASSERT_LE(plain.faults.size(), whole.faults.size());
    for (size_t i = 0; i < plain.faults.size(); i++) EXPECT_EQ(plain.faults[i], whole.faults[i]);
    for (const CgroupSpec& cgroup : plain.cgroups) {
      EXPECT_EQ(cgroup.quota_ns, 0U);
      EXPECT_FALSE(cgroup.idle);
    }
  }
}

}  // namespace
}  // namespace scx_pair
