// SPDX-License-Identifier: GPL-2.0-only
#include "policy/stay.h"

#include <gtest/gtest.h>

#include "policy/turn_test_support.h"
#include "policy/yield.h"

namespace
{

TEST(Slice, TellsATaskThatWokeFromOneThatWasInterrupted)
{
	for (const u64 slice_ns : {u64{2}, 5 * kMs}) {
		EXPECT_TRUE(slice_woke(slice_queued(slice_ns, true), slice_ns));
		EXPECT_FALSE(slice_woke(slice_queued(slice_ns, false), slice_ns));
	}
}

TEST(Slice, IsNeverNothing)
{
	for (const u64 slice_ns : {u64{1}, u64{2}, 5 * kMs}) {
		EXPECT_GT(slice_queued(slice_ns, false), 0u);
		EXPECT_EQ(slice_queued(slice_ns, true), slice_ns);
	}
}

TEST(TurnStay, ATaskThatHasJustStartedGoesOnAfterAnInterruption)
{
	pair pair = red_pair();
	pair.seats[0].task_start_ns = kStart;
	EXPECT_TRUE(turn_keeps(&pair, 0, &kParams, kStart));
	EXPECT_TRUE(turn_keeps(&pair, 0, &kParams, kStart + kMs - 1));
	EXPECT_FALSE(turn_keeps(&pair, 0, &kParams, kStart + kMs));
}

TEST(TurnStay, ATaskThatYieldsMakesRoom)
{
	pair pair = red_pair();
	pair.seats[0].task_start_ns = kStart;
	turn_yield(&pair, 0, kStart);
	EXPECT_FALSE(turn_keeps(&pair, 0, &kParams, kStart));
}

TEST(TurnStay, AWakerThatIsFurtherBehindIsNotPutOffByAnInterruption)
{
	pair pair = red_pair();
	pair.seats[1].task_vtime = 5 * kMs;
	pair.seats[0].task_start_ns = pair.seats[1].task_start_ns = kStart;
	const turn_waker waker = waker_of(kRed, 0, kMs, kAnySeat);
	EXPECT_EQ(turn_challenge(&pair, &waker, &kParams, kStart), 0u);
	EXPECT_FALSE(turn_keeps(&pair, 1, &kParams, kStart + kMs));
}

TEST(TurnStay, ASliceEndsWithTheTurn)
{
	const pair pair = red_pair();
	EXPECT_EQ(turn_slice(&pair, 5 * kMs, kStart), 5 * kMs);
	EXPECT_EQ(turn_slice(&pair, 5 * kMs, kStart + 18 * kMs), 2 * kMs);
	EXPECT_EQ(turn_slice(&pair, 5 * kMs, kStart + 25 * kMs), 5 * kMs);
}

TEST(TurnStay, TheTickEndsATaskOnlyIfSomebodyWaitsOrThePairDrains)
{
	pair pair = red_pair();
	EXPECT_FALSE(turn_tick_ends(&pair, false, kStart + 30 * kMs));
	EXPECT_TRUE(turn_tick_ends(&pair, true, kStart + 30 * kMs));
	EXPECT_FALSE(turn_tick_ends(&pair, true, kStart + kMs));
	pair.draining = 1;
	EXPECT_TRUE(turn_tick_ends(&pair, false, kStart + kMs));
}

} // namespace
