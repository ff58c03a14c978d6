// SPDX-License-Identifier: GPL-2.0-only
//
// The scheduler's promise, over scenarios by the hundred.
#include <gtest/gtest.h>

#include "scx_pair_native.h"
#include "scx_pair_unowned_native.h"
#include "sim/generate.h"
#include "sim/machine_test_support.h"
#include "sim/patience_test_support.h"

namespace scx_pair {
namespace {

constexpr u64 kSeeds = runs_of(200);

NativeObject& ours() {
  static auto object = NativeObject::from_bytes(scx_pair_native());
  return *object;
}

bool suspends_the_promise(const Fault& fault) {
  return fault.kind == Fault::Kind::kOffline || fault.kind == Fault::Kind::kReload ||
         fault.kind == Fault::Kind::kBypass;
}

TEST(Promise, HoldsInEveryRandomScenarioInWhichTheKernelAsks) {
  for (u64 seed = 1; seed <= kSeeds; seed++) {
    Scenario scenario = generate_scenario(seed);
    std::erase_if(scenario.faults, suspends_the_promise);
    const JudgedRun run = run_of(scenario, ours());
    EXPECT_EQ(run.outcome.failure, "") << "seed " << seed;
    EXPECT_EQ(run.verdict.total.overlap.violation.ns, 0U) << "seed " << seed;
    EXPECT_EQ(run.verdict.lost, 0U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace scx_pair
