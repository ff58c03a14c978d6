// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/costs.h"

#include <gtest/gtest.h>

namespace scx_pair {
namespace {

constexpr CostSpec kCosts{
    .callback_ns = 200, .lock_hold_ns = 100, .line_ns = 60, .far_line_ns = 150};
constexpr u64 kNoon = 1'000'000;

// Two sockets of two cores: cpus 0, 1, 4 and 5 are in the first.
MachineShape two_sockets() {
  MachineShape shape;
  shape.sockets = 2;
  shape.cores = 2;
  return shape;
}

std::string one_name(const void* /*address*/) {
  return "it";
}

class CostMeterTest : public testing::Test {
 protected:
  // An event of one cpu at one time, in which it takes a lock; returns what that cost.
  u64 locking(u32 cpu, u64 time_ns, const void* lock) {
    meter_.begin(time_ns, true);
    meter_.take(cpu, lock);
    meter_.let_go();
    return meter_.take_uncharged();
  }
  u64 changing(u32 cpu, u64 time_ns, const void* address) {
    meter_.begin(time_ns, true);
    meter_.change_line(cpu, address);
    return meter_.take_uncharged();
  }
  [[nodiscard]] CostReport report() const { return meter_.report(kNoon + 10'000, one_name); }

  CostMeter meter_{kCosts, two_sockets()};
  alignas(64) char lines_[2][64] = {};
};

TEST_F(CostMeterTest, TheSecondOfTwoCpusAtOneInstantWaitsExactlyTheHold) {
  EXPECT_EQ(locking(0, kNoon, &lines_[0]), 100U);
  // It waits, fetches the line and holds the lock in its turn.
  EXPECT_EQ(locking(1, kNoon, &lines_[0]), 100U + 60U + 100U);
  const CostReport costs = report();
  EXPECT_EQ(costs.wait_ns, 100U);
  EXPECT_EQ(costs.hold_ns, 200U);
  EXPECT_EQ(costs.line_ns, 60U);
  ASSERT_EQ(costs.worst.size(), 1U);
  EXPECT_EQ(costs.worst[0].name, "it");
  EXPECT_EQ(costs.worst[0].uses, 2U);
  EXPECT_EQ(costs.worst[0].waits, 1U);
  EXPECT_EQ(costs.worst[0].longest_ns, 100U);
  EXPECT_EQ(costs.worst[0].busy_ns, 100U + 60U + 100U);
}

TEST_F(CostMeterTest, NobodyWaitsForAnotherLockOrAfterTheHold) {
  locking(0, kNoon, &lines_[0]);
  EXPECT_EQ(locking(1, kNoon, &lines_[1]), 100U);
  EXPECT_EQ(locking(0, kNoon + 100, &lines_[0]), 100U);
  EXPECT_EQ(report().wait_ns, 0U);
}

TEST_F(CostMeterTest, AHoldLastsAsLongAsWhatIsDoneInIt) {
  changing(1, kNoon - 500, &lines_[1]);
  meter_.begin(kNoon, true);
  meter_.take(0, &lines_[0]);
  for (u32 i = 0; i < 3; i++) meter_.change_line(i % 2, &lines_[1]);
  meter_.let_go();
  EXPECT_EQ(meter_.take_uncharged(), 3U * 60U);
  EXPECT_EQ(locking(0, kNoon, &lines_[0]), 3U * 60U + 100U);
}

TEST_F(CostMeterTest, ALineIsFreeForTheCpuThatHadItLast) {
  EXPECT_EQ(changing(0, kNoon, &lines_[0]), 0U);
  EXPECT_EQ(changing(0, kNoon, &lines_[0][8]), 0U);
  EXPECT_EQ(changing(1, kNoon + 500, &lines_[0][16]), 60U);
  EXPECT_EQ(changing(2, kNoon + 900, &lines_[0]), 150U);
  EXPECT_EQ(changing(3, kNoon + 900, &lines_[1]), 0U);
}

TEST_F(CostMeterTest, ALineServesOneCpuAtATime) {
  changing(0, kNoon, &lines_[0]);
  EXPECT_EQ(changing(1, kNoon, &lines_[0]), 60U);
  EXPECT_EQ(changing(4, kNoon, &lines_[0]), 120U);
  EXPECT_EQ(changing(5, kNoon, &lines_[0]), 180U);
  ASSERT_EQ(report().worst.size(), 1U);
  EXPECT_EQ(report().worst[0].name, "line of it");
  EXPECT_EQ(report().worst[0].wait_ns, 60U + 120U);
}

TEST_F(CostMeterTest, AQueueIsALockByItsNumber) {
  for (const u32 cpu : {0U, 1U}) {
    meter_.begin(kNoon, true);
    meter_.use_queue(cpu, 5);
    EXPECT_EQ(meter_.take_uncharged(), cpu == 0 ? 100U : 260U);
  }
  ASSERT_EQ(report().worst.size(), 1U);
  EXPECT_EQ(report().worst[0].name, "dsq 5");
}

TEST_F(CostMeterTest, OnlyWhatComesAfterTheWarmUpIsReported) {
  meter_.begin(kNoon - 1000, false);
  meter_.note_callback();
  EXPECT_EQ(meter_.take_uncharged(), 200U);
  meter_.begin(kNoon, true);
  meter_.note_callback();
  meter_.note_switch();
  const CostReport costs = report();
  EXPECT_EQ(costs.callbacks, 1U);
  EXPECT_EQ(costs.switches, 1U);
  EXPECT_EQ(costs.overhead_ns(), 200U);
  EXPECT_EQ(costs.cpu_ns, 8U * 10'000U);
}

}  // namespace
}  // namespace scx_pair
