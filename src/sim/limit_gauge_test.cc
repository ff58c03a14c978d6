// SPDX-License-Identifier: GPL-2.0-only
#include "sim/limit_gauge.h"

#include <gtest/gtest.h>

namespace scx_pair {
namespace {

constexpr u64 kMs = 1'000'000;
constexpr u64 kStartNs = 1'000 * kMs;
constexpr u64 kQuotaNs = 20 * kMs;
constexpr u64 kPeriodNs = 100 * kMs;

// Uses two cpus for `used_ns`; returns when that is over.
u64 used(LimitGauge& gauge, u64 from_ns, u64 used_ns) {
  gauge.use(from_ns, 2);
  gauge.use(from_ns + used_ns / 2, 0);
  return from_ns + used_ns / 2;
}

TEST(LimitGauge, ALimitIsUsedUpOnceMostOfItsQuotaIsUsed) {
  LimitGauge little;
  u64 now_ns = used(little, kStartNs, 14 * kMs);
  EXPECT_FALSE(little.is_used_up(now_ns, kQuotaNs, kPeriodNs));
  LimitGauge most;
  now_ns = used(most, kStartNs, 16 * kMs);
  EXPECT_TRUE(most.is_used_up(now_ns, kQuotaNs, kPeriodNs));
}

TEST(LimitGauge, NobodyIsHeldBackWhoRuns) {
  LimitGauge gauge;
  gauge.use(kStartNs, 2);
  EXPECT_FALSE(gauge.is_used_up(kStartNs + 50 * kMs, kQuotaNs, kPeriodNs));
}

TEST(LimitGauge, WhatWasUsedAheadIsMissingInTheNextPeriod) {
  LimitGauge gauge;
  used(gauge, kStartNs, 36 * kMs);
  const u64 now_ns = used(gauge, kStartNs + kPeriodNs, 4 * kMs);
  EXPECT_TRUE(gauge.is_used_up(now_ns + 90 * kMs, kQuotaNs, kPeriodNs));
  EXPECT_FALSE(gauge.is_used_up(kStartNs + 2 * kPeriodNs + 18 * kMs, kQuotaNs, kPeriodNs));
}

TEST(LimitGauge, ALimitIsFreeAgainWhenAPeriodHasPassedSinceItWasUsed) {
  LimitGauge gauge;
  gauge.use(kStartNs, 2);
  gauge.use(kStartNs + 10 * kMs, 0);
  EXPECT_TRUE(gauge.is_used_up(kStartNs + 99 * kMs, kQuotaNs, kPeriodNs));
  EXPECT_FALSE(gauge.is_used_up(kStartNs + 103 * kMs, kQuotaNs, kPeriodNs));
}

TEST(LimitGauge, WhatWasUsedLongAgoDoesNotCount) {
  LimitGauge gauge;
  for (u64 at_ns = kStartNs; at_ns < kStartNs + 1'000 * kMs; at_ns += 10 * kMs) {
    gauge.use(at_ns, 1);
    gauge.use(at_ns + kMs, 0);
    EXPECT_FALSE(gauge.is_used_up(at_ns + 2 * kMs, kQuotaNs, kPeriodNs));
  }
}

}  // namespace
}  // namespace scx_pair
