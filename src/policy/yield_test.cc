// SPDX-License-Identifier: GPL-2.0-only
#include "policy/yield.h"

#include <gtest/gtest.h>

#include "policy/turn_test_support.h"

namespace
{

TEST(TurnChallenge, AWakerThatIsOwedTimeTakesThePair)
{
	pair pair = red_pair();
	const turn_waker waker = waker_of(kBlue, 0, 0, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + 2 * kMs), 0b11u);
}

TEST(TurnChallenge, ButNotBeforeTheTurnHasLastedItsMinimum)
{
	pair pair = red_pair();
	const turn_waker waker = waker_of(kBlue, 0, 0, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + kMs / 2), 0u);
	EXPECT_EQ(pair.turn_end_ns, kStart + kMs);
}

TEST(TurnChallenge, AWakerThatWillBeOwedBringsTheEndOfTheTurnForward)
{
	pair pair = red_pair();
	// Red gains 2 ms a millisecond on two seats: it is 0.5 ms ahead of 8.5 ms after 4.5 ms.
	const turn_waker waker = waker_of(kBlue, 17 * kMs / 2, 0, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + 2 * kMs), 0u);
	EXPECT_EQ(pair.turn_end_ns, kStart + 9 * kMs / 2);
}

TEST(TurnChallenge, ATurnWhoseEndWasBroughtForwardIsCut)
{
	pair pair = red_pair();
	EXPECT_FALSE(turn_is_cut(&pair));
	const turn_waker waker = waker_of(kBlue, 0, 0, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + kMs / 2), 0u);
	EXPECT_TRUE(turn_is_cut(&pair));
}

TEST(TurnChallenge, WhoCanWaitTakesThePairOnlyFromWhoRunsInWhatOthersLeave)
{
	pair pair = red_pair();
	turn_waker waker = waker_of(kBlue, 0, 0, kAnySeat);
	waker.patient = true;
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + 2 * kMs), 0u);
	EXPECT_EQ(pair.turn_end_ns, kStart + kParams.turn_ns);
	pair.owner_vtime = vtime_ranked(0, true);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + 2 * kMs), 0b11u);
}

TEST(TurnChallenge, WhoRunsInWhatOthersLeaveIsNeverOwedThePairOfOthers)
{
	pair pair = red_pair();
	const turn_waker waker = waker_of(kBlue, vtime_ranked(0, true), 0, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + 2 * kMs), 0u);
	EXPECT_EQ(pair.turn_end_ns, kStart + kParams.turn_ns);
}

TEST(TurnChallenge, WithinADomainTheTaskFurthestAheadGoes)
{
	pair pair = red_pair();
	pair.seats[0].task_vtime = 3 * kMs;
	pair.seats[1].task_vtime = 5 * kMs;
	pair.seats[0].task_start_ns = pair.seats[1].task_start_ns = kStart;
	const turn_waker waker = waker_of(kRed, 0, kMs, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + kMs), 1u << 1);
}

TEST(TurnChallenge, WithinADomainATaskThatHasJustStartedGoesWhenTheClockSaysSo)
{
	pair pair = red_pair();
	pair.seats[1].task_vtime = 5 * kMs;
	pair.seats[0].task_start_ns = pair.seats[1].task_start_ns = kStart;
	const turn_waker waker = waker_of(kRed, 0, kMs, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart), 0u);
	EXPECT_EQ(turn_due_ns(&pair), kStart + kMs);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, kStart + kMs - 1), 0u);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, kStart + kMs), 1u << 1);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, kStart + kMs), 0u);
}

TEST(TurnChallenge, WithinADomainATaskThatHasJustStartedStaysIfTheWakerWasHandedWork)
{
	pair pair = red_pair();
	pair.seats[1].task_vtime = 5 * kMs;
	pair.seats[0].task_start_ns = pair.seats[1].task_start_ns = kStart;
	const turn_waker waker = waker_of(kRed, 0, kMs, kAnySeat, true);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart), 0u);
	EXPECT_EQ(turn_due_ns(&pair), pair.turn_end_ns);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + kMs), 1u << 1);
}

TEST(TurnChallenge, WithinADomainNobodyGoesForATaskThatIsNotBehind)
{
	pair pair = red_pair();
	const turn_waker waker = waker_of(kRed, 0, 0, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, pair.seats[0].task_start_ns), 0u);
	EXPECT_EQ(turn_due_ns(&pair), pair.turn_end_ns);
}

TEST(TurnChallenge, WithinADomainATaskThatStartsInBetweenNeedNotYield)
{
	pair pair = red_pair();
	pair.seats[1].yield_ns = kStart + kMs;
	pair_switch result{};
	pair_occupy(&pair, 1, kRed, false, true, WINDOW_UNSANCTIONED, kStart, &result);
	EXPECT_EQ(turn_due_ns(&pair), pair.turn_end_ns);
}

TEST(TurnChallenge, APinnedWakerTakesNoOtherSeatThanItsOwn)
{
	pair pair = red_pair();
	pair.seats[0].task_vtime = 3 * kMs;
	pair.seats[1].task_vtime = 5 * kMs;
	pair.seats[0].task_start_ns = pair.seats[1].task_start_ns = kStart;
	const turn_waker waker = waker_of(kRed, 0, kMs, 1u << 0);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart + kMs), 1u << 0);
}

TEST(TurnDue, ATurnThatIsOverSendsAwayEverybody)
{
	pair pair = red_pair();
	EXPECT_EQ(turn_due_ns(&pair), pair.turn_end_ns);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns - 1), 0u);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns), 0b11u);
}

TEST(TurnDue, WhoIsStillThereWhileThePairDrainsIsAskedAgain)
{
	pair pair = red_pair();
	pair.draining = 1;
	pair.seats[0].occupant = DOMAIN_NONE;
	EXPECT_EQ(turn_due_ns(&pair), 0u);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, kStart), 1u << 1);
}

TEST(TurnDue, WhoWasAskedAMomentAgoIsNotAskedAgain)
{
	pair pair = red_pair();
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns), 0b11u);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns + kMs - 1), 0u);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns + kMs), 0b11u);
}

TEST(TurnDue, TheNextTaskIsAskedHoweverShortlyAfterTheLast)
{
	pair pair = red_pair();
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns), 0b11u);
	pair_switch result{};
	pair_occupy(&pair, 1, kRed, false, true, WINDOW_UNSANCTIONED, pair.turn_end_ns, &result);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns + 1), 1u << 1);
}

TEST(TurnDue, ATaskThatWokeAndHasJustStartedMayFinishItsBurst)
{
	pair pair = red_pair();
	pair.seats[1].task_start_ns = pair.turn_end_ns - 1;
	pair.seats[1].woke = true;
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns), 1u << 0);
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns + kMs / 4), 1u << 1);
}

TEST(TurnDue, ATaskThatGoesOnWithWhatItWasDoingLeavesAtOnce)
{
	pair pair = red_pair();
	pair.seats[1].task_start_ns = pair.turn_end_ns - 1;
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns), 0b11u);
}

TEST(TurnDue, APairThatIsNobodysIsNeverDue)
{
	pair pair = red_pair();
	pair.owner = DOMAIN_NONE;
	EXPECT_EQ(turn_due_ns(&pair), ~u64{0});
	EXPECT_EQ(turn_due_seats(&pair, &kParams, pair.turn_end_ns), 0u);
}

} // namespace
