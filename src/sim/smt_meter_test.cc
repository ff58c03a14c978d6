// SPDX-License-Identifier: GPL-2.0-only
#include "sim/smt_meter.h"

#include <gtest/gtest.h>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

constexpr TestTask kRed{.pid = 1, .domain = 10};
constexpr TestTask kBlue{.pid = 2, .domain = 20};
constexpr TestTask kKernel{.pid = 3, .domain = ROOT_DOMAIN, .task_class = CLASS_KERNEL};
const MachineShape kOneCore{.cores = 1, .smt = 2};

WorkSummary measured(Script& script, u64 end_ns, u64 start_ns = 0,
                     const MachineShape& shape = kOneCore) {
  SmtMeter meter(shape, start_ns);
  for (const switch_record& record : script.records()) meter.add(record);
  return meter.finish(end_ns);
}

TEST(SmtMeter, ATaskThatHasItsCoreToItselfIsAtFullSpeed) {
  Script script;
  script.run(0, 0, kRed);
  const WorkSummary work = measured(script, 10 * kMs);
  EXPECT_EQ(work.domains.at(10).cpu_ns, 10 * kMs);
  EXPECT_EQ(work.domains.at(10).work_ns, 10 * kMs);
}

TEST(SmtMeter, TwoThatShareACoreAreEachAtSixTenths) {
  Script script;
  script.run(0, 0, kRed).run(4 * kMs, 1, kBlue).run(8 * kMs, 0, kIdle);
  const WorkSummary work = measured(script, 10 * kMs);
  EXPECT_EQ(work.domains.at(10).cpu_ns, 8 * kMs);
  EXPECT_EQ(work.domains.at(10).work_ns, 4 * kMs + 4 * kMs * 6 / 10);
  EXPECT_EQ(work.domains.at(20).work_ns, 4 * kMs * 6 / 10 + 2 * kMs);
  EXPECT_EQ(work.users.work_ns, 10 * kMs + 8 * kMs / 10);
}

TEST(SmtMeter, AKernelThreadSlowsItsSiblingAndIsCountedApart) {
  Script script;
  script.run(0, 0, kRed).run(0, 1, kKernel);
  const WorkSummary work = measured(script, 10 * kMs);
  EXPECT_EQ(work.users.work_ns, 6 * kMs);
  EXPECT_EQ(work.kernel.work_ns, 6 * kMs);
  EXPECT_EQ(work.domains.count(ROOT_DOMAIN), 0U);
}

TEST(SmtMeter, WhatIsBeforeTheWindowDoesNotCount) {
  Script script;
  script.run(0, 0, kRed).run(7 * kMs, 0, kIdle);
  const WorkSummary work = measured(script, 10 * kMs, 5 * kMs);
  EXPECT_EQ(work.window_ns, 5 * kMs);
  EXPECT_EQ(work.users.work_ns, 2 * kMs);
}

TEST(SmtMeter, AMovedTaskWorksForItsNewDomain) {
  Script script;
  script.run(0, 0, kRed).change(3 * kMs, {.pid = 1, .domain = 20});
  const WorkSummary work = measured(script, 10 * kMs);
  EXPECT_EQ(work.domains.at(10).work_ns, 3 * kMs);
  EXPECT_EQ(work.domains.at(20).work_ns, 7 * kMs);
}

TEST(SmtMeter, CoresDoNotSlowEachOtherDown) {
  Script script;
  script.run(0, 0, kRed).run(0, 1, kBlue);
  const WorkSummary work = measured(script, 10 * kMs, 0, {.cores = 2, .smt = 2});
  EXPECT_EQ(work.users.work_ns, 20 * kMs);
}

}  // namespace
}  // namespace scx_pair
