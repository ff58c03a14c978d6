// SPDX-License-Identifier: GPL-2.0-only
#include "policy/nice.h"

#include <gtest/gtest.h>

namespace
{

constexpr u32 kNiceZero = 120;

TEST(Nice, ZeroHasTheDefaultWeight)
{
	EXPECT_EQ(nice_weight(kNiceZero, false), WEIGHT_DEFAULT);
}

TEST(Nice, EachLevelIsWorthAQuarterMoreThanTheNext)
{
	for (u32 prio = NICE_FIRST_PRIO; prio + 1 < NICE_END_PRIO; ++prio)
		EXPECT_NEAR(1.0 * nice_weight(prio, false) / nice_weight(prio + 1, false), 1.25,
			    1e-4);
}

TEST(Nice, ZeroBesideFiveIsAsInTheKernelWithinAHundredth)
{
	EXPECT_NEAR(1.0 * nice_weight(kNiceZero, false) / nice_weight(kNiceZero + 5, false),
		    1024.0 / 335, 0.03);
}

TEST(Nice, WhatIsNoNiceValueCountsAsZero)
{
	EXPECT_EQ(nice_weight(0, false), WEIGHT_DEFAULT);
	EXPECT_EQ(nice_weight(NICE_END_PRIO, false), WEIGHT_DEFAULT);
}

TEST(Nice, SchedIdleIsAThreehundredthOfNiceZeroWhateverItsNiceValue)
{
	EXPECT_NEAR(1.0 * WEIGHT_DEFAULT / nice_weight(kNiceZero - 20, true), 1024.0 / 3, 1);
}

TEST(Nice, WhoCountsForLessHasAShorterSliceDownToTheLeast)
{
	EXPECT_EQ(nice_slice(5000, 500, nice_weight(kNiceZero - 5, false)), 5000u);
	EXPECT_EQ(nice_slice(5000, 500, WEIGHT_DEFAULT), 5000u);
	EXPECT_EQ(nice_slice(5000, 500, WEIGHT_DEFAULT / 4), 1250u);
	EXPECT_EQ(nice_slice(5000, 500, NICE_IDLE_WEIGHT), 500u);
}

TEST(TaskProgress, FollowsTheStartsButNeverBackAndByOneSliceAtTheMost)
{
	EXPECT_EQ(task_progress(1000, 1400, 500), 1400u);
	EXPECT_EQ(task_progress(1000, 900, 500), 1000u);
	EXPECT_EQ(task_progress(1000, 90'000, 500), 1500u);
}

TEST(TaskLead, IsWhatOneRunCostsWhereFewWait)
{
	EXPECT_EQ(task_lead_max(5'000'000, WEIGHT_DEFAULT, {0, 1}), 5'000'000 + TASK_OVERRUN_NS);
	EXPECT_EQ(task_lead_max(1'000'000, WEIGHT_DEFAULT / 4, {2, 2}),
		  4 * (1'000'000 + TASK_OVERRUN_NS));
}

TEST(TaskLead, IsARoundsPartWhereManyWait)
{
	EXPECT_EQ(task_lead_max(1'000'000, NICE_IDLE_WEIGHT, {99, 1}), TASK_ROUND_NS / 100);
	EXPECT_EQ(task_lead_max(1'000'000, NICE_IDLE_WEIGHT, {99, 4}), TASK_ROUND_NS / 25);
}

TEST(TaskLead, KnowsNoMachineWithoutCpus)
{
	EXPECT_EQ(task_lead_max(1'000'000, NICE_IDLE_WEIGHT, {999, 0}), TASK_ROUND_NS / 1000);
}

} // namespace
