// SPDX-License-Identifier: GPL-2.0-only
#include "policy/domain.h"

#include <gtest/gtest.h>

namespace
{

TEST(Domain, DifferentDomainsDisagree)
{
	EXPECT_FALSE(domains_agree(7, 8));
	EXPECT_TRUE(domains_agree(7, 7));
}

TEST(Domain, NobodyAndTrustedKernelThreadsAgreeWithEverybody)
{
	EXPECT_TRUE(domains_agree(7, DOMAIN_NONE));
	EXPECT_TRUE(domains_agree(DOMAIN_TRUSTED, 7));
	EXPECT_FALSE(domain_excludes(DOMAIN_NONE));
	EXPECT_FALSE(domain_excludes(DOMAIN_TRUSTED));
	EXPECT_TRUE(domain_excludes(DOMAIN_ROOT));
}

TEST(Vtime, OrderHoldsAcrossTheWrap)
{
	EXPECT_TRUE(vtime_before(1, 2));
	EXPECT_FALSE(vtime_before(2, 2));
	EXPECT_TRUE(vtime_before(~0ull, 5));
}

TEST(Vtime, CostIsInverseToWeight)
{
	EXPECT_EQ(vtime_cost(1'000'000, weight_of(100)), 1'000'000u);
	EXPECT_EQ(vtime_cost(1'000'000, weight_of(200)), 500'000u);
	EXPECT_EQ(vtime_cost(1'000'000, weight_of(10000)), 10'000u);
	EXPECT_EQ(vtime_cost(1'000'000, weight_of(1)), 100'000'000u);
}

TEST(Vtime, ARunOfADayCostsWhatItsHoursCost)
{
	constexpr u64 kHourNs = 3'600'000'000'000;
	EXPECT_EQ(vtime_cost(24 * kHourNs, weight_of(100)), 24 * kHourNs);
	EXPECT_EQ(vtime_cost(24 * kHourNs, weight_of(50)), 48 * kHourNs);
	EXPECT_EQ(vtime_cost(24 * kHourNs, weight_of(10000)), 24 * kHourNs / 100);
}

TEST(Vtime, NoChargeReachesWhoRunsInWhatOthersLeave)
{
	EXPECT_EQ(vtime_cost(~0ull, 1), VTIME_COST_MOST);
	EXPECT_FALSE(vtime_is_leftover(2 * vtime_cost(~0ull, 1)));
}

TEST(Time, WhatComesLaterIsNoTimeAgo)
{
	EXPECT_EQ(ns_since(5, 12), 7u);
	EXPECT_EQ(ns_since(12, 5), 0u);
}

TEST(Vtime, AWeightOfZeroDoesNotDivide)
{
	EXPECT_EQ(vtime_cost(5, 0), vtime_cost(5, 1));
	EXPECT_EQ(weight_of(0), WEIGHT_UNIT);
}

TEST(Vtime, WhoRunsInWhatOthersLeaveIsAheadOfEverybodyElse)
{
	EXPECT_TRUE(vtime_before(1ull << 59, vtime_ranked(0, true)));
	EXPECT_TRUE(vtime_before(vtime_ranked(1, true), vtime_ranked(2, true)));
	EXPECT_EQ(vtime_ranked(vtime_ranked(7, true), true), vtime_ranked(7, true));
	EXPECT_EQ(vtime_ranked(vtime_ranked(7, true), false), 7u);
	EXPECT_TRUE(vtime_is_leftover(vtime_ranked(7, true)));
	EXPECT_FALSE(vtime_is_leftover(7));
}

TEST(Vtime, ASleeperKeepsAtMostItsCredit)
{
	EXPECT_EQ(vtime_join(100, 10'000, 500), 9'500u);
}

TEST(Vtime, WhoIsAheadIsNotSetBack)
{
	EXPECT_EQ(vtime_join(20'000, 10'000, 500), 20'000u);
	EXPECT_EQ(vtime_join(9'600, 10'000, 500), 9'600u);
}

TEST(Vtime, NobodyIsFurtherAheadThanTheLead)
{
	EXPECT_EQ(vtime_clamp(150, 100, 50), 150u);
	EXPECT_EQ(vtime_clamp(151, 100, 50), 150u);
	EXPECT_EQ(vtime_clamp(20, 100, 50), 20u);
	EXPECT_EQ(vtime_clamp(~0ull, 5, 50), ~0ull);
}

} // namespace
