// SPDX-License-Identifier: GPL-2.0-only
#include "sim/share_meter.h"

#include <gtest/gtest.h>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

using Columns = std::vector<u64>;

constexpr TestTask kRed{.pid = 1, .domain = 10};
constexpr TestTask kRedToo{.pid = 4, .domain = 10};
constexpr TestTask kBlue{.pid = 2, .domain = 20};
constexpr TestTask kKernel{.pid = 3, .domain = ROOT_DOMAIN, .task_class = CLASS_KERNEL};
constexpr TestTask kRealTime{.pid = 5, .domain = 20, .task_class = CLASS_HIGHER};
const MachineShape kOneCore{.cores = 1, .smt = 2};

// In columns of 10 ms.
ShareHistory measured(Script& script, u64 end_ns, u64 start_ns = 0,
                      const MachineShape& shape = kOneCore) {
  ShareMeter meter(shape, start_ns, 10 * kMs);
  for (const switch_record& record : script.records()) meter.add(record);
  return meter.finish(end_ns);
}

TEST(ShareMeter, ARunIsCutWhereColumnsMeet) {
  Script script;
  script.run(4 * kMs, 0, kRed).run(27 * kMs, 0, kBlue).run(28 * kMs, 0, kIdle);
  const ShareHistory history = measured(script, 35 * kMs);
  EXPECT_EQ(history.window_ns, 35 * kMs);
  EXPECT_EQ(history.cpus, 2U);
  EXPECT_EQ(history.domains.at(10).cpu_ns, (Columns{6 * kMs, 10 * kMs, 7 * kMs, 0}));
  EXPECT_EQ(history.domains.at(20).cpu_ns, (Columns{0, 0, 1 * kMs, 0}));
  EXPECT_EQ(history.idle_ns, (Columns{14 * kMs, 10 * kMs, 12 * kMs, 10 * kMs}));
  EXPECT_EQ(history.forced_idle_ns, (Columns{0, 0, 0, 0}));
}

TEST(ShareMeter, KernelThreadsAreNobodysDomainAndHigherTasksAreOfTheirs) {
  Script script;
  script.run(0, 0, kRealTime).run(0, 1, kKernel).run(6 * kMs, 1, kIdle);
  const ShareHistory history = measured(script, 10 * kMs);
  EXPECT_EQ(history.domains.size(), 1U);
  EXPECT_EQ(history.domains.at(20).cpu_ns, (Columns{10 * kMs}));
  EXPECT_EQ(history.kernel_ns, (Columns{6 * kMs}));
  EXPECT_EQ(history.idle_ns, (Columns{4 * kMs}));
}

TEST(ShareMeter, ACpuThatRestsBecauseOfItsSiblingIsForcedIdleUntilTheWaiterRuns) {
  Script script;
  script.run(0, 0, kRed).wake(2 * kMs, 1, kBlue).run(9 * kMs, 0, kBlue, true);
  const ShareHistory history = measured(script, 20 * kMs);
  // Blue waits for 7 ms, and then red, which was runnable, does.
  EXPECT_EQ(history.idle_ns, (Columns{2 * kMs, 0}));
  EXPECT_EQ(history.forced_idle_ns, (Columns{8 * kMs, 10 * kMs}));
}

TEST(ShareMeter, ACpuWhoseOwnDomainWaitsIsJustIdle) {
  Script script;
  script.run(0, 0, kRed).wake(2 * kMs, 1, kBlue).wake(5 * kMs, 1, kRedToo);
  const ShareHistory history = measured(script, 10 * kMs);
  EXPECT_EQ(history.forced_idle_ns, (Columns{3 * kMs}));
  EXPECT_EQ(history.idle_ns, (Columns{7 * kMs}));
}

TEST(ShareMeter, AWaiterOfAnotherCoreForcesNobodyToRest) {
  Script script;
  script.run(0, 0, kRed).wake(0, 1, kBlue);
  const ShareHistory history = measured(script, 10 * kMs, 0, {.cores = 2, .smt = 2});
  EXPECT_EQ(history.forced_idle_ns, (Columns{0}));
}

TEST(ShareMeter, WhatIsBeforeTheWindowDoesNotCount) {
  Script script;
  script.run(0, 0, kRed).wake(0, 0, kBlue).run(7 * kMs, 0, kIdle);
  const ShareHistory history = measured(script, 15 * kMs, 5 * kMs);
  EXPECT_EQ(history.window_ns, 10 * kMs);
  EXPECT_EQ(history.domains.at(10).cpu_ns, (Columns{2 * kMs}));
  EXPECT_EQ(history.domains.at(10).wanted_ns, 2 * kMs);
  EXPECT_EQ(history.domains.at(20).wanted_ns, 10 * kMs);
  EXPECT_EQ(history.forced_idle_ns, (Columns{2 * kMs}));
}

TEST(ShareMeter, ADomainWantsTimeWhileOneOfItsTasksRunsOrWaits) {
  Script script;
  script.wake(1 * kMs, 0, kRed).run(3 * kMs, 0, kRed).wake(4 * kMs, 0, kRedToo);
  script.run(5 * kMs, 0, kRedToo).run(8 * kMs, 0, kIdle).wake(9 * kMs, 0, kRed);
  const ShareHistory history = measured(script, 10 * kMs);
  EXPECT_EQ(history.domains.at(10).cpu_ns, (Columns{5 * kMs}));
  EXPECT_EQ(history.domains.at(10).wanted_ns, 8 * kMs);
}

TEST(ShareMeter, ATaskThatDiesWantsNothingMore) {
  Script script;
  script.run(0, 0, kRed).run(4 * kMs, 0, kIdle, true).last_dies();
  EXPECT_EQ(measured(script, 10 * kMs).domains.at(10).wanted_ns, 4 * kMs);
}

TEST(ShareMeter, AMovedTaskRunsAndWaitsForItsNewDomain) {
  Script script;
  script.run(0, 0, kRed).wake(0, 1, kRedToo);
  script.change(3 * kMs, {.pid = 1, .domain = 20}).change(6 * kMs, {.pid = 4, .domain = 20});
  const ShareHistory history = measured(script, 10 * kMs);
  EXPECT_EQ(history.domains.at(10).cpu_ns, (Columns{3 * kMs}));
  EXPECT_EQ(history.domains.at(20).cpu_ns, (Columns{7 * kMs}));
  EXPECT_EQ(history.domains.at(10).wanted_ns, 6 * kMs);
  EXPECT_EQ(history.domains.at(20).wanted_ns, 7 * kMs);
  EXPECT_EQ(history.forced_idle_ns, (Columns{3 * kMs}));
}

}  // namespace
}  // namespace scx_pair
