/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a cpu runs, as another cpu sees it.
 */
#pragma once

#include "policy/pair.h"

/* What a cpu was seen to run by another one. */
struct pair_sight {
	u64 domain;
	u32 changes; /* of the seat, read before the task was */
	bool higher;
};

/*
 * Publishes what the cpu of seat @me was seen to run: it may have begun before switches were told.
 * A seat whose occupant has changed since the sight knows better. Nothing that was claimed is
 * affected.
 */
static inline void pair_see(struct pair *pair, u32 me, const struct pair_sight *sight, u64 now_ns,
			    struct pair_switch *result)
{
	const struct seat *seat = pair_seat(pair, me);
	const struct pair_switch nothing = {};

	*result = nothing;
	if (seat->changes != sight->changes)
		return;
	if (seat->occupant == sight->domain && seat->higher == sight->higher)
		return;
	pair_occupy(pair, me, sight->domain, sight->higher, false, WINDOW_UNSANCTIONED, now_ns,
		    result);
}
