/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a nice value is worth. Each level is 1.25 times the next, as in the kernel
 * (sched_prio_to_weight[]), so that nice 0 beside nice 5 has 1.25^5 = 3.05 times as much. The
 * weight that sched_ext hands to schedulers would do, but for being rounded to whole numbers, of
 * which nice 19 is left with 1.
 */
#pragma once

#include "policy/domain.h"

/* static_prio of nice -20, and one more than that of nice 19: include/linux/sched/prio.h. */
#define NICE_FIRST_PRIO 100
#define NICE_END_PRIO	140

static const u32 nice_weights[NICE_END_PRIO - NICE_FIRST_PRIO] = {
	568434189, 454747351, 363797881, 291038305, 232830644, 186264515, 149011612, 119209290,
	95367432,  76293945,  61035156,	 48828125,  39062500,  31250000,  25000000,  20000000,
	16000000,  12800000,  10240000,	 8192000,   6553600,   5242880,	  4194304,   3355443,
	2684355,   2147484,   1717987,	 1374390,   1099512,   879609,	  703687,    562950,
	450360,	   360288,    288230,	 230584,    184467,    147574,	  118059,    94447,
};

/* Of SCHED_IDLE: as little beside nice 0 as in the kernel, 3 of 1024 (WEIGHT_IDLEPRIO). */
#define NICE_IDLE_WEIGHT (WEIGHT_DEFAULT / 1024 * 3)

/* The weight, in WEIGHT_UNIT, of a task of @static_prio: 100..139, any other counts as nice 0; and
 * whether it is SCHED_IDLE. */
static inline u32 nice_weight(u32 static_prio, bool idle)
{
	u32 level = static_prio - NICE_FIRST_PRIO;

	if (idle)
		return NICE_IDLE_WEIGHT;
	return level < NICE_END_PRIO - NICE_FIRST_PRIO ? nice_weights[level] : WEIGHT_DEFAULT;
}

/*
 * The slice of a task of @weight: @slice_ns, but less for one that counts for little, down to
 * @least_ns. What it pays for a whole slice, and so what it then waits for, is otherwise the
 * longer the less it counts for.
 */
static inline u64 nice_slice(u64 slice_ns, u64 least_ns, u32 weight)
{
	u64 slice = weight < WEIGHT_DEFAULT ? slice_ns * weight / WEIGHT_DEFAULT : slice_ns;

	return slice < least_ns ? least_ns : slice;
}

/*
 * How far a domain's tasks have come, now that one of virtual time @start starts: where those that
 * wake join in. A task that counts for little may be far ahead of the others, which run beside it;
 * so one start moves this on by one slice at the most.
 */
static inline u64 task_progress(u64 progress, u64 start, u64 slice_ns)
{
	if (!vtime_before(progress, start))
		return progress;
	return vtime_before(progress + slice_ns, start) ? progress + slice_ns : start;
}

/* A tick ends a slice late by this much at most: there are 100 a second or more. */
#define TASK_OVERRUN_NS 10000000ull
/* A lead is worth at most this much of the time of all cpus that the task may wait for. */
#define TASK_ROUND_NS 2000000000ull

/* Others of its domain that wait with a task, and how many cpus they wait for. */
struct task_company {
	u32 queued;
	u32 cpus;
};

/*
 * How far ahead of its domain's tasks a task may be, in virtual time, when it begins to wait.
 *
 * A task that ran alone for a minute has taken nothing from those that come later, so no task pays
 * for more than one run of its own slice. And what a task pays for one run, the others need the
 * longer to catch up with the more of them there are: for that it waits about TASK_ROUND_NS at
 * most, however little it counts for, while its domain has all of the cpus.
 */
static inline u64 task_lead_max(u64 slice_ns, u32 weight, struct task_company company)
{
	u64 run = vtime_cost(slice_ns + TASK_OVERRUN_NS, weight);
	u64 round = TASK_ROUND_NS * (company.cpus ? company.cpus : 1) / ((u64)company.queued + 1);

	return run < round ? run : round;
}
