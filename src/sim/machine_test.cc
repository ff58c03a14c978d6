// SPDX-License-Identifier: GPL-2.0-only
#include "sim/machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "scx_pair_native.h"
#include "scx_pair_unowned_native.h"
#include "sim/machine_test_support.h"

namespace scx_pair {
namespace {

NativeObject& ours() {
  static auto object = NativeObject::from_bytes(scx_pair_native());
  return *object;
}

NativeObject& mutant() {
  static auto object = NativeObject::from_bytes(scx_pair_unowned_native());
  return *object;
}

Scenario spinners_and_sleepers() {
  Scenario scenario = small_scenario(1, 2);
  scenario.tasks.push_back(spinners("spin", 2, 1));
  scenario.tasks.push_back(tasks_doing("nap", 2, 2, {run_step(500 * kUs), sleep_step(2 * kMs)}));
  return scenario;
}

TEST(Machine, TheSchedulersSourceRunsAndKeepsItsPromise) {
  const JudgedRun run = run_of(spinners_and_sleepers(), ours());
  EXPECT_EQ(run.outcome.failure, "");
  EXPECT_EQ(run.verdict.ruling, Ruling::kKept);
  EXPECT_EQ(run.verdict.total.overlap.violation.ns, 0U);
  EXPECT_GT(run.outcome.counters.switches, 100U);
  ASSERT_EQ(run.verdict.domains.size(), 2U);
  EXPECT_GT(run.verdict.domains[0].cpu_ns, 100 * kMs);
  EXPECT_GT(run.verdict.domains[1].cpu_ns, 50 * kMs);
}

TEST(Machine, ASchedulerWithoutTheOwnershipCheckIsConvicted) {
  Scenario scenario = small_scenario(1, 2);
  // One that sleeps leaves a seat to whoever comes.
  scenario.tasks.push_back(spinners("a", 2, 1));
  scenario.tasks.push_back(tasks_doing("b", 2, 2, {run_step(2 * kMs), sleep_step(kMs)}));
  const JudgedRun run = run_of(scenario, mutant());
  EXPECT_EQ(run.verdict.ruling, Ruling::kBroken);
  EXPECT_GT(run.verdict.total.overlap.violation.ns, 10 * kMs);
  EXPECT_EQ(run_of(scenario, ours()).verdict.ruling, Ruling::kKept);
}

TEST(Machine, RealTimeTasksThatRunWhenTheSchedulerIsLoadedAreSeen) {
  for (const TaskPolicy policy : {TaskPolicy::kFifo, TaskPolicy::kRoundRobin}) {
    for (const u32 cpu : {0U, 1U}) {
      const JudgedRun run = run_of(real_time_through_a_reload(cpu, policy), ours());
      EXPECT_EQ(run.outcome.failure, "");
      const std::optional<Episode>& longest = run.verdict.total.overlap.higher.longest;
      ASSERT_TRUE(longest.has_value());
      EXPECT_LT(longest->length_ns, kReloadMostNs);
    }
  }
}

// A domain may hold several cores, and pays for all of them wherever it is compared.
TEST(Machine, SharesFollowTheWeightsOnSeveralCores) {
  Scenario scenario = small_scenario(4, 3);
  scenario.duration_ns = 2'500 * kMs;
  scenario.warmup_ns = 500 * kMs;
  scenario.cgroups[2].weight = 300;
  for (u32 cgroup = 1; cgroup <= 3; cgroup++) {
    scenario.tasks.push_back(spinners("spin" + std::to_string(cgroup), 8, cgroup));
  }
  const Verdict verdict = run_of(scenario, ours()).verdict;
  u64 all_ns = 0;
  u64 most_ns = 0;
  u64 least_ns = ~u64{0};
  for (const DomainVerdict& domain : verdict.domains) {
    all_ns += domain.cpu_ns;
    most_ns = std::max(most_ns, domain.cpu_ns);
    if (domain.cpu_ns > 0) least_ns = std::min(least_ns, domain.cpu_ns);
  }
  const auto all = static_cast<double>(all_ns);
  EXPECT_NEAR(static_cast<double>(most_ns) / all, 0.6, 0.02);
  EXPECT_NEAR(static_cast<double>(least_ns) / all, 0.2, 0.02);
}

TEST(Machine, OneSeedGivesOneTrace) {
  Scenario scenario = spinners_and_sleepers();
  const u64 once = run_of(scenario, ours()).outcome.trace_hash;
  EXPECT_EQ(run_of(scenario, ours()).outcome.trace_hash, once);
  scenario.seed++;
  EXPECT_NE(run_of(scenario, ours()).outcome.trace_hash, once);
}

// Each time a cpu idles or its task changes, a tick or the end of a step is announced in vain.
TEST(Machine, WhatIsAnnouncedInVainIsForgotten) {
  Scenario scenario = small_scenario(1, 1);
  scenario.kernel.hz = 100;
  scenario.duration_ns = 50 * kMs;
  scenario.tasks = {tasks_doing("yields", 3, 1, {run_step(400), step_of(Step::Kind::kYield)}),
                    tasks_doing("sleeps", 3, 1, {run_step(400), sleep_step(kUs)})};
  Machine machine(scenario, ours());
  size_t most = 0;
  while (!machine.done()) {
    machine.step();
    most = std::max(most, machine.kernel().events.size());
  }
  EXPECT_GT(machine.kernel().counters.switches, 10'000U);
  EXPECT_LT(most, 100U);
}

}  // namespace
}  // namespace scx_pair
