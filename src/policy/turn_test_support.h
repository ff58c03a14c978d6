// SPDX-License-Identifier: GPL-2.0-only
// A pair in the middle of a turn, for the tests of turns and of yielding only.
#pragma once

#include "policy/yield.h"

inline constexpr u64 kRed = 100;
inline constexpr u64 kBlue = 200;
inline constexpr u32 kAnySeat = ~0u;
inline constexpr u64 kMs = 1'000'000;
inline constexpr turn_params kParams{.turn_ns = 20 * kMs,
				     .turn_min_ns = 2 * kMs,
				     .round_ns = 40 * kMs,
				     .cut_min_ns = kMs,
				     .lead_ns = kMs / 2,
				     .patience_ns = 4 * kMs,
				     .run_min_ns = kMs,
				     .burst_ns = kMs / 4};
inline constexpr u64 kStart = 1'000 * kMs;

// A pair of two seats on which red has the turn since kStart and runs on both.
inline pair red_pair()
{
	pair pair{};
	pair.nr_seats = 2;
	pair.owner = kRed;
	pair.owner_slot = kRed;
	pair.owner_weight = WEIGHT_DEFAULT;
	pair.turn_open_ns = kStart;
	pair.turn_charged_ns = kStart;
	pair.turn_end_ns = kStart + kParams.turn_ns;
	pair.turn_full_ns = pair.turn_end_ns;
	for (u32 i = 0; i < 2; ++i)
		pair.seats[i].occupant = kRed;
	return pair;
}

// A task that woke, of @domain.
inline turn_waker waker_of(u64 domain, u64 domain_vtime, u64 task_vtime, u32 seats,
			   bool handed_on = false)
{
	return {.domain = domain,
		.domain_vtime = domain_vtime,
		.task_vtime = task_vtime,
		.seats = seats,
		.handed_on = handed_on,
		.patient = false};
}
