// SPDX-License-Identifier: GPL-2.0-only
#include "policy/look.h"

#include <gtest/gtest.h>

#include "policy/look_test_support.h"

namespace
{

TEST(TurnOpen, TheLeastVirtualTimeHasTheNextTurn)
{
	pair pair{};
	pair.nr_seats = 2;
	const turn_choice choice =
		choose(pair, 0, offer({candidate(kRed, 20), candidate(kBlue, 10)}), 5);
	EXPECT_EQ(choice.domain, kBlue);
	EXPECT_TRUE(choice.opened);
	EXPECT_EQ(pair.owner, kBlue);
	EXPECT_EQ(pair.turn_end_ns, 5 + kParams.turn_ns);
	EXPECT_EQ(pair.seats[0].claim, kBlue);
}

TEST(TurnOpen, WaitingCountsAsBeingBehindAndIsNotPaidFor)
{
	pair pair{};
	pair.nr_seats = 2;
	turn_offer offered = offer({candidate(kRed, 10), candidate(kBlue, 12)});
	offered.candidates[1].bonus = 3;
	const turn_choice choice = choose(pair, 0, offered, 5);
	EXPECT_EQ(choice.domain, kBlue);
	EXPECT_EQ(pair.owner_vtime, 12u);
}

TEST(TurnOpen, TheMoreWaitTheShorterTheTurn)
{
	pair pair{};
	pair.nr_seats = 2;
	turn_offer offered = offer({candidate(kRed, 10)});
	offered.waiting = 10;
	choose(pair, 0, offered, 5);
	EXPECT_EQ(pair.turn_end_ns, 5 + 4 * kMs);
	EXPECT_FALSE(turn_is_cut(&pair));
}

TEST(TurnOpen, WhoIsOverdueIsNextForAMoment)
{
	pair pair{};
	pair.nr_seats = 2;
	turn_offer offered = offer({candidate(kRed, 10), candidate(kBlue, 1'000 * kMs)});
	offered.candidates[1].overdue = 1;
	offered.candidates[1].bonus = offered.candidates[1].vtime;
	EXPECT_EQ(choose(pair, 0, offered, 5).domain, kBlue);
	EXPECT_EQ(pair.turn_end_ns, 5 + kParams.burst_ns);
	EXPECT_EQ(pair.owner_vtime, 1'000 * kMs);
}

TEST(TurnOpen, AnOwnerWithoutWorkForThisSeatStaysForItsTaskThatWaitsInALane)
{
	pair pair = red_pair();
	pair.seats[0].occupant = pair.seats[1].occupant = DOMAIN_NONE;
	pair.owner_vtime = 100 * kMs;
	turn_offer offered = offer({candidate(kBlue, 50 * kMs), candidate(kRed, 100 * kMs, 0b01)});
	offered.owner_dry = true;
	EXPECT_EQ(choose(pair, 1, offered, kStart).domain, kBlue);
	pair = red_pair();
	pair.seats[0].occupant = pair.seats[1].occupant = DOMAIN_NONE;
	pair.owner_vtime = 100 * kMs;
	offered.candidates[1].bonus = 60 * kMs;
	const turn_choice choice = choose(pair, 1, offered, kStart);
	EXPECT_EQ(pair.owner, kRed);
	EXPECT_EQ(choice.kick_look, 0b01u);
}

TEST(TurnMisfit, WhoWouldLeaveSeatsEmptyWaitsForATurnOfThePair)
{
	constexpr u32 kSeats = 4;
	constexpr u64 kTurn = kSeats * kParams.turn_ns;
	EXPECT_EQ(turn_misfit(kParams.turn_ns, kSeats, 4, 0, WEIGHT_DEFAULT), 0u);
	EXPECT_EQ(turn_misfit(kParams.turn_ns, kSeats, 9, 4, WEIGHT_DEFAULT), 0u);
	EXPECT_EQ(turn_misfit(kParams.turn_ns, kSeats, 3, 0, WEIGHT_DEFAULT), kTurn);
	EXPECT_EQ(turn_misfit(kParams.turn_ns, kSeats, 5, 4, WEIGHT_DEFAULT), kTurn);
	EXPECT_EQ(turn_misfit(kParams.turn_ns, kSeats, 4, 4, WEIGHT_DEFAULT), kTurn);
	EXPECT_EQ(turn_misfit(kParams.turn_ns, kSeats, 3, 0, 2 * WEIGHT_DEFAULT), kTurn / 2);
	EXPECT_EQ(turn_misfit(kParams.turn_ns, kSeats, 0, 0, WEIGHT_DEFAULT), 0u);
}

// Red is further behind than blue, but it costs something that it goes first: it does only if blue
// is further ahead than that. What it costs is not paid.
void expect_to_wait_for_less_than(u64 turn_candidate::*cost)
{
	pair pair{};
	pair.nr_seats = 2;
	turn_offer offered = offer({candidate(kRed, 10), candidate(kBlue, 10 + kMs)});
	offered.candidates[0].*cost = 2 * kMs;
	EXPECT_EQ(choose(pair, 0, offered, 5).domain, kBlue);
	pair = {};
	pair.nr_seats = 2;
	offered.candidates[1].vtime = 10 + 3 * kMs;
	EXPECT_EQ(choose(pair, 0, offered, 5).domain, kRed);
	EXPECT_EQ(pair.owner_vtime, 10u);
}

TEST(TurnMisfit, WhoFillsThePairGoesFirstUnlessItIsTooFarAhead)
{
	expect_to_wait_for_less_than(&turn_candidate::misfit);
}

TEST(TurnOpen, WhatIsNotPaidYetForOtherPairsCountsAndIsNotPaidTwice)
{
	pair pair{};
	pair.nr_seats = 2;
	turn_offer offered = offer({candidate(kRed, 10), candidate(kBlue, 12)});
	offered.candidates[0].unpaid = 5;
	EXPECT_EQ(choose(pair, 0, offered, 5).domain, kBlue);
	pair = {};
	pair.nr_seats = 2;
	offered.candidates[0].unpaid = 1;
	EXPECT_EQ(choose(pair, 0, offered, 5).domain, kRed);
	EXPECT_EQ(pair.owner_vtime, 10u);
}

TEST(TurnMisfit, WhileSomebodyWaitsWhoHasWokenNobodyWaitsForOthersToFitBetter)
{
	pair pair{};
	pair.nr_seats = 2;
	turn_offer offered = offer({candidate(kRed, 10), candidate(kBlue, 10 + kMs)});
	offered.candidates[0].misfit = 2 * kMs;
	offered.urgent = true;
	EXPECT_EQ(choose(pair, 0, offered, 5).domain, kRed);
}

TEST(TurnOpen, ATurnIsOutOfOrderIfItsOwnerIsNotNextByVirtualTime)
{
	pair pair{};
	pair.nr_seats = 2;
	turn_offer offered = offer({candidate(kRed, 500 * kMs), candidate(kBlue, 100 * kMs)});
	EXPECT_FALSE(choose(pair, 0, offered, 5).out_of_order);
	// It has waited in a lane for so long that it is taken to be level.
	pair = {};
	pair.nr_seats = 2;
	offered.candidates[0].bonus = 450 * kMs;
	turn_choice choice = choose(pair, 0, offered, 5);
	EXPECT_EQ(choice.domain, kRed);
	EXPECT_TRUE(choice.out_of_order);
	pair = {};
	pair.nr_seats = 2;
	offered.candidates[0].bonus = offered.candidates[0].vtime;
	offered.candidates[0].overdue = 1;
	choice = choose(pair, 0, offered, 5);
	EXPECT_EQ(choice.domain, kRed);
	EXPECT_TRUE(choice.out_of_order);
}

TEST(TurnDistance, WhoComesFromFarWaitsForATurnOfThePair)
{
	EXPECT_EQ(turn_distance(kParams.turn_ns, 2, WEIGHT_DEFAULT, true), 0u);
	EXPECT_EQ(turn_distance(kParams.turn_ns, 2, WEIGHT_DEFAULT, false), 2 * kParams.turn_ns);
	EXPECT_EQ(turn_distance(kParams.turn_ns, 2, 2 * WEIGHT_DEFAULT, false), kParams.turn_ns);
}

TEST(TurnDistance, WhoseTasksAreNearGoesFirstUnlessItIsTooFarAhead)
{
	expect_to_wait_for_less_than(&turn_candidate::distance);
}

TEST(TurnDistance, WhileSomebodyWaitsWhoHasWokenNoDistanceCountsForLong)
{
	pair pair{};
	pair.nr_seats = 2;
	turn_offer offered = offer({candidate(kRed, 10), candidate(kBlue, 10 + 2 * kMs)});
	offered.candidates[0].distance = 40 * kMs;
	offered.urgent = true;
	offered.urgent_distance = 3 * kMs;
	EXPECT_EQ(choose(pair, 0, offered, 5).domain, kBlue);
	pair = {};
	pair.nr_seats = 2;
	offered.urgent_distance = kMs;
	EXPECT_EQ(choose(pair, 0, offered, 5).domain, kRed);
}

TEST(TurnMisfit, AnOwnerWhoseTasksFitElsewhereGivesThePairToWhoFillsIt)
{
	pair pair = red_pair();
	turn_offer offered = offer({candidate(kBlue, kMs + 2 * kParams.turn_ns)});
	EXPECT_EQ(choose(pair, 0, offered, pair.turn_end_ns).domain, kRed);
	pair = red_pair();
	offered.owner_misfit = 2 * kMs;
	EXPECT_EQ(choose(pair, 0, offered, pair.turn_end_ns).domain, DOMAIN_NONE);
	EXPECT_TRUE(pair.draining);
}

TEST(TurnOpen, OfEqualsTheEarlierCandidateWins)
{
	pair pair{};
	pair.nr_seats = 2;
	EXPECT_EQ(choose(pair, 0, offer({candidate(kRed, 10), candidate(kBlue, 10)}), 5).domain,
		  kRed);
}

TEST(TurnOpen, ATurnGoesOnWhileItLasts)
{
	pair pair = red_pair();
	pair.seats[1].occupant = DOMAIN_NONE;
	const turn_choice choice = choose(pair, 0, offer({candidate(kBlue, 0)}), kStart + kMs);
	EXPECT_EQ(choice.domain, kRed);
	EXPECT_FALSE(choice.opened);
}

bool goes_on(pair &pair, u32 me, u64 now_ns)
{
	turn_choice choice{};
	return turn_continue(&pair, me, now_ns, &choice);
}

TEST(TurnContinue, TheOwnersNextTaskNeedsNoLookAtTheOthers)
{
	pair pair = red_pair();
	EXPECT_TRUE(goes_on(pair, 0, kStart + kMs));
	EXPECT_EQ(pair.seats[0].claim, kRed);
	pair.seats[0].occupant = DOMAIN_NONE;
	EXPECT_TRUE(goes_on(pair, 1, kStart + kMs));
}

TEST(TurnContinue, ATurnThatIsOverDrainsOrIsNobodysDoesNotGoOn)
{
	pair pair = red_pair();
	EXPECT_FALSE(goes_on(pair, 0, pair.turn_end_ns));
	pair.draining = 1;
	EXPECT_FALSE(goes_on(pair, 0, kStart + kMs));
	pair.draining = 0;
	pair.owner = DOMAIN_NONE;
	EXPECT_FALSE(goes_on(pair, 0, kStart + kMs));
	EXPECT_EQ(pair.seats[0].claim, DOMAIN_NONE);
}

TEST(TurnContinue, AStrangerOrAHigherClassBesideItCallsForAChoice)
{
	pair pair = red_pair();
	pair.seats[1].occupant = kBlue;
	EXPECT_FALSE(goes_on(pair, 0, kStart + kMs));
	pair.seats[1].occupant = kRed;
	pair.seats[1].higher = 1;
	EXPECT_FALSE(goes_on(pair, 0, kStart + kMs));
	pair.seats[1].higher = 0;
	pair.seats[1].claim = kBlue;
	EXPECT_FALSE(goes_on(pair, 0, kStart + kMs));
	EXPECT_EQ(pair.seats[0].claim, DOMAIN_NONE);
}

TEST(TurnOpen, AnOwnerWithNothingLeftGivesThePairUpAtOnce)
{
	pair pair = red_pair();
	pair.seats[1].occupant = DOMAIN_NONE;
	turn_offer offered = offer({candidate(kBlue, 0)});
	const turn_choice first = choose(pair, 0, offered, kStart + kMs);
	turn_unclaim(&pair, 0);
	turn_mark_dry(&offered, &first, 0);
	const turn_choice second = choose(pair, 0, offered, kStart + kMs);
	EXPECT_EQ(second.domain, kBlue);
	EXPECT_EQ(second.charge_slot, kRed);
	EXPECT_EQ(second.charge_ns, 2 * kMs); // one millisecond of two seats
}

TEST(TurnOpen, WorkForAnotherSeatOpensTheTurnAndWakesThatSeat)
{
	pair pair{};
	pair.nr_seats = 2;
	const turn_choice choice = choose(pair, 0, offer({candidate(kRed, 1, 1u << 1)}), 5);
	EXPECT_EQ(choice.domain, DOMAIN_NONE);
	EXPECT_EQ(choice.kick_look, 1u << 1);
	EXPECT_EQ(pair.owner, kRed);
}

TEST(TurnOpen, ADomainWithWorkForThisSeatAndForAnotherStartsHere)
{
	pair pair{};
	pair.nr_seats = 2;
	const turn_choice choice = choose(
		pair, 0, offer({candidate(kRed, 1, 1u << 1), candidate(kRed, 1, 1u << 0)}), 5);
	EXPECT_EQ(choice.domain, kRed);
	EXPECT_EQ(choice.kick_look, 0u);
}

TEST(TurnOpen, AnOwnerThatIsNextAgainIsNotDrained)
{
	pair pair = red_pair();
	pair.seats[1].occupant = DOMAIN_NONE;
	const turn_choice choice = choose(pair, 0, offer({candidate(kRed, 1)}), kStart + 30 * kMs);
	EXPECT_TRUE(choice.renewed);
	EXPECT_FALSE(choice.opened);
	EXPECT_EQ(choice.domain, kRed);
}

TEST(TurnJoin, OnlyTheDomainTheOthersHold)
{
	pair pair = red_pair();
	const turn_choice choice = choose(pair, 0, offer({candidate(kBlue, 0)}), kStart + kMs);
	EXPECT_EQ(choice.domain, kRed);
	EXPECT_TRUE(choice.blocked);
}

TEST(TurnJoin, NobodyStartsBesideTwoDomains)
{
	pair pair = red_pair();
	pair.seats[1].claim = kBlue;
	const turn_choice choice = choose(pair, 0, offer({candidate(kRed, 0)}), kStart + kMs);
	EXPECT_EQ(choice.domain, DOMAIN_NONE);
	EXPECT_TRUE(choice.waits);
}

TEST(TurnJoin, ATurnThatIsOverDrainsForWhoeverIsOwed)
{
	pair pair = red_pair();
	const turn_choice choice = choose(pair, 0, offer({candidate(kBlue, 0)}), kStart + 20 * kMs);
	EXPECT_EQ(choice.domain, DOMAIN_NONE);
	EXPECT_TRUE(pair.draining);
	EXPECT_EQ(choice.kick_leave, 1u << 1);
}

TEST(TurnJoin, ATurnThatIsOverGoesOnIfNobodyIsOwed)
{
	pair pair = red_pair();
	const u64 ahead = 40 * kMs + 1;
	const turn_choice choice =
		choose(pair, 0, offer({candidate(kBlue, ahead)}), kStart + 20 * kMs);
	EXPECT_EQ(choice.domain, kRed);
	EXPECT_TRUE(choice.renewed);
	EXPECT_FALSE(pair.draining);
	EXPECT_EQ(choice.charge_ns, 40 * kMs);
}

TEST(TurnJoin, WhatTheOwnerPaysOnOtherPairsCountsHere)
{
	// Blue is owed nothing by what red has held here, but red holds more elsewhere.
	const u64 over_ns = kStart + kParams.turn_ns;
	const u64 blue_vtime = 5 * kParams.turn_ns;
	turn_offer offered = offer({candidate(kRed, 0), candidate(kBlue, blue_vtime)});
	pair alone = red_pair();
	EXPECT_TRUE(choose(alone, 0, offered, over_ns).renewed);

	offered.owner = kRed;
	offered.owner_vtime = blue_vtime;
	pair one_of_many = red_pair();
	EXPECT_TRUE(choose(one_of_many, 0, offered, over_ns).waits);
	EXPECT_TRUE(one_of_many.draining);
}

TEST(TurnJoin, WhatAnotherDomainHasPaidIsNotTheOwners)
{
	const u64 over_ns = kStart + kParams.turn_ns;
	turn_offer offered = offer({candidate(kRed, 0), candidate(kBlue, 5 * kParams.turn_ns)});
	offered.owner = kBlue;
	offered.owner_vtime = 9 * kParams.turn_ns;
	pair pair = red_pair();
	EXPECT_TRUE(choose(pair, 0, offered, over_ns).renewed);
}

TEST(TurnJoin, WhatThisPairHasChargedIsNotTakenBack)
{
	const u64 over_ns = kStart + kParams.turn_ns;
	turn_offer offered = offer({candidate(kRed, 0), candidate(kBlue, kMs)});
	offered.owner = kRed;
	offered.owner_vtime = 0;
	pair pair = red_pair();
	pair.owner_vtime = 2 * kMs;
	EXPECT_TRUE(choose(pair, 0, offered, over_ns).waits);
	EXPECT_EQ(pair.owner_vtime, 2 * kMs);
}

TEST(TurnJoin, NobodyOfTheOwnerStartsWhileThePairDrains)
{
	pair pair = red_pair();
	pair.draining = 1;
	EXPECT_EQ(choose(pair, 0, offer({candidate(kRed, 0)}), kStart + kMs).domain, DOMAIN_NONE);
}

TEST(TurnJoin, AHigherClassIsJoinedByItsOwnDomainWhoeversTurnItIs)
{
	pair pair = red_pair();
	pair.seats[1].occupant = kBlue;
	pair.seats[1].higher = 1;
	const turn_choice choice = choose(pair, 0, offer({candidate(kRed, 0)}), kStart + kMs);
	EXPECT_EQ(choice.domain, kBlue);
	EXPECT_TRUE(choice.shared);
	EXPECT_EQ(pair.owner, kRed);
}

TEST(TurnJoin, ADomainFoundDryIsNotTriedTwiceInOneLook)
{
	pair pair = red_pair();
	turn_offer offered = offer();
	const turn_choice first = choose(pair, 0, offered, kStart + kMs);
	turn_unclaim(&pair, 0);
	turn_mark_dry(&offered, &first, 0);
	EXPECT_EQ(choose(pair, 0, offered, kStart + kMs).domain, DOMAIN_NONE);
}

// Seat 1 runs blue, which was let in beside a task of a higher class that has left; the turn is
// red's.
pair guest_pair()
{
	pair pair = red_pair();
	pair.seats[0].occupant = DOMAIN_NONE;
	pair.seats[1].occupant = kBlue;
	return pair;
}

TEST(TurnInherit, AGuestThatIsNextHasTheTurnAndIsJoined)
{
	pair pair = guest_pair();
	const turn_choice choice = choose(pair, 0, offer({candidate(kBlue, 0)}), kStart + kMs);
	EXPECT_EQ(choice.domain, kBlue);
	EXPECT_TRUE(choice.opened);
	EXPECT_EQ(choice.charge_slot, kRed);
	EXPECT_EQ(pair.owner, kBlue);
	EXPECT_EQ(pair.seats[0].claim, kBlue);
}

TEST(TurnInherit, AGuestLeavesForWhoeverIsNext)
{
	pair pair = guest_pair();
	const turn_choice choice = choose(
		pair, 0, offer({candidate(kBlue, 50 * kMs), candidate(kRed, 0)}), kStart + kMs);
	EXPECT_EQ(choice.domain, DOMAIN_NONE);
	EXPECT_TRUE(pair.draining);
	EXPECT_EQ(choice.kick_leave, 1u << 1);
	EXPECT_LE(pair.turn_end_ns, kStart + kMs) << "the turn is over now, not when it would be";
}

TEST(TurnInherit, TheSeatsBesideAGuestJoinItWhateverTheyWereOffered)
{
	pair pair = guest_pair();
	turn_offer offered = offer({candidate(kBlue, 0, 1u << 1)});
	const turn_choice first = choose(pair, 0, offered, kStart + kMs);
	EXPECT_EQ(first.domain, kBlue);
	turn_unclaim(&pair, 0);
	turn_mark_dry(&offered, &first, 0);
	const turn_choice second = choose(pair, 0, offered, kStart + kMs);
	EXPECT_EQ(second.domain, DOMAIN_NONE);
	EXPECT_EQ(pair.owner, kBlue);
}

TEST(TurnInherit, AGuestStaysIfNobodyWaits)
{
	pair pair = guest_pair();
	const turn_choice choice = choose(pair, 0, offer(), kStart + kMs);
	EXPECT_EQ(choice.domain, DOMAIN_NONE);
	EXPECT_FALSE(choice.blocked);
	EXPECT_FALSE(pair.draining);
	EXPECT_EQ(pair.owner, kRed);
}

TEST(TurnOpen, NoTurnIsOpenedForATaskWhoseSeatRunsAKernelThread)
{
	pair pair = red_pair();
	pair.seats[0].occupant = DOMAIN_NONE;
	pair.seats[1].occupant = DOMAIN_TRUSTED;
	turn_offer offered = offer({candidate(kBlue, 0, 1u << 1), candidate(300, 5 * kMs)});
	offered.owner_dry = true;
	EXPECT_EQ(choose(pair, 0, offered, kStart + kMs).domain, 300u);
}

} // namespace
