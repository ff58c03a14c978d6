// SPDX-License-Identifier: GPL-2.0-only
#include "sim/waiting_bound.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/time_units.h"
#include "scx_pair_native.h"
#include "sim/native_object.h"

namespace scx_pair {
namespace {

NativeObject scheduler() {
  auto object = NativeObject::from_bytes(scx_pair_native());
  EXPECT_TRUE(object.has_value());
  return std::move(*object);
}

class WaitingBound : public testing::TestWithParam<u64> {};

// `make waits` goes through thousands of seeds.
TEST_P(WaitingBound, NoTaskOfAnyMachineWaitsForLonger) {
  constexpr u64 kSeedsEach = 10;
  NativeObject object = scheduler();
  u64 machines_with_waits = 0;
  for (u64 i = 0; i < kSeedsEach; i++) {
    const u64 seed = GetParam() * kSeedsEach + i;
    const WaitingResult worst = worst_wait(waiting_machine(seed), object);
    EXPECT_EQ(worst.failure, "") << "seed " << seed;
    EXPECT_LE(worst.waited_ns, worst.bound_ns) << worst.task << " of seed " << seed;
    machines_with_waits += worst.waited_ns > 0 ? 1 : 0;
  }
  EXPECT_GE(machines_with_waits, kSeedsEach / 2);
}

INSTANTIATE_TEST_SUITE_P(Seeds, WaitingBound, testing::Range<u64>(0, 6));

// Four domains of two tasks on one core.
WaitingMachine one_core() {
  WaitingMachine machine;
  machine.domains.resize(4);
  for (WaitingDomain& domain : machine.domains) domain.tasks = 2;
  return machine;
}

TEST(WaitingBound, IsMissedByASchedulerWhoseTurnsAreLongerThanItSays) {
  NativeObject object = scheduler();
  WaitingMachine machine = one_core();
  const WaitingResult usual = worst_wait(machine, object);
  EXPECT_LE(usual.waited_ns, usual.bound_ns);
  // The wait of the same machine under turns twenty times as long, against the usual bound.
  machine.times.turn_ns *= 20;
  const WaitingResult slow = worst_wait(machine, object);
  EXPECT_GT(slow.waited_ns, usual.bound_ns);
}

TEST(WaitingBound, GrowsWithTheOthersWeightAndShrinksWithMorePairs) {
  WaitingMachine machine = one_core();
  const u64 equal_ns = longest_wait_ns(machine, 0);
  machine.domains[1].weight = 400;
  EXPECT_GT(longest_wait_ns(machine, 0), equal_ns);
  machine = one_core();
  machine.shape.cores = 4;
  EXPECT_LT(longest_wait_ns(machine, 0), equal_ns);
}

TEST(WaitingBound, OfAPinnedTaskCountsWhoElseIsPinnedThere) {
  WaitingMachine machine = one_core();
  machine.domains[0].pinned = {1};
  const u64 alone_ns = longest_pinned_wait_ns(machine, 0, 1);
  machine.domains[1].pinned = {1};
  machine.domains[2].pinned = {0};
  EXPECT_EQ(longest_pinned_wait_ns(machine, 0, 1), 2 * alone_ns);
}

}  // namespace
}  // namespace scx_pair
