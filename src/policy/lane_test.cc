// SPDX-License-Identifier: GPL-2.0-only
#include "policy/lane.h"

#include <gtest/gtest.h>

namespace
{

constexpr u32 kRed = 1, kBlue = 2;
constexpr u64 kSecondNs = 1'000'000'000;

TEST(Lane, ADomainHasOneTaskInEachRound)
{
	lane_rounds lane{};
	EXPECT_EQ(lane_join(&lane, kRed), 0U);
	EXPECT_EQ(lane_join(&lane, kRed), 1U);
	EXPECT_EQ(lane_join(&lane, kRed), 2U);
}

TEST(Lane, OneTaskOfADomainGoesBeforeTheSecondOfAnotherThatHasMany)
{
	lane_rounds lane{};
	for (u32 i = 0; i < 400; i++)
		lane_join(&lane, kRed);
	EXPECT_EQ(lane_join(&lane, kBlue), 0U);
}

TEST(Lane, ATaskThatComesBackJoinsTheRoundThatIsServed)
{
	lane_rounds lane{};
	lane_join(&lane, kRed);
	lane_serve(&lane, 7);
	EXPECT_EQ(lane_join(&lane, kRed), 7U);
	EXPECT_EQ(lane_join(&lane, kRed), 8U);
}

TEST(Lane, ARoundThatHasBeenServedDoesNotComeBack)
{
	lane_rounds lane{};
	lane_serve(&lane, 7);
	lane_serve(&lane, 3);
	EXPECT_EQ(lane.now, 7U);
}

TEST(Lane, OrderHoldsAcrossAWrapOfTheRounds)
{
	lane_rounds lane{};
	lane.now = ~0U;
	for (lane_tenant &tenant : lane.tenants)
		tenant.round = ~0U - 1;
	EXPECT_EQ(lane_join(&lane, kRed), ~0U);
	EXPECT_EQ(lane_join(&lane, kRed), 0U);
	lane_serve(&lane, 0);
	EXPECT_EQ(lane_join(&lane, kBlue), 0U);
}

TEST(Lane, OfMoreDomainsThanItRemembersTheOneWithTheEarliestRoundIsForgotten)
{
	lane_rounds lane{};
	for (u32 i = 0; i < 3; i++)
		lane_join(&lane, kRed);
	for (u32 slot = 10; slot < 10 + 2 * LANE_TENANTS_MAX; slot++)
		EXPECT_EQ(lane_join(&lane, slot), 0U);
	EXPECT_EQ(lane_join(&lane, kRed), 3U);
}

TEST(Lane, DomainsAreCountedAndNotTasks)
{
	lane_rounds lane{};
	lane_serve(&lane, 5);
	for (u32 i = 0; i < 100; i++)
		lane_join(&lane, kRed);
	EXPECT_EQ(lane_tenants(&lane, 100), 1U);
	lane_join(&lane, kBlue);
	EXPECT_EQ(lane_tenants(&lane, 101), 2U);
	EXPECT_EQ(lane_tenants(&lane, 1), 1U);
}

TEST(Lane, KeysGoByRoundWhateverTheVirtualTimes)
{
	EXPECT_TRUE(vtime_before(lane_key(4, 900 * kSecondNs), lane_key(5, 0)));
	EXPECT_TRUE(vtime_before(lane_key(~0U, 900 * kSecondNs), lane_key(0, 0)));
	EXPECT_EQ(lane_key_round(lane_key(77, 12345)), 77U);
}

TEST(Lane, AKeyKeepsTheVirtualTimeToEightMicroseconds)
{
	for (const u64 now : {kSecondNs, 50'000 * kSecondNs, VTIME_LEFTOVER / 4}) {
		for (const u64 vtime : {now, now - kSecondNs / 2, now + 3'600 * kSecondNs}) {
			const u64 key = lane_key(3, vtime);
			const u64 kept = lane_key_vtime(key, now);
			EXPECT_EQ(key & LANE_KEY_WAS_HELD, 0U);
			EXPECT_EQ(lane_key_vtime(key | LANE_KEY_WAS_HELD, now), kept);
			EXPECT_LE(kept, vtime);
			EXPECT_LT(vtime - kept, 8192U);
		}
	}
}

TEST(Lane, ADomainThatIsFarAheadIsNextWhenTheOwnerHasHeldAsMuchAsATurn)
{
	lane_rounds lane{};
	lane_join(&lane, kRed);
	const u64 rank = 900 * kSecondNs, owner = 5 * kSecondNs, turn = kSecondNs;
	EXPECT_EQ(rank - lane_bonus(&lane, kRed, rank, owner, turn), owner + turn);
	EXPECT_EQ(rank - lane_bonus(&lane, kRed, rank, owner + 2 * turn, turn), owner + turn);
}

TEST(Lane, ADomainThatIsBehindAnywayGetsNothingForIt)
{
	lane_rounds lane{};
	lane_join(&lane, kRed);
	EXPECT_EQ(lane_bonus(&lane, kRed, kSecondNs, 5 * kSecondNs, kSecondNs), 0U);
}

TEST(Lane, WhoHasBeenServedBeginsToWaitAnew)
{
	lane_rounds lane{};
	lane_join(&lane, kRed);
	const u64 rank = 900 * kSecondNs;
	lane_bonus(&lane, kRed, rank, kSecondNs, 0);
	lane_served(&lane, kRed);
	EXPECT_EQ(rank - lane_bonus(&lane, kRed, rank, 8 * kSecondNs, 0), 8 * kSecondNs);
}

TEST(Lane, WhoComesBackBeginsToWaitAnew)
{
	lane_rounds lane{};
	lane_join(&lane, kRed);
	const u64 rank = 900 * kSecondNs;
	lane_bonus(&lane, kRed, rank, kSecondNs, 0);
	lane_serve(&lane, 3);
	lane_join(&lane, kRed);
	EXPECT_EQ(rank - lane_bonus(&lane, kRed, rank, 8 * kSecondNs, 0), 8 * kSecondNs);
}

} // namespace
