// SPDX-License-Identifier: GPL-2.0-only
#include "sim/quota_meter.h"

#include <gtest/gtest.h>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

// The root, /a with 40 ms of every 100, /a/b with 20 ms of every 50, and /c without a limit.
std::vector<CgroupSpec> cgroups() {
  return {{.path = "/"},
          {.path = "/a", .parent = 0, .quota_ns = 40 * kMs},
          {.path = "/a/b", .parent = 1, .quota_ns = 20 * kMs, .period_ns = 50 * kMs},
          {.path = "/c", .parent = 0}};
}

constexpr u64 kA = 2;
constexpr u64 kB = 3;
constexpr u64 kC = 4;
constexpr TestTask kInA{.pid = 1, .domain = kA};
constexpr TestTask kInB{.pid = 2, .domain = kB};
constexpr TestTask kInC{.pid = 3, .domain = kC};

std::vector<QuotaUse> measured(Script& script, u64 end_ns, u64 start_ns = 0) {
  QuotaMeter meter(cgroups(), start_ns);
  for (const switch_record& record : script.records()) meter.add(record);
  return meter.finish(end_ns);
}

TEST(QuotaMeter, OnlyLimitedCgroupsAreMeasured) {
  Script script;
  const std::vector<QuotaUse> uses = measured(script, 100 * kMs);
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].cgroup, 1U);
  EXPECT_EQ(uses[1].cgroup, 2U);
  EXPECT_EQ(uses[1].quota_ns, 20 * kMs);
  EXPECT_EQ(uses[1].used_ns, 0U);
}

TEST(QuotaMeter, WhoKeepsToItsQuotaInEveryPeriodIsAcquitted) {
  Script script;
  for (u64 period = 0; period < 10; period++) {
    const u64 begin_ns = period * 100 * kMs;
    script.run(begin_ns + 10 * kMs, 0, kInA).run(begin_ns + 50 * kMs, 0, kIdle);
  }
  const QuotaUse use = measured(script, 1'000 * kMs)[0];
  EXPECT_DOUBLE_EQ(use.of_quota(), 1.0);
  EXPECT_EQ(use.most_above_ns(), 0U);
  EXPECT_EQ(use.periods_ns, std::vector<u64>(10, 40 * kMs));
}

TEST(QuotaMeter, OnePeriodAboveTheQuotaConvictsAlthoughTheRunIsBelow) {
  Script script;
  script.run(110 * kMs, 0, kInA).run(165 * kMs, 0, kIdle);
  const QuotaUse use = measured(script, 1'000 * kMs)[0];
  EXPECT_EQ(use.most_above_ns(), 15 * kMs);
  EXPECT_LT(use.of_quota(), 0.2);
}

TEST(QuotaMeter, ARunAboveTheQuotaConvictsAlthoughEveryPeriodIsOnlyALittle) {
  Script script;
  script.run(0, 0, kInA);
  for (u64 period = 0; period < 10; period++) {
    script.run(period * 100 * kMs + 44 * kMs, 0, kIdle).run((period + 1) * 100 * kMs, 0, kInA);
  }
  const QuotaUse use = measured(script, 1'000 * kMs)[0];
  EXPECT_EQ(use.most_above_ns(), 4 * kMs);
  EXPECT_DOUBLE_EQ(use.of_quota(), 1.1);
}

TEST(QuotaMeter, CpusAddUp) {
  Script script;
  script.run(0, 0, kInA).run(0, 1, {.pid = 4, .domain = kA}).run(30 * kMs, 0, kIdle);
  script.run(30 * kMs, 1, kIdle);
  EXPECT_EQ(measured(script, 100 * kMs)[0].most_above_ns(), 20 * kMs);
}

TEST(QuotaMeter, WhatRunsBelowACgroupIsChargedToIt) {
  Script script;
  script.run(0, 0, kInB).run(30 * kMs, 0, kInA).run(45 * kMs, 0, kInC);
  const std::vector<QuotaUse> uses = measured(script, 100 * kMs);
  EXPECT_EQ(uses[0].used_ns, 45 * kMs);
  EXPECT_EQ(uses[0].most_above_ns(), 5 * kMs);
  EXPECT_EQ(uses[1].used_ns, 30 * kMs);
  EXPECT_EQ(uses[1].most_above_ns(), 10 * kMs);
}

TEST(QuotaMeter, ARunIsSplitWhereAPeriodEnds) {
  Script script;
  script.run(40 * kMs, 0, kInB).run(70 * kMs, 0, kIdle);
  const QuotaUse use = measured(script, 100 * kMs)[1];
  EXPECT_EQ(use.periods_ns, (std::vector<u64>{10 * kMs, 20 * kMs}));
  EXPECT_EQ(use.most_above_ns(), 0U);
}

TEST(QuotaMeter, WhatIsBeforeTheWindowDoesNotCount) {
  Script script;
  script.run(0, 0, kInA).run(120 * kMs, 0, kIdle);
  const QuotaUse use = measured(script, 200 * kMs, 100 * kMs)[0];
  EXPECT_EQ(use.window_ns, 100 * kMs);
  EXPECT_EQ(use.used_ns, 20 * kMs);
}

TEST(QuotaMeter, AMovedTaskIsChargedToItsNewCgroup) {
  Script script;
  script.run(0, 0, kInC).change(30 * kMs, {.pid = 3, .domain = kB});
  const std::vector<QuotaUse> uses = measured(script, 50 * kMs);
  EXPECT_EQ(uses[0].used_ns, 20 * kMs);
  EXPECT_EQ(uses[1].used_ns, 20 * kMs);
}

TEST(QuotaMeter, RealTimeTasksAreNotCharged) {
  Script script;
  script.run(0, 0, {.pid = 1, .domain = kA, .task_class = CLASS_HIGHER});
  script.change(60 * kMs, kInA);
  EXPECT_EQ(measured(script, 100 * kMs)[0].used_ns, 40 * kMs);
}

TEST(QuotaMeter, ACgroupThatWasMadeLaterIsChargedToThoseAbove) {
  QuotaMeter meter(cgroups(), 0);
  meter.add_cgroup(9, kB);
  Script script;
  script.run(0, 0, {.pid = 5, .domain = 9}).run(10 * kMs, 0, kIdle);
  for (const switch_record& record : script.records()) meter.add(record);
  const std::vector<QuotaUse> uses = meter.finish(100 * kMs);
  EXPECT_EQ(uses[0].used_ns, 10 * kMs);
  EXPECT_EQ(uses[1].used_ns, 10 * kMs);
}

}  // namespace
}  // namespace scx_pair
