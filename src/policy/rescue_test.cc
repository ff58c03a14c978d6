// SPDX-License-Identifier: GPL-2.0-only
#include "policy/rescue.h"

#include <gtest/gtest.h>

namespace
{

constexpr u64 kMoment = 1'000'000;

TEST(RescueAfter, IsARoundDividedAmongTheTasks)
{
	EXPECT_EQ(rescue_after_ns(1, kMoment, false), RESCUE_ROUND_NS);
	EXPECT_EQ(rescue_after_ns(10, kMoment, false), RESCUE_ROUND_NS / 10);
	EXPECT_EQ(rescue_after_ns(0, kMoment, false), RESCUE_ROUND_NS);
}

TEST(RescueAfter, ALimitIsExceededAsLateAsPossible)
{
	EXPECT_EQ(rescue_after_ns(1, kMoment, true), RESCUE_LAST_NS);
	EXPECT_EQ(rescue_after_ns(20, kMoment, true), RESCUE_LAST_NS / 20);
}

TEST(RescueAfter, ManyTasksShareASixteenthOfACoreWhileTheLastRoundHasRoomForThem)
{
	EXPECT_EQ(rescue_after_ns(500, kMoment, false), RESCUE_PART * kMoment);
	EXPECT_EQ(rescue_after_ns(1'000, kMoment, false), RESCUE_PART * kMoment);
}

TEST(RescueAfter, EachOfThousandsRunsWithinTheLastRoundUpToHalfOfACore)
{
	for (u32 tasks = 1'000; tasks <= 8'000; tasks += 500)
		EXPECT_LE(tasks * rescue_after_ns(tasks, kMoment, false), RESCUE_LAST_NS);
	EXPECT_EQ(rescue_after_ns(100'000, kMoment, false), RESCUE_PART_LAST * kMoment);
}

TEST(RescueGap, LeavesTheOthersMostOfACoreUntilSomebodyIsVeryLate)
{
	EXPECT_EQ(rescue_gap_ns(0, kMoment, 1), RESCUE_PART * kMoment);
	EXPECT_EQ(rescue_gap_ns(RESCUE_LATE_NS, kMoment, 1), RESCUE_PART_LAST * kMoment);
	EXPECT_EQ(rescue_gap_ns(RESCUE_TOO_LATE_NS, kMoment, 1), 0u);
}

TEST(RescueGap, IsSharedByTheCoresOfAZone)
{
	EXPECT_EQ(rescue_gap_ns(0, kMoment, 4), RESCUE_PART * kMoment / 4);
	EXPECT_EQ(rescue_gap_ns(0, kMoment, 0), RESCUE_PART * kMoment);
}

} // namespace
