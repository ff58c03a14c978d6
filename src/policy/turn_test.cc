// SPDX-License-Identifier: GPL-2.0-only
#include "policy/turn.h"

#include <gtest/gtest.h>

#include "policy/turn_test_support.h"

namespace
{

TEST(TurnPatience, GrowsWithTheWaitUpToItsBound)
{
	EXPECT_EQ(turn_patience(0, &kParams, kStart), 0u);
	EXPECT_EQ(turn_patience(kStart, &kParams, kStart - 1), 0u);
	EXPECT_EQ(turn_patience(kStart, &kParams, kStart + kMs), kMs);
	EXPECT_EQ(turn_patience(kStart, &kParams, kStart + 9 * kMs), kParams.patience_ns);
}

TEST(TurnPatience, OfWhoDidNotWakeBeginsWhenARoundIsOver)
{
	const u64 due_ns = kStart + kParams.round_ns;
	EXPECT_EQ(turn_round_patience(kStart, 2, &kParams, kStart - 1), 0u);
	EXPECT_EQ(turn_round_patience(kStart, 2, &kParams, due_ns), 0u);
	EXPECT_EQ(turn_round_patience(kStart, 2, &kParams, due_ns + kMs), 2 * kMs);
	EXPECT_EQ(turn_round_patience(kStart, 4, &kParams, due_ns + kMs / 2), 2 * kMs);
	EXPECT_EQ(turn_round_patience(kStart, 2, &kParams, due_ns + 9 * kMs),
		  2 * kParams.patience_ns);
}

TEST(TurnTakes, TheOwnersTasksUnlessThePairDrains)
{
	pair pair = red_pair();
	pair.seats[0].occupant = DOMAIN_NONE;
	EXPECT_TRUE(turn_takes(&pair, kRed));
	EXPECT_FALSE(turn_takes(&pair, kBlue));
	pair.draining = true;
	EXPECT_FALSE(turn_takes(&pair, kRed));
	EXPECT_TRUE(turn_is_with(&pair, kRed));
}

TEST(TurnTakes, AGuestsTasksUnlessSomebodyElseHasClaimedASeat)
{
	pair pair = red_pair();
	pair.owner = kBlue;
	pair.seats[0].occupant = DOMAIN_NONE;
	EXPECT_TRUE(turn_takes(&pair, kRed));
	pair.seats[1].claim = kBlue;
	EXPECT_FALSE(turn_takes(&pair, kRed));
	EXPECT_TRUE(turn_takes(&pair, kBlue));
}

TEST(TurnTakes, NobodyBesideAHigherClassUnderWhichAnothersTaskWaits)
{
	pair pair = red_pair();
	pair.seats[1].higher = 1;
	EXPECT_TRUE(turn_takes(&pair, kRed));
	pair.seats[1].claim = kBlue;
	EXPECT_FALSE(turn_takes(&pair, kRed));
}

TEST(TurnTakes, NobodysTasksWhileTwoDomainsMeet)
{
	pair pair = red_pair();
	pair.seats[1].occupant = kBlue;
	pair.seats[1].higher = 1;
	pair.window_since_ns = kStart;
	EXPECT_FALSE(turn_takes(&pair, kRed));
	EXPECT_FALSE(turn_takes(&pair, kBlue));
}

TEST(TurnTakes, BesideAHigherClassItsDomainsTasksAndNobodyElses)
{
	pair pair = red_pair();
	pair.draining = true;
	pair.seats[0].occupant = DOMAIN_NONE;
	pair.seats[1].occupant = kBlue;
	pair.seats[1].higher = 1;
	EXPECT_TRUE(turn_takes(&pair, kBlue));
	EXPECT_FALSE(turn_takes(&pair, kRed));
	EXPECT_TRUE(turn_is_with(&pair, kBlue));
}

TEST(TurnLength, ManyWhoWaitMakeTurnsShorterWithinBounds)
{
	EXPECT_EQ(turn_length_ns(&kParams, 0), 20 * kMs);
	EXPECT_EQ(turn_length_ns(&kParams, 2), 20 * kMs);
	EXPECT_EQ(turn_length_ns(&kParams, 10), 4 * kMs);
	EXPECT_EQ(turn_length_ns(&kParams, 1000), 2 * kMs);
}

} // namespace
