// SPDX-License-Identifier: GPL-2.0-only
//
// The promise under any interleaving of looks, switches and sleeps: a pair of one to eight seats is
// driven at random, as the kernel would drive it, and judged after every step by its occupants.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "policy/look.h"

namespace
{

constexpr turn_params kParams{.turn_ns = 20,
			      .turn_min_ns = 20,
			      .round_ns = 20,
			      .cut_min_ns = 2,
			      .lead_ns = 1,
			      .patience_ns = 0,
			      .run_min_ns = 1,
			      .burst_ns = 2};

// Domains 1..nr_domains always have tasks. A seat that was given a claim switches to it later, so
// other seats act between its look and its switch.
struct Machine {
	Machine(u32 seats, u32 nr_domains) : domains(nr_domains)
	{
		pair.nr_seats = seats;
	}

	// @shortcut: as a cpu does that first asks whether it can just go on.
	void look(u32 me, bool shortcut)
	{
		turn_choice choice{};
		if (shortcut && turn_continue(&pair, me, now, &choice)) {
			next[me] = choice.domain;
			return;
		}
		turn_offer offer{};
		for (u32 d = 1; d <= domains; ++d) {
			turn_candidate &c = offer.candidates[offer.nr++];
			c = {};
			c.domain = d;
			c.vtime = vtime[d];
			c.slot = d;
			c.weight = WEIGHT_DEFAULT;
			c.seats = ~0u;
		}
		turn_choose(&pair, me, &offer, &kParams, now, &choice);
		vtime[choice.charge_slot] += choice.charge_ns;
		next[me] = choice.domain;
		if (choice.domain == DOMAIN_NONE)
			(void)turn_rest(&pair, me, &choice, now);
	}

	void run_next(u32 me)
	{
		pair_switch result{};
		pair_occupy(&pair, me, next[me], false, true, WINDOW_UNSANCTIONED, now, &result);
	}

	bool promise_holds() const
	{
		for (u32 a = 0; a < pair.nr_seats; ++a) {
			for (u32 b = 0; b < a; ++b) {
				if (!domains_agree(pair.seats[a].occupant, pair.seats[b].occupant))
					return false;
			}
		}
		return true;
	}

	struct pair pair = {};
	u32 domains;
	u64 now = 1;
	u64 vtime[8] = {};
	u64 next[PAIR_SEATS_MAX] = {};
	bool looking[PAIR_SEATS_MAX] = {};
};

RC_GTEST_PROP(Promise, NoTwoDomainsMeetUnderAnyInterleavingOfLooksAndSwitches, ())
{
	Machine machine(*rc::gen::inRange<u32>(1, PAIR_SEATS_MAX + 1),
			*rc::gen::inRange<u32>(1, 5));
	const auto steps = *rc::gen::container<std::vector<u8>>(200, rc::gen::arbitrary<u8>());
	for (const u8 step : steps) {
		const u32 me = (step & 7u) % machine.pair.nr_seats;
		machine.now += step >> 5;
		if (machine.looking[me]) {
			machine.run_next(me);
		} else {
			machine.look(me, step & 8u);
		}
		machine.looking[me] = !machine.looking[me];
		RC_ASSERT(machine.promise_holds());
		RC_ASSERT(machine.pair.window_since_ns == 0u);
	}
}

TEST(Promise, EveryDomainGetsItsTurn)
{
	Machine machine(2, 4);
	u64 ran[8] = {};
	for (u32 round = 0; round < 2000; ++round) {
		const u32 me = round % 2;
		machine.now += 1;
		machine.look(me, round % 3 == 0);
		machine.run_next(me);
		++ran[machine.pair.seats[me].occupant];
	}
	for (u32 d = 1; d <= 4; ++d)
		EXPECT_GT(ran[d], 300u) << "domain " << d;
}

} // namespace
