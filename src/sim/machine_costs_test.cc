// SPDX-License-Identifier: GPL-2.0-only
//
// Runs of whole machines in which the scheduler's work costs something.
#include <gtest/gtest.h>

#include "planted_one_lock_native.h"
#include "scx_pair_native.h"
#include "sim/machine_test_support.h"

namespace scx_pair {
namespace {

NativeObject& ours() {
  static auto object = NativeObject::from_bytes(scx_pair_native());
  return *object;
}

NativeObject& one_lock() {
  static auto object = NativeObject::from_bytes(planted_one_lock_native());
  return *object;
}

// Two domains a core, with two tasks each that run for so long and then sleep for as long.
Scenario wakers(u32 cores, u64 run_ns) {
  Scenario scenario = small_scenario(cores, 0);
  scenario.duration_ns = 25 * kMs;
  scenario.warmup_ns = 5 * kMs;
  TaskSpec tasks = tasks_doing("nap", cores * 4, 0, {run_step(run_ns), sleep_step(run_ns)});
  tasks.delay_ns = {.kind = Draw::Kind::kUniform, .value = 0, .most = 2 * run_ns};
  tasks.cgroups.clear();
  for (u32 i = 1; i <= cores * 2; i++) {
    scenario.cgroups.push_back({.path = "/" + std::to_string(i), .parent = 0});
    tasks.cgroups.push_back(i);
  }
  scenario.tasks.push_back(tasks);
  scenario.kernel.costs = CostSpec{};
  return scenario;
}

struct CostedRun {
  u64 trace_hash = 0;
  u64 work_ns = 0;
  CostReport costs;
};

CostedRun costed(const Scenario& scenario, NativeObject& object) {
  Machine machine(scenario, object);
  machine.run();
  EXPECT_EQ(machine.outcome().failure, "");
  CostedRun run{machine.outcome().trace_hash, 0, machine.cost_report().value_or(CostReport{})};
  for (const auto& task : machine.kernel().tasks) run.work_ns += task->work_ns;
  return run;
}

double waiting_share(const CostReport& costs) {
  return static_cast<double>(costs.wait_ns) / static_cast<double>(costs.cpu_ns);
}

TEST(MachineCosts, WithoutCostsOrForNothingARunIsTheSame) {
  Scenario scenario = wakers(2, 200 * kUs);
  scenario.kernel.costs = CostSpec{0, 0, 0, 0};
  const CostedRun for_nothing = costed(scenario, ours());
  EXPECT_EQ(for_nothing.costs.overhead_ns(), 0U);
  EXPECT_GT(for_nothing.costs.callbacks, 100U);
  scenario.kernel.costs.reset();
  Machine without(scenario, ours());
  without.run();
  EXPECT_FALSE(without.cost_report().has_value());
  EXPECT_EQ(without.kernel().border.watched, 0U);
  EXPECT_EQ(without.outcome().trace_hash, for_nothing.trace_hash);
  scenario.kernel.costs = CostSpec{};
  EXPECT_NE(costed(scenario, ours()).trace_hash, for_nothing.trace_hash);
}

TEST(MachineCosts, OneSeedGivesOneTraceAndOneReport) {
  const CostedRun once = costed(wakers(4, 100 * kUs), ours());
  const CostedRun again = costed(wakers(4, 100 * kUs), ours());
  EXPECT_EQ(once.trace_hash, again.trace_hash);
  EXPECT_EQ(once.costs.overhead_ns(), again.costs.overhead_ns());
  ASSERT_EQ(once.costs.worst.size(), again.costs.worst.size());
  for (size_t i = 0; i < once.costs.worst.size(); i++) {
    EXPECT_EQ(once.costs.worst[i].name, again.costs.worst[i].name);
    EXPECT_EQ(once.costs.worst[i].wait_ns, again.costs.worst[i].wait_ns);
  }
}

// Nobody sleeps here, so that nothing but a later start can take time from a task.
TEST(MachineCosts, WhatCallbacksTakeTasksDoNotGet) {
  Scenario scenario = small_scenario(1, 1);
  scenario.tasks.push_back(spinners("spin", 4, 1));
  scenario.kernel.costs = CostSpec{0, 0, 0, 0};
  const CostedRun free = costed(scenario, ours());
  scenario.kernel.costs = CostSpec{50'000, 0, 0, 0};
  const CostedRun dear = costed(scenario, ours());
  EXPECT_EQ(dear.costs.overhead_ns(), dear.costs.callbacks * 50'000);
  EXPECT_GT(dear.costs.overhead_ns(), 50 * kMs);
  EXPECT_LT(dear.work_ns, free.work_ns - dear.costs.overhead_ns() * 3 / 4);
  EXPECT_GT(dear.work_ns, free.work_ns - dear.costs.overhead_ns() * 5 / 4);
}

TEST(MachineCosts, ACpuCannotSpendMoreThanAllItsTime) {
  Scenario scenario = wakers(4, 5 * kUs);
  scenario.kernel.costs = CostSpec{50'000, 0, 0, 0};
  const CostReport costs = costed(scenario, ours()).costs;
  EXPECT_GT(costs.overhead_ns(), costs.cpu_ns / 2);
  EXPECT_LT(costs.overhead_ns(), costs.cpu_ns * 21 / 20);
}

TEST(MachineCosts, ThePromiseIsKeptWhereTheSchedulerTakesTime) {
  const Scenario scenario = wakers(4, 100 * kUs);
  const JudgedRun run = run_of(scenario, ours());
  EXPECT_EQ(run.outcome.failure, "");
  EXPECT_EQ(run.verdict.ruling, Ruling::kKept);
}

TEST(MachineCosts, OneLockForTheWholeMachineIsShownToScaleBadly) {
  const CostReport small = costed(wakers(1, 100 * kUs), one_lock()).costs;
  const CostReport large = costed(wakers(64, 100 * kUs), one_lock()).costs;
  EXPECT_LT(waiting_share(small), 0.02);
  EXPECT_GT(waiting_share(large), 0.2);
  EXPECT_LT(waiting_share(costed(wakers(64, 100 * kUs), ours()).costs), 0.02);
  ASSERT_FALSE(large.worst.empty());
  EXPECT_EQ(large.worst[0].name, "only_lock[0]");
  EXPECT_GT(large.worst[0].wait_ns, large.wait_ns / 2);
}

}  // namespace
}  // namespace scx_pair
