// SPDX-License-Identifier: GPL-2.0-only
//
// What is left of a look that found nothing: a seat that rests.
#include <gtest/gtest.h>

#include "policy/look_test_support.h"

namespace
{

TEST(TurnRest, TheLastSeatToRestEndsTheTurnAndPaysForIt)
{
	pair pair = red_pair();
	turn_choice choice{};
	for (seat &seat : pair.seats) {
		seat.occupant = DOMAIN_NONE;
		seat.resting = 1;
	}
	EXPECT_TRUE(turn_settle_idle(&pair, kStart + 3 * kMs, &choice));
	EXPECT_EQ(pair.owner, DOMAIN_NONE);
	EXPECT_EQ(choice.charge_ns, 6 * kMs);
}

// Both seats rest, and red has a turn because there is work for seat 1.
pair awaiting_pair()
{
	pair pair{};
	pair.nr_seats = 2;
	for (seat &seat : pair.seats)
		seat.resting = 1;
	choose(pair, 0, offer({candidate(kRed, 1, 1u << 1)}), kStart);
	return pair;
}

TEST(TurnRest, ATurnIsNotOverWhileTheSeatItWasOpenedForIsOnItsWay)
{
	pair pair = awaiting_pair();
	turn_choice choice{};
	EXPECT_FALSE(turn_settle_idle(&pair, kStart, &choice));
	EXPECT_EQ(pair.owner, kRed);
	choose(pair, 1, offer(), kStart);
	turn_unclaim(&pair, 1);
	pair.seats[1].resting = 1;
	EXPECT_TRUE(turn_settle_idle(&pair, kStart, &choice));
	EXPECT_EQ(pair.owner, DOMAIN_NONE);
}

TEST(TurnRest, ASeatThatHasATaskIsNotOnItsWay)
{
	pair pair = awaiting_pair();
	turn_choice choice{};
	pair_switch result{};
	pair_occupy(&pair, 1, DOMAIN_TRUSTED, false, true, WINDOW_UNSANCTIONED, kStart, &result);
	EXPECT_TRUE(turn_settle_idle(&pair, kStart, &choice));
}

TEST(TurnRest, BesideAKernelThreadThePairIsIdleAndItsTurnGoesOn)
{
	pair pair = red_pair();
	turn_choice choice{};
	pair.seats[0].occupant = DOMAIN_NONE;
	pair.seats[0].resting = 1;
	pair.seats[1].occupant = DOMAIN_TRUSTED;
	EXPECT_TRUE(turn_settle_idle(&pair, kStart + 3 * kMs, &choice));
	EXPECT_EQ(pair.owner, kRed);
	EXPECT_EQ(choice.charge_ns, 0u);
}

TEST(TurnRest, ASeatLooksAgainIfItsSiblingsChangedWhileItLooked)
{
	pair pair = red_pair();
	turn_choice choice = choose(pair, 0, offer({candidate(kBlue, 0)}), kStart + kMs);
	turn_unclaim(&pair, 0);
	EXPECT_FALSE(turn_rest(&pair, 0, &choice, kStart + kMs));
	pair.seats[1].occupant = kBlue;
	choice.held.domain = kRed;
	EXPECT_TRUE(turn_rest(&pair, 0, &choice, kStart + kMs));
}

TEST(TurnRest, ASeatLooksAgainIfItsSiblingHasSwitchedToWhatItHadClaimedWhileItLooked)
{
	pair pair = red_pair();
	pair.seats[0].occupant = DOMAIN_NONE;
	pair.seats[1].claim = kBlue;
	turn_choice choice = choose(pair, 0, offer({candidate(kBlue, 0)}), kStart + kMs);
	EXPECT_TRUE(choice.blocked);
	EXPECT_FALSE(turn_rest(&pair, 0, &choice, kStart + kMs));
	pair.seats[1].occupant = kBlue;
	EXPECT_TRUE(turn_rest(&pair, 0, &choice, kStart + kMs));
}

TEST(TurnRest, ASeatThatHasNothingWouldTakeWhatItsSiblingsAgreeWith)
{
	turn_choice choice{};
	EXPECT_TRUE(turn_would_take(&choice, kBlue));
	choice.held.domain = kRed;
	EXPECT_TRUE(turn_would_take(&choice, kRed));
	EXPECT_FALSE(turn_would_take(&choice, kBlue));
	choice.waits = true;
	EXPECT_FALSE(turn_would_take(&choice, kRed));
	choice.waits = false;
	choice.domain = kRed;
	EXPECT_FALSE(turn_would_take(&choice, kRed));
}

TEST(TurnRest, ASeatBetweenTwoDomainsWouldTakeNothing)
{
	turn_choice choice{};
	choice.held.mixed = true;
	EXPECT_FALSE(turn_would_take(&choice, kRed));
}

// A limit of red is used up; seat 0 runs the last task of it, and blue waits.
turn_choice choose_beside_used_up(pair &pair, u64 now_ns)
{
	turn_offer used_up = offer({candidate(kBlue, 0)});
	used_up.owner_used_up = true;
	used_up.owner_dry = true;
	used_up.join_dry = kRed;
	return choose(pair, 1, used_up, now_ns);
}

TEST(TurnRest, TheLastTaskOfAUsedUpLimitLeavesWhenItHasHadItsBurst)
{
	pair pair = red_pair();
	pair.seats[1].occupant = DOMAIN_NONE;
	pair.seats[0].task_start_ns = kStart;
	const turn_choice choice = choose_beside_used_up(pair, kStart + kParams.burst_ns);
	EXPECT_EQ(choice.domain, DOMAIN_NONE);
	EXPECT_TRUE(pair.draining);
	EXPECT_EQ(choice.kick_leave, 1U);
}

TEST(TurnRest, TheLastTaskOfAUsedUpLimitHasItsBurst)
{
	pair pair = red_pair();
	pair.seats[1].occupant = DOMAIN_NONE;
	pair.seats[0].task_start_ns = kStart;
	const turn_choice choice = choose_beside_used_up(pair, kStart + 1);
	EXPECT_EQ(choice.kick_leave, 0U);
	EXPECT_FALSE(pair.draining);
	EXPECT_EQ(pair.turn_end_ns, kStart + kParams.burst_ns);
}

TEST(TurnRest, TheLastTaskOfAUsedUpLimitStaysIfNobodyWaits)
{
	pair pair = red_pair();
	pair.seats[1].occupant = DOMAIN_NONE;
	pair.seats[0].task_start_ns = kStart;
	turn_offer used_up = offer();
	used_up.owner_used_up = true;
	used_up.join_dry = kRed;
	choose(pair, 1, used_up, kStart + 5 * kMs);
	EXPECT_FALSE(pair.draining);
}

} // namespace
