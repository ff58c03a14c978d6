/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rescues: how soon a domain is served whatever it is entitled to.
 *
 * The kernel ends a scheduler that leaves one runnable task waiting for 30 s, and then nobody is
 * kept apart. A domain that counts for next to nothing, runs only in what others leave or has used
 * up a limit is therefore overdue after some time. It then has the next turn for a moment, and pays
 * for it.
 *
 * A moment serves one task. The time after which a domain is overdue is divided among its tasks, so
 * that each of them runs within RESCUE_ROUND_NS, as long as the moments take no more than a
 * sixteenth of a core. A domain of more tasks has up to RESCUE_LAST_NS for a round. One for which
 * that is not enough has up to half of a core.
 */
#pragma once

#include "base/types.h"

/* A round of rescues of all tasks of a domain. The second is for more tasks than the first has room
 * for, and for tasks that a limit holds back. */
#define RESCUE_ROUND_NS 5000000000ull
#define RESCUE_LAST_NS	16000000000ull
/* Rescues take one part of so many of a core; and in the last resort, one of so many. */
#define RESCUE_PART	 16u
#define RESCUE_PART_LAST 2u
/* A domain that is overdue for so long is rescued sooner after another one, or at once. */
#define RESCUE_LATE_NS	   5000000000ull
#define RESCUE_TOO_LATE_NS 10000000000ull

/* After how long without a turn a domain of @tasks is overdue, in ns, where a rescue takes
 * @moment_ns. @limited: a limit holds for it, which it is to exceed as late as possible. */
static inline u64 rescue_after_ns(u32 tasks, u64 moment_ns, bool limited)
{
	u64 nr = tasks ? tasks : 1;
	u64 soon_ns = (limited ? RESCUE_LAST_NS : RESCUE_ROUND_NS) / nr;
	u64 last_ns = RESCUE_LAST_NS / nr;

	if (soon_ns >= RESCUE_PART * moment_ns)
		return soon_ns;
	if (last_ns >= RESCUE_PART * moment_ns)
		return RESCUE_PART * moment_ns;
	return last_ns > RESCUE_PART_LAST * moment_ns ? last_ns : RESCUE_PART_LAST * moment_ns;
}

/* How long after one rescue the next may come, in ns, where @pairs share the rescues and the domain
 * has been overdue for @late_ns. */
static inline u64 rescue_gap_ns(u64 late_ns, u64 moment_ns, u32 pairs)
{
	u32 part = late_ns < RESCUE_LATE_NS ? RESCUE_PART : RESCUE_PART_LAST;

	if (late_ns >= RESCUE_TOO_LATE_NS)
		return 0;
	return part * moment_ns / (pairs ? pairs : 1);
}
