// SPDX-License-Identifier: GPL-2.0-only
#include "sim/placement_meter.h"

#include <gtest/gtest.h>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

constexpr TestTask kRed{.pid = 1, .domain = 10};
constexpr TestTask kRedToo{.pid = 2, .domain = 10};
constexpr TestTask kBlue{.pid = 3, .domain = 20};
constexpr TestTask kKernel{.pid = 4, .domain = ROOT_DOMAIN, .task_class = CLASS_KERNEL};
constexpr TestTask kFifo{.pid = 5, .domain = 10, .task_class = CLASS_HIGHER};

// Cores of two cpus: 0 and 1, 2 and 3, and so on.
MachineShape cores(u32 number) {
  return {.cores = number, .smt = 2, .adjacent = true};
}

// A meter into which a script is read, and which is told other things on the way.
class Trial {
 public:
  explicit Trial(u32 number, u64 start_ns = 0)
      : Trial({.shape = cores(number), .window_start_ns = start_ns, .tolerance_ns = 1 * kMs}) {}
  explicit Trial(const PlacementMeter::Config& config) : meter(config) {}

  // Everything that is in the script up to now.
  void read() {
    for (; read_ < script.records().size(); read_++) meter.add(script.records()[read_]);
  }
  PlacementSummary finish(u64 end_ns) {
    read();
    return meter.finish(end_ns);
  }

  PlacementMeter meter;
  Script script;

 private:
  size_t read_ = 0;
};

TEST(PlacementMeter, TwoOnACoreBesideAnIdleOneAreACrowd) {
  Trial trial(2);
  trial.script.run(0, 0, kRed).run(4 * kMs, 1, kRedToo).run(7 * kMs, 1, kIdle);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.spacious_ns, 10 * kMs);
  EXPECT_EQ(placement.crowded_ns, 3 * kMs);
  EXPECT_EQ(placement.seat_ns, 40 * kMs);
}

TEST(PlacementMeter, TwoOnACoreAreNoCrowdWhileEveryOtherCoreRunsSomething) {
  Trial trial(2);
  trial.script.run(0, 0, kRed).run(0, 1, kRedToo).run(0, 2, kKernel).run(8 * kMs, 2, kIdle);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.spacious_ns, 2 * kMs);
  EXPECT_EQ(placement.crowded_ns, 2 * kMs);
}

TEST(PlacementMeter, TwoThatMayNotLeaveAreNoCrowd) {
  const PlacementMeter::CpuWords here = {0b0011};
  Trial trial(2);
  trial.meter.allow(kRed.pid, &here);
  trial.meter.allow(kRedToo.pid, &here);
  trial.script.run(0, 0, kRed).run(0, 1, kRedToo);
  trial.read();
  trial.meter.advance(6 * kMs);
  // One of them may go now.
  trial.meter.allow(kRedToo.pid, nullptr);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.spacious_ns, 4 * kMs);
  EXPECT_EQ(placement.crowded_ns, 4 * kMs);
}

TEST(PlacementMeter, WhoIsNotPlacedByTheSchedulerIsNoPartOfACrowd) {
  Trial trial(2);
  trial.script.run(0, 0, kRed).run(0, 1, kFifo).run(5 * kMs, 1, kKernel);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.spacious_ns, 10 * kMs);
  EXPECT_EQ(placement.crowded_ns, 0U);
}

TEST(PlacementMeter, ACoreThatIsOfflineIsNoPlaceToGo) {
  Trial trial(2);
  trial.meter.set_online(2, false);
  trial.meter.set_online(3, false);
  trial.script.run(0, 0, kRed).run(0, 1, kRedToo);
  trial.read();
  trial.meter.advance(6 * kMs);
  trial.meter.set_online(3, true);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.crowded_ns, 4 * kMs);
  EXPECT_EQ(placement.seat_ns, 24 * kMs);
}

TEST(PlacementMeter, ASeatBesideAnotherDomainIsForcedToIdleWhileATaskWaits) {
  Trial trial(1);
  trial.script.run(0, 0, kRed).wake(2 * kMs, 1, kBlue).run(9 * kMs, 0, kBlue, false);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.forced_idle_ns, 7 * kMs);
  EXPECT_EQ(placement.neglected_ns, 0U);
}

TEST(PlacementMeter, ASeatBesideItsOwnDomainsTaskIsNeglected) {
  Trial trial(1);
  trial.script.run(0, 0, kRed).wake(2 * kMs, 1, kBlue).wake(4 * kMs, 1, kRedToo);
  trial.script.run(9 * kMs, 1, kRedToo);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.forced_idle_ns, 2 * kMs);
  EXPECT_EQ(placement.neglected_ns, 5 * kMs);
  EXPECT_EQ(placement.late_ns, 4 * kMs);
}

TEST(PlacementMeter, AFreePairIsNeglectedWhoeverWaits) {
  Trial trial(1);
  trial.script.wake(0, 0, kBlue).run(500 * kUs, 0, kBlue);
  trial.script.run(2 * kMs, 0, kIdle, true).run(6 * kMs, 1, kBlue);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.neglected_ns, 2 * (500 * kUs + 4 * kMs));
  EXPECT_EQ(placement.late_ns, 6 * kMs);
}

TEST(PlacementMeter, WhoMayNotRunThereDoesNotWaitForASeat) {
  const PlacementMeter::CpuWords seat = {0b0001};
  Trial trial(2);
  trial.meter.allow(kBlue.pid, &seat);
  trial.script.run(0, 0, kRed).wake(0, 0, kBlue);
  trial.read();
  trial.meter.advance(4 * kMs);
  const PlacementMeter::CpuWords core = {0b0011};
  trial.meter.allow(kBlue.pid, &core);
  trial.script.run(9 * kMs, 0, kBlue, false);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.forced_idle_ns, 5 * kMs);
  EXPECT_EQ(placement.neglected_ns, 0U);
}

TEST(PlacementMeter, AKernelThreadExcludesNobodyIfItIsTrusted) {
  for (const bool trusted : {true, false}) {
    Trial trial({.shape = cores(1), .kthreads_trusted = trusted});
    trial.script.run(0, 0, kKernel).wake(0, 1, kBlue);
    const PlacementSummary placement = trial.finish(10 * kMs);
    EXPECT_EQ(placement.neglected_ns, trusted ? 10 * kMs : 0);
    EXPECT_EQ(placement.forced_idle_ns, trusted ? 0 : 10 * kMs);
  }
}

TEST(PlacementMeter, ATaskIsWaitedForAsWhatItIsNow) {
  Trial trial(1);
  trial.script.run(0, 0, kRed).wake(0, 1, kBlue);
  trial.script.change(3 * kMs, {.pid = kBlue.pid, .domain = 10});
  trial.script.change(5 * kMs, {.pid = kBlue.pid, .domain = 10, .task_class = CLASS_HIGHER});
  trial.script.run(8 * kMs, 0, kIdle).last_dies();
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.forced_idle_ns, 3 * kMs);
  EXPECT_EQ(placement.neglected_ns, 2 * kMs);
}

TEST(PlacementMeter, WhatHappensAtOneInstantIsOneThing) {
  Trial trial(1);
  trial.script.run(0, 0, kRed).wake(0, 1, kBlue);
  // One waiter leaves and another comes, and the seat is one that is forced to idle all the time;
  // it does not become neglected anew.
  trial.script.wake(900 * kUs, 1, kRedToo).run(900 * kUs, 1, kRedToo);
  trial.script.run(1800 * kUs, 1, kIdle, true).run(1800 * kUs, 1, kRedToo);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.forced_idle_ns, 900 * kUs);
  EXPECT_EQ(placement.neglected_ns, 0U);
}

TEST(PlacementMeter, AStartCrossesWhatLiesBetweenItAndTheLastOne) {
  // Two sockets of two LLCs of two cores: cpus 0..15.
  Trial trial({.shape = {.sockets = 2, .llcs = 2, .cores = 2, .smt = 2, .adjacent = true}});
  // Its first start comes from nowhere.
  trial.script.run(0, 0, kRed).run(1 * kMs, 0, kIdle);
  u64 at_ns = 2 * kMs;
  for (const u32 cpu : {0U, 1U, 2U, 4U, 8U, 15U, 0U}) {
    trial.script.run(at_ns, cpu, kRed).run(at_ns + kMs, cpu, kIdle);
    at_ns += 2 * kMs;
  }
  const PlacementSummary placement = trial.finish(at_ns);
  EXPECT_EQ(placement.starts, 7U);
  EXPECT_EQ(placement.other_core, 5U);
  EXPECT_EQ(placement.other_llc, 4U);
  EXPECT_EQ(placement.other_socket, 2U);
}

TEST(PlacementMeter, OnlyOrdinaryTasksThatHaveRunBeforeAreCountedAsStarts) {
  Trial trial(2);
  trial.script.run(0, 0, kFifo).run(1 * kMs, 2, kFifo).run(2 * kMs, 0, kKernel);
  trial.script.run(3 * kMs, 2, kKernel).run(4 * kMs, 0, kRed).run(5 * kMs, 0, kIdle);
  trial.script.last_dies();
  // Another one of that number.
  trial.script.run(6 * kMs, 2, kRed);
  EXPECT_EQ(trial.finish(10 * kMs).starts, 0U);
}

TEST(PlacementMeter, WhatIsBeforeTheWindowOnlySetsTheStage) {
  Trial trial(2, 5 * kMs);
  trial.script.run(0, 0, kRed).run(0, 1, kRedToo).run(0, 2, kFifo).wake(1 * kMs, 3, kBlue);
  trial.script.run(2 * kMs, 2, kIdle).run(4500 * kUs, 2, kIdle).run(8 * kMs, 2, kBlue);
  trial.script.run(9 * kMs, 1, kIdle).run(9500 * kUs, 2, kRedToo);
  const PlacementSummary placement = trial.finish(10 * kMs);
  EXPECT_EQ(placement.seat_ns, 20 * kMs);
  // Core 1 stood free, and both seats of it were neglected from 2 to 8 ms.
  EXPECT_EQ(placement.neglected_ns, 6 * kMs);
  EXPECT_EQ(placement.late_ns, 6 * kMs);
  EXPECT_EQ(placement.crowded_ns, 3 * kMs);
  EXPECT_EQ(placement.starts, 1U);
  EXPECT_EQ(placement.other_core, 1U);
}

}  // namespace
}  // namespace scx_pair
