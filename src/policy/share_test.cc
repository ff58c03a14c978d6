// SPDX-License-Identifier: GPL-2.0-only
#include "policy/share.h"

#include <gtest/gtest.h>

namespace
{

share node(u32 weight)
{
	share share{};
	share.weight = weight;
	return share;
}

TEST(Share, WhoHasNothingRunnableIsNotCounted)
{
	const share asleep = node(300);
	EXPECT_EQ(share_given(&asleep), 0u);
}

TEST(Share, ARunnableTaskOrAnActiveChildCountsWithTheWeight)
{
	share own = node(300), child = node(200);
	own.own[BAND_ORDINARY] = 2;
	child.children[BAND_ORDINARY] = 1;
	EXPECT_EQ(share_given_weight(share_given(&own)), 300u);
	EXPECT_EQ(share_given_band(share_given(&own)), BAND_ORDINARY);
	EXPECT_EQ(share_given_weight(share_given(&child)), 200u);
}

TEST(Share, OnlyIdleTasksOrCpuIdleCountInTheLeftoverBand)
{
	share tasks = node(300), cgroup = node(300);
	tasks.own[BAND_LEFTOVER] = 1;
	cgroup.own[BAND_ORDINARY] = 1;
	cgroup.idle = 1;
	EXPECT_EQ(share_given_band(share_given(&tasks)), BAND_LEFTOVER);
	EXPECT_EQ(share_given_band(share_given(&cgroup)), BAND_LEFTOVER);
	tasks.own[BAND_ORDINARY] = 1;
	EXPECT_EQ(share_given_band(share_given(&tasks)), BAND_ORDINARY);
}

TEST(Share, BelowAnIdleCgroupEverythingRunsInWhatOthersLeave)
{
	share share = node(100);
	share.own[BAND_ORDINARY] = 1;
	EXPECT_EQ(share_own_band(&share), BAND_ORDINARY);
	share.leftover = 1;
	EXPECT_EQ(share_own_band(&share), BAND_LEFTOVER);
}

TEST(Share, TasksBesideChildrenAreOneChildOfDefaultWeight)
{
	share share = node(100);
	share.sum[BAND_ORDINARY] = 250;
	EXPECT_EQ(share_whole(&share, BAND_ORDINARY), 250u);
	share.own[BAND_ORDINARY] = 7;
	EXPECT_EQ(share_whole(&share, BAND_ORDINARY), 350u);
	EXPECT_EQ(share_whole(&share, BAND_LEFTOVER), 0u);
}

TEST(Share, APartIsAPartAndNeverNothing)
{
	EXPECT_EQ(share_part(weight_of(200), 100, 400), weight_of(50));
	EXPECT_EQ(share_part(weight_of(10000), 10000, 10000), weight_of(10000));
	EXPECT_EQ(share_part(1, 1, 10000), 1u);
}

TEST(Share, SumsThatLagBehindGiveNobodyMoreThanAll)
{
	EXPECT_EQ(share_part(weight_of(100), 300, 200), weight_of(100));
	EXPECT_EQ(share_part(weight_of(100), 300, 0), weight_of(100));
}

} // namespace
