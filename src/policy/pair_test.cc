// SPDX-License-Identifier: GPL-2.0-only
#include "policy/pair.h"

#include <gtest/gtest.h>

namespace
{

constexpr u64 kRed = 100;
constexpr u64 kBlue = 200;
constexpr u64 kNow = 5'000;

pair make_pair(u32 seats)
{
	pair pair{};
	pair.nr_seats = seats;
	for (u32 i = 0; i < seats; ++i) {
		pair.seats[i].cpu = 10 + i;
		pair.seats[i].resting = 1;
	}
	return pair;
}

pair_hold held_by_others(const pair &pair, u32 me)
{
	pair_hold hold{};
	pair_held_by_others(&pair, me, &hold);
	return hold;
}

pair_switch occupy(pair &pair, u32 me, u64 domain, bool higher = false,
		   u32 kind = WINDOW_UNSANCTIONED, u64 now_ns = kNow)
{
	pair_switch result{};
	pair_occupy(&pair, me, domain, higher, true, kind, now_ns, &result);
	return result;
}

TEST(PairHold, AnEmptyPairIsFree)
{
	const pair pair = make_pair(2);
	const pair_hold hold = held_by_others(pair, 0);
	EXPECT_TRUE(pair_is_free(&hold));
}

TEST(PairHold, ASiblingsOccupantAndItsClaimBothHold)
{
	pair pair = make_pair(2);
	pair.seats[1].occupant = kRed;
	EXPECT_EQ(u64{held_by_others(pair, 0).domain}, kRed);
	pair.seats[1].occupant = DOMAIN_NONE;
	pair.seats[1].claim = kBlue;
	EXPECT_EQ(u64{held_by_others(pair, 0).domain}, kBlue);
}

TEST(PairHold, OnesOwnTaskDoesNotHoldOneBack)
{
	pair pair = make_pair(2);
	pair.seats[0].occupant = kRed;
	EXPECT_EQ(u64{held_by_others(pair, 0).domain}, DOMAIN_NONE);
}

TEST(PairHold, ASiblingThatLeavesRedForBlueIsMixed)
{
	pair pair = make_pair(2);
	pair.seats[1].occupant = kRed;
	pair.seats[1].claim = kBlue;
	EXPECT_TRUE(bool{held_by_others(pair, 0).mixed});
}

TEST(PairHold, TrustedKernelThreadsHoldNothing)
{
	pair pair = make_pair(2);
	pair.seats[1].occupant = DOMAIN_TRUSTED;
	EXPECT_EQ(u64{held_by_others(pair, 0).domain}, DOMAIN_NONE);
}

TEST(PairHold, TheEighthSiblingCountsLikeTheSecond)
{
	pair pair = make_pair(8);
	pair.seats[7].occupant = kRed;
	EXPECT_EQ(u64{held_by_others(pair, 0).domain}, kRed);
	pair.seats[3].occupant = kBlue;
	EXPECT_TRUE(bool{held_by_others(pair, 0).mixed});
}

TEST(PairHold, SeatsBeyondTheWidthDoNotCount)
{
	pair pair = make_pair(2);
	pair.seats[2].occupant = kRed;
	EXPECT_EQ(u64{held_by_others(pair, 0).domain}, DOMAIN_NONE);
}

TEST(PairIdle, ARunningARestlessOrAClaimingSeatKeepsThePairFromIdling)
{
	pair pair = make_pair(2);
	EXPECT_TRUE(pair_is_idle(&pair));
	EXPECT_TRUE(pair_all_rest(&pair));
	pair.seats[1].occupant = kRed;
	EXPECT_FALSE(pair_is_idle(&pair));
	EXPECT_FALSE(pair_all_rest(&pair));
	pair = make_pair(2);
	pair.seats[0].resting = 0;
	EXPECT_FALSE(pair_is_idle(&pair));
	pair = make_pair(2);
	pair.seats[0].claim = kRed;
	EXPECT_FALSE(pair_is_idle(&pair));
}

TEST(PairIdle, AKernelThreadLeavesTheSeatsBesideItToAnybody)
{
	pair pair = make_pair(2);
	pair.seats[1].occupant = DOMAIN_TRUSTED;
	pair.seats[1].resting = 0;
	EXPECT_TRUE(pair_is_idle(&pair));
	EXPECT_FALSE(pair_all_rest(&pair));
	pair.seats[0].occupant = DOMAIN_TRUSTED;
	pair.seats[0].resting = 0;
	EXPECT_FALSE(pair_is_idle(&pair)) << "there is no seat for anybody";
}

TEST(PairAble, ASeatUnderAKernelThreadOrAHigherClassStartsNobodyButTheOneThatAsksMay)
{
	pair pair = make_pair(3);
	pair.seats[1].occupant = DOMAIN_TRUSTED;
	EXPECT_EQ(pair_able_seats(&pair, 0), 0b101u);
	EXPECT_EQ(pair_able_seats(&pair, 1), 0b111u);
	pair.seats[2].occupant = kRed;
	EXPECT_EQ(pair_able_seats(&pair, 0), 0b101u);
	pair.seats[2].higher = 1;
	EXPECT_EQ(pair_able_seats(&pair, 0), 0b001u);
}

TEST(PairOccupy, ASwitchMakesTheClaimAnOccupant)
{
	pair pair = make_pair(2);
	pair.seats[0].claim = kRed;
	const pair_switch result = occupy(pair, 0, kRed);
	EXPECT_EQ(pair.seats[0].occupant, kRed);
	EXPECT_EQ(pair.seats[0].claim, DOMAIN_NONE);
	EXPECT_FALSE(pair.seats[0].resting);
	EXPECT_EQ(result.kick_away, 0u);
	EXPECT_EQ(result.window_opened, static_cast<u32>(WINDOW_NONE));
}

TEST(PairOccupy, AClaimOutlivesASwitchWhileItsTaskIsStillOnTheLocalQueue)
{
	pair pair = make_pair(2);
	pair.seats[0].claim = kRed;
	pair_switch result{};
	pair_occupy(&pair, 0, kBlue, true, false, WINDOW_HIGHER, kNow, &result);
	EXPECT_EQ(pair.seats[0].claim, kRed);
	EXPECT_TRUE(bool{held_by_others(pair, 1).mixed});
}

TEST(PairOccupy, AHigherClassSendsStrangersAwayAndSparesItsOwnDomain)
{
	pair pair = make_pair(3);
	pair.seats[1].occupant = kRed;
	pair.seats[2].occupant = kBlue;
	const pair_switch result = occupy(pair, 0, kBlue, true);
	EXPECT_EQ(result.kick_away, 1u << 1);
	EXPECT_EQ(result.window_opened, static_cast<u32>(WINDOW_HIGHER));
}

TEST(PairOccupy, TheWindowOfAHigherClassIsMeasuredUntilTheStrangerHasLeft)
{
	pair pair = make_pair(2);
	pair.seats[1].occupant = kRed;
	occupy(pair, 0, kBlue, true);
	const pair_switch left =
		occupy(pair, 1, DOMAIN_NONE, false, WINDOW_UNSANCTIONED, kNow + 70);
	EXPECT_EQ(left.window_ns, 70u);
	EXPECT_EQ(left.window_closed, static_cast<u32>(WINDOW_HIGHER));
	EXPECT_EQ(pair.window_since_ns, 0u);
}

TEST(PairOccupy, WhoLeavesAndEndsAWindowLooksForWhoWasRefusedMeanwhile)
{
	pair pair = make_pair(2);
	pair.seats[1].occupant = kRed;
	occupy(pair, 0, kBlue, true);
	pair.seats[1].resting = true;
	pair.seats[1].blocked = true;
	EXPECT_EQ(occupy(pair, 1, DOMAIN_NONE).kick_look, 1u << 1);
}

TEST(PairOccupy, AClaimMadeBeforeTheHigherClassCameIsSentAwayWhenItStarts)
{
	pair pair = make_pair(2);
	pair.seats[1].claim = kRed;
	occupy(pair, 0, kBlue, true);
	const pair_switch started = occupy(pair, 1, kRed);
	EXPECT_EQ(started.kick_away, 1u << 1);
	EXPECT_EQ(started.window_opened, static_cast<u32>(WINDOW_HIGHER));
}

TEST(PairOccupy, AfterAMoveOfARunningTaskWhoeverLeavesFirstEndsTheWindow)
{
	pair pair = make_pair(2);
	pair.seats[0].occupant = kRed;
	pair.seats[1].occupant = kRed;
	const pair_switch moved = occupy(pair, 0, kBlue, false, WINDOW_MOVE);
	EXPECT_EQ(moved.kick_away, 0b11u);
	EXPECT_EQ(moved.window_opened, static_cast<u32>(WINDOW_MOVE));
}

TEST(PairOccupy, AClaimMadeBeforeTheMoveOfASiblingStartsInsideTheMovesWindow)
{
	pair pair = make_pair(2);
	pair.seats[0].occupant = kRed;
	pair.seats[1].claim = kRed;
	occupy(pair, 0, kBlue, false, WINDOW_MOVE);
	const pair_switch started = occupy(pair, 1, kRed);
	EXPECT_EQ(started.window_opened, static_cast<u32>(WINDOW_MOVE));
	EXPECT_EQ(started.kick_away, 0b11u);
}

TEST(PairOccupy, AStartWithoutAClaimIsUnsanctionedEvenBesideAMovedTask)
{
	pair pair = make_pair(2);
	pair.seats[0].occupant = kRed;
	occupy(pair, 0, kBlue, false, WINDOW_MOVE);
	const pair_switch started = occupy(pair, 1, kRed);
	EXPECT_EQ(started.window_opened, static_cast<u32>(WINDOW_UNSANCTIONED));
}

TEST(PairOccupy, AMoveIsForgottenWhenTheMovedTaskHasLeft)
{
	pair pair = make_pair(2);
	pair.seats[0].occupant = kRed;
	occupy(pair, 0, kBlue, false, WINDOW_MOVE);
	occupy(pair, 0, kBlue);
	pair.seats[1].claim = kRed;
	const pair_switch started = occupy(pair, 1, kRed);
	EXPECT_EQ(started.window_opened, static_cast<u32>(WINDOW_UNSANCTIONED));
}

TEST(PairOccupy, WhoStartsInAPairThatDrainsLeavesAtOnce)
{
	pair pair = make_pair(2);
	pair.seats[1].claim = kRed;
	pair.draining = 1;
	EXPECT_EQ(occupy(pair, 1, kRed).kick_away, 1u << 1);
	EXPECT_EQ(occupy(pair, 1, DOMAIN_NONE).kick_away, 0u);
}

TEST(PairOccupy, WhoWasLetInBesideAHigherClassInAPairThatDrainsLeavesWithIt)
{
	pair pair = make_pair(2);
	pair.draining = 1;
	occupy(pair, 0, kRed, true);
	pair.seats[1].claim = kRed;
	EXPECT_EQ(occupy(pair, 1, kRed).kick_away, 0u);
	EXPECT_EQ(occupy(pair, 0, DOMAIN_NONE).kick_away, 1u << 1);
	EXPECT_EQ(occupy(pair, 0, DOMAIN_NONE).kick_away, 0u);
}

TEST(PairOccupy, AKernelThreadIsNotSentAwayByAWindowBetweenItsSiblings)
{
	pair pair = make_pair(3);
	pair.seats[0].occupant = kRed;
	occupy(pair, 1, kBlue);
	EXPECT_NE(pair.window_since_ns, 0u);
	EXPECT_EQ(occupy(pair, 2, DOMAIN_TRUSTED).kick_away, 0u);
	EXPECT_EQ(occupy(pair, 2, kBlue).kick_away, 1u << 2);
}

TEST(PairOccupy, ABlockedSeatLooksAgainWhenItsSiblingLeaves)
{
	pair pair = make_pair(2);
	pair.seats[1].occupant = kRed;
	pair.seats[1].resting = 0;
	pair.seats[0].blocked = 1;
	EXPECT_EQ(occupy(pair, 1, DOMAIN_NONE).kick_look, 1u << 0);
}

TEST(PairOccupy, ABlockedSeatSleepsOnWhileTheSameDomainGoesOn)
{
	pair pair = make_pair(2);
	pair.seats[1].occupant = kRed;
	pair.seats[1].claim = kRed;
	pair.seats[0].blocked = 1;
	EXPECT_EQ(occupy(pair, 1, kRed).kick_look, 0u);
}

TEST(PairOccupy, ForcedIdleEndsWhenSomethingRuns)
{
	pair pair = make_pair(2);
	pair.seats[0].forced_since_ns = kNow - 300;
	EXPECT_EQ(occupy(pair, 0, kRed).forced_ns, 300u);
	EXPECT_EQ(pair.seats[0].forced_since_ns, 0u);
}

TEST(PairOccupy, TwoHigherClassTasksOfDifferentDomainsSpareNobody)
{
	pair pair = make_pair(3);
	occupy(pair, 0, kRed);
	occupy(pair, 1, kRed, true);
	EXPECT_EQ(occupy(pair, 2, kBlue, true).kick_away, 1u << 0);
}

TEST(PairOccupy, SeatsThatRestForWantOfWorkAreNamedApartFromThoseThatWereBlocked)
{
	pair pair = make_pair(3);
	pair.seats[0].resting = pair.seats[1].resting = 1;
	pair.seats[0].blocked = 1;
	pair.seats[1].blocked = 0;
	pair.seats[2].occupant = kRed;
	pair.seats[0].claim = kBlue;
	const pair_switch result = occupy(pair, 2, DOMAIN_TRUSTED);
	EXPECT_EQ(result.kick_look, 1u << 0);
	EXPECT_EQ(result.may_look, 1u << 1);
}

TEST(PairOccupy, EverySeatThatRestsMayHaveMissedSomethingWhenThePairGoesIdle)
{
	pair pair = make_pair(3);
	pair.seats[0].resting = pair.seats[1].resting = 1;
	pair.seats[0].blocked = 1;
	pair.seats[1].blocked = 0;
	pair.seats[2].occupant = kRed;
	pair.seats[2].resting = 0;
	EXPECT_EQ(occupy(pair, 2, DOMAIN_TRUSTED).may_look, 0b011u);
	pair.seats[2].resting = 1;
	EXPECT_EQ(occupy(pair, 2, DOMAIN_NONE).may_look, 0b111u);
}

TEST(PairRests, OnesOwnRestDoesNotCount)
{
	pair pair = make_pair(2);
	pair.seats[1].resting = 0;
	EXPECT_FALSE(pair_rests_beside(&pair, 0));
	EXPECT_TRUE(pair_rests_beside(&pair, 1));
	pair.seats[2].resting = 1;
	EXPECT_FALSE(pair_rests_beside(&pair, 0));
}

TEST(PairMovable, AHigherClassCannotBeKickedAway)
{
	pair pair = make_pair(2);
	pair.seats[0].occupant = kRed;
	pair.seats[0].higher = 1;
	pair.seats[1].occupant = kBlue;
	EXPECT_EQ(pair_movable_seats(&pair, PAIR_SEATS_MAX, DOMAIN_NONE), 1u << 1);
	EXPECT_EQ(pair_movable_seats(&pair, 1, DOMAIN_NONE), 0u);
	EXPECT_EQ(pair_movable_seats(&pair, PAIR_SEATS_MAX, kBlue), 0u);
}

TEST(PairOccupy, AWindowIsNeverShorterThanNothing)
{
	pair pair = make_pair(2);
	occupy(pair, 0, kRed, true);
	EXPECT_EQ(occupy(pair, 1, kBlue).window_opened, u32{WINDOW_HIGHER});
	const pair_switch left = occupy(pair, 1, DOMAIN_NONE, false, WINDOW_UNSANCTIONED, kNow - 5);
	EXPECT_EQ(left.window_closed, u32{WINDOW_HIGHER});
	EXPECT_EQ(left.window_ns, 0u);
}

TEST(PairOccupy, ForcedIdleTimeIsNeverShorterThanNothing)
{
	pair pair = make_pair(2);
	pair.seats[0].forced_since_ns = kNow;
	EXPECT_EQ(occupy(pair, 0, kRed, false, WINDOW_UNSANCTIONED, kNow - 5).forced_ns, 0u);
}

TEST(PairOccupy, TheTimeOfRivalsOfHigherClassesIsCountedApart)
{
	pair pair = make_pair(2);
	occupy(pair, 0, kRed);
	EXPECT_EQ(occupy(pair, 1, kBlue, true).window_opened, u32{WINDOW_HIGHER});
	const pair_switch met = occupy(pair, 0, kRed, true, WINDOW_HIGHER, kNow + 10);
	EXPECT_EQ(met.window_closed, u32{WINDOW_HIGHER});
	EXPECT_EQ(met.window_ns, 10u);
	EXPECT_EQ(met.window_opened, u32{WINDOW_RIVALS});
	const pair_switch left = occupy(pair, 1, kBlue, false, WINDOW_MOVE, kNow + 30);
	EXPECT_EQ(left.window_closed, u32{WINDOW_RIVALS});
	EXPECT_EQ(left.window_ns, 20u);
	EXPECT_EQ(left.window_opened, u32{WINDOW_HIGHER});
}

TEST(PairOccupy, AWindowThatGoesOnAsAnotherWakesNobody)
{
	pair pair = make_pair(3);
	occupy(pair, 0, kRed, true);
	occupy(pair, 1, kBlue);
	pair.seats[2].blocked = 1;
	EXPECT_EQ(occupy(pair, 1, kBlue, true, WINDOW_HIGHER, kNow + 10).kick_look, 0u);
}

TEST(PairOccupy, HigherTasksOfOneDomainAreNoRivals)
{
	pair pair = make_pair(3);
	occupy(pair, 0, kRed, true);
	occupy(pair, 1, kRed, true);
	EXPECT_EQ(occupy(pair, 2, kBlue).window_opened, u32{WINDOW_HIGHER});
}

} // namespace
