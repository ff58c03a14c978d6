// SPDX-License-Identifier: GPL-2.0-only
#include "sim/generate.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(faults.size(), static_cast<size_t>(Fault::Kind::kBypass) + 1);
  EXPECT_EQ(policies.size(), static_cast<size_t>(TaskPolicy::kDeadline) + 1);
  EXPECT_EQ(versions.size(), 8U);
  EXPECT_GE(widths.size(), 5U);
  EXPECT_TRUE(kthread);
  EXPECT_TRUE(hybrid);
}

}  // namespace
}  // namespace scx_pair
