// SPDX-License-Identifier: GPL-2.0-only
#include "sim/machine.h"

#include <gtest/gtest.h>

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
  scenario.tasks.push_back(spinners("a", 2, 1));
  scenario.tasks.push_back(spinners("b", 2, 2));
  const JudgedRun run = run_of(scenario, mutant());
  EXPECT_EQ(run.verdict.ruling, Ruling::kBroken);
  EXPECT_GT(run.verdict.total.overlap.violation.ns, 10 * kMs);
  EXPECT_EQ(run_of(scenario, ours()).verdict.ruling, Ruling::kKept);
}

TEST(Machine, OneSeedGivesOneTrace) {
  Scenario scenario = spinners_and_sleepers();
  const u64 once = run_of(scenario, ours()).outcome.trace_hash;
  EXPECT_EQ(run_of(scenario, ours()).outcome.trace_hash, once);
  scenario.seed++;
  EXPECT_NE(run_of(scenario, ours()).outcome.trace_hash, once);
}

}  // namespace
}  // namespace scx_pair
