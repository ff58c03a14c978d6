// SPDX-License-Identifier: GPL-2.0-only
#include "policy/bandwidth.h"

#include <gtest/gtest.h>

namespace
{

constexpr u64 kMs = 1'000'000;
constexpr u64 kStart = 1'000 * kMs;

// 20 ms of every 100 ms, in a period that began at kStart.
bandwidth limit(u64 burst_ns = 0)
{
	bandwidth b{};
	bandwidth_set(&b, 20 * kMs, 100 * kMs, burst_ns);
	bandwidth_refresh(&b, kStart);
	return b;
}

TEST(Bandwidth, WithoutALimitNothingIsEverUsedUp)
{
	bandwidth b{};
	bandwidth_set(&b, 0, 100 * kMs, 0);
	bandwidth_refresh(&b, kStart);
	bandwidth_take(&b, 1'000 * kMs, kStart);
	EXPECT_FALSE(bandwidth_is_used_up(&b));
	EXPECT_EQ(bandwidth_slice(&b, 5 * kMs), 5 * kMs);
}

TEST(Bandwidth, AQuotaForEveryCpuLimitsNobody)
{
	EXPECT_TRUE(bandwidth_binds(399 * kMs, 100 * kMs, 4));
	EXPECT_FALSE(bandwidth_binds(400 * kMs, 100 * kMs, 4));
}

TEST(Bandwidth, TheQuotaIsUsedUpUntilThePeriodEnds)
{
	bandwidth b = limit();
	bandwidth_take(&b, 15 * kMs, kStart);
	EXPECT_FALSE(bandwidth_is_used_up(&b));
	EXPECT_EQ(bandwidth_slice(&b, 2 * kMs), 2 * kMs);
	EXPECT_EQ(bandwidth_slice(&b, 8 * kMs), 5 * kMs / 2);
	bandwidth_take(&b, 4 * kMs, kStart);
	EXPECT_EQ(bandwidth_slice(&b, 8 * kMs), BANDWIDTH_SLICE_MIN_NS);
	bandwidth_take(&b, -(4 * s64{kMs}), kStart);
	bandwidth_take(&b, 5 * kMs, kStart);
	EXPECT_TRUE(bandwidth_is_used_up(&b));
	bandwidth_refresh(&b, kStart + 99 * kMs);
	EXPECT_TRUE(bandwidth_is_used_up(&b));
	bandwidth_refresh(&b, kStart + 100 * kMs);
	EXPECT_FALSE(bandwidth_is_used_up(&b));
	EXPECT_EQ(b.left_ns, 20 * s64{kMs});
}

TEST(Bandwidth, WhatWasUsedAheadIsMissingLater)
{
	bandwidth b = limit();
	bandwidth_take(&b, 45 * kMs, kStart);
	bandwidth_refresh(&b, kStart + 100 * kMs);
	EXPECT_TRUE(bandwidth_is_used_up(&b));
	EXPECT_EQ(b.left_ns, -5 * s64{kMs});
	bandwidth_refresh(&b, kStart + 200 * kMs);
	EXPECT_EQ(b.left_ns, 15 * s64{kMs});
}

TEST(Bandwidth, WhatWasTakenAndNotUsedComesBack)
{
	bandwidth b = limit();
	bandwidth_take(&b, 20 * kMs, kStart);
	bandwidth_take(&b, -(8 * s64{kMs}), kStart + kMs);
	EXPECT_FALSE(bandwidth_is_used_up(&b));
	EXPECT_EQ(b.throttled_since_ns, 0u);
}

TEST(Bandwidth, OnlyTheBurstIsKeptOfWhatIsLeftOver)
{
	bandwidth b = limit(10 * kMs);
	bandwidth_refresh(&b, kStart + 1'000 * kMs);
	EXPECT_EQ(b.left_ns, 30 * s64{kMs});
	bandwidth without = limit();
	bandwidth_refresh(&without, kStart + 1'000 * kMs);
	EXPECT_EQ(without.left_ns, 20 * s64{kMs});
}

TEST(Bandwidth, PeriodsFollowEachOtherWithoutDrift)
{
	bandwidth b = limit();
	bandwidth_refresh(&b, kStart + 130 * kMs);
	EXPECT_EQ(b.until_ns, kStart + 200 * kMs);
	bandwidth_refresh(&b, kStart + 555 * kMs);
	EXPECT_EQ(b.until_ns, kStart + 600 * kMs);
}

TEST(Bandwidth, PeriodsThatWereUsedUpAreCountedWithTheTimeOfWant)
{
	bandwidth b = limit();
	bandwidth_take(&b, 20 * kMs, kStart + 30 * kMs);
	bandwidth_refresh(&b, kStart + 100 * kMs);
	bandwidth_refresh(&b, kStart + 200 * kMs);
	EXPECT_EQ(b.periods, 2u);
	EXPECT_EQ(b.throttled_periods, 1u);
	EXPECT_EQ(b.throttled_ns, 70 * kMs);
}

TEST(Bandwidth, OverManyPeriodsUseIsTheQuotaHoweverItOvershoots)
{
	bandwidth b = limit();
	u64 used_ns = 0;
	for (u64 now_ns = kStart; now_ns < kStart + 10'000 * kMs; now_ns += 4 * kMs) {
		bandwidth_refresh(&b, now_ns);
		if (bandwidth_is_used_up(&b))
			continue;
		bandwidth_take(&b, 8 * kMs, now_ns); // two cpus, a tick each
		used_ns += 8 * kMs;
	}
	EXPECT_GE(used_ns, 1'980 * kMs);
	EXPECT_LE(used_ns, 2'020 * kMs);
}

} // namespace
