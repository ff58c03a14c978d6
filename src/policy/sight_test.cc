// SPDX-License-Identifier: GPL-2.0-only
#include "policy/sight.h"

#include <gtest/gtest.h>

#include "policy/stay.h"

namespace
{

constexpr u64 kRed = 100;
constexpr u64 kBlue = 200;
constexpr u64 kNow = 5'000;

pair two_seats()
{
	pair pair{};
	pair.nr_seats = 2;
	return pair;
}

void occupy(pair &pair, u32 me, u64 domain, bool higher = false)
{
	pair_switch result{};
	pair_occupy(&pair, me, domain, higher, true, WINDOW_UNSANCTIONED, kNow, &result);
}

pair_hold held_by_others(const pair &pair, u32 me)
{
	pair_hold hold{};
	pair_held_by_others(&pair, me, &hold);
	return hold;
}

pair_switch see(pair &pair, u32 me, const pair_sight &sight)
{
	pair_switch result{};
	pair_see(&pair, me, &sight, kNow, &result);
	return result;
}

TEST(PairSee, ATaskThatRanBeforeSwitchesWereToldHoldsThePair)
{
	pair pair = two_seats();
	see(pair, 0, {kRed, 0, true});
	EXPECT_EQ(u64{held_by_others(pair, 1).domain}, kRed);
	EXPECT_TRUE(bool{held_by_others(pair, 1).higher});
}

TEST(PairSee, WhoStandsBesideItIsSentAwayInAWindow)
{
	pair pair = two_seats();
	occupy(pair, 1, kBlue);
	const pair_switch result = see(pair, 0, {kRed, 0, true});
	EXPECT_EQ(result.window_opened, u32{WINDOW_HIGHER});
	EXPECT_EQ(result.kick_away, 0b10u);
}

TEST(PairSee, ASwitchSinceTheSightCounts)
{
	pair pair = two_seats();
	const pair_sight sight{kRed, pair.seats[0].changes, true};
	occupy(pair, 0, kBlue);
	see(pair, 0, sight);
	EXPECT_EQ(pair.seats[0].occupant, kBlue);
	EXPECT_FALSE(pair.seats[0].higher);
}

TEST(PairSee, WhatIsKnownIsLeftAlone)
{
	pair pair = two_seats();
	occupy(pair, 0, kRed);
	pair.seats[0].asked_ns = 7;
	see(pair, 0, {kRed, pair.seats[0].changes, false});
	EXPECT_EQ(pair.seats[0].asked_ns, 7u);
}

TEST(PairSee, AClaimOutlivesTheSight)
{
	pair pair = two_seats();
	pair.seats[0].claim = kBlue;
	see(pair, 0, {kRed, 0, true});
	EXPECT_EQ(pair.seats[0].claim, kBlue);
}

bool still_keeps(const pair &pair, u32 me, u64 domain)
{
	pair_hold hold{};
	return pair_still_keeps(&pair, me, domain, &hold);
}

TEST(PairStillKeeps, ATaskBesideItsOwnDomain)
{
	pair pair = two_seats();
	pair.seats[0].claim = kRed;
	occupy(pair, 1, kRed);
	EXPECT_TRUE(still_keeps(pair, 0, kRed));
}

TEST(PairStillKeeps, NoTaskThatAHigherClassCameBesideMeanwhile)
{
	pair pair = two_seats();
	occupy(pair, 0, kRed);
	occupy(pair, 1, kBlue, true);
	EXPECT_FALSE(still_keeps(pair, 0, kRed));
}

TEST(PairStillKeeps, NoTaskOfAPairThatDrainsMeanwhile)
{
	pair pair = two_seats();
	pair.draining = 1;
	EXPECT_FALSE(still_keeps(pair, 0, kRed));
}

} // namespace
