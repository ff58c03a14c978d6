// SPDX-License-Identifier: GPL-2.0-only
// What a look is offered, and the look, for its tests only.
#pragma once

#include "policy/look.h"
#include "policy/turn_test_support.h"

inline turn_candidate candidate(u64 domain, u64 vtime, u32 seats = kAnySeat)
{
	return {.domain = domain,
		.vtime = vtime,
		.bonus = 0,
		.misfit = 0,
		.distance = 0,
		.unpaid = 0,
		.slot = static_cast<u32>(domain),
		.weight = WEIGHT_DEFAULT,
		.seats = seats,
		.overdue = 0,
		.dry = 0,
		.woken = 0};
}

inline turn_offer offer()
{
	return {};
}

template <unsigned nr> turn_offer offer(const turn_candidate (&candidates)[nr])
{
	turn_offer result{};
	for (const turn_candidate &c : candidates)
		result.candidates[result.nr++] = c;
	return result;
}

inline turn_choice choose(pair &pair, u32 me, const turn_offer &offered, u64 now_ns)
{
	turn_choice choice{};
	turn_choose(&pair, me, &offered, &kParams, now_ns, &choice);
	return choice;
}
