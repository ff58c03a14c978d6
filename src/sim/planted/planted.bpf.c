/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler with a defect planted, one for each oracle of the explorer to convict, and one for
 * the costs of locks to show: a function is replaced after the header that defines it, before those
 * that call it.
 */
#include "bpf/scx.h"

#ifdef PLANT_TASK_DROPPED
/* Tasks of even pids get lost on their way into the queue. */
static __always_inline void insert_some(struct task_struct *p, u64 dsq_id, u64 slice_ns, u64 vtime,
					u64 enq_flags)
{
	if (p->pid & 1)
		dsq_insert_vtime(p, dsq_id, slice_ns, vtime, enq_flags);
}
#define dsq_insert_vtime insert_some
#endif

#include "policy/look.h"
#include "policy/yield.h"

#ifdef PLANT_CLAIM_KEPT
/* A claim is not given back where nothing could be started. */
#define turn_unclaim(pair, me) ((void)(me))
#endif
#ifdef PLANT_SIBLING_LEFT
/* A cpu that starts a task does not wake the seats beside it for others of its domain. */
#define pair_rests_beside(pair, me) false
#endif

#include "bpf/state.h"

#ifdef PLANT_ENDLESS_TURN
/* Nobody's turn ever ends. */
static __always_inline struct turn_params endless(void)
{
	struct turn_params params = {.turn_ns = 1ull << 50,
				     .turn_min_ns = 1ull << 50,
				     .cut_min_ns = 1ull << 50,
				     .lead_ns = 1ull << 50};

	return params;
}
#define turn_params() endless()
#endif

#include "bpf/arrivals.h"

#ifdef PLANT_ARRIVAL_MISSED
/* A seat that goes to rest does not care what is just arriving. */
#define arrivals_missed(seen) ((seen) == ~0ull)
#endif

#ifdef PLANT_ONE_LOCK
/* Correct, but one lock of the whole machine is taken in every callback, and for each count. */
struct only_lock {
	struct bpf_spin_lock lock;
	u32 takers;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct only_lock);
} only_lock SEC(".maps");

static __noinline void pass_only_lock(void)
{
	u32 key = 0;
	struct only_lock *only = bpf_map_lookup_elem(&only_lock, &key);

	if (only) {
		bpf_spin_lock(&only->lock);
		only->takers++;
		bpf_spin_unlock(&only->lock);
	}
}

static __always_inline void arrivals_land_locked(void)
{
	pass_only_lock();
	arrivals_land();
}
#define arrivals_land arrivals_land_locked

static __always_inline struct scheduler_stats *stats_locked(void)
{
	pass_only_lock();
	return stats_here();
}
#define stats_here stats_locked
#endif

#include "bpf/heap.h"

#ifdef PLANT_WAITER_FORGOTTEN
/* A domain whose task woke is not put with those that wait. */
#define domain_wait(slot, zone) ((void)(slot), (void)(zone))
#endif

#include "bpf/switch.h"

#ifdef PLANT_EARLY_RELEASE
/* The seat is released when its task stops, which is before the cpu has left it. */
static __always_inline void stopped_early(struct task_struct *p, bool runnable)
{
	stopped(p, runnable);
	occupy(scx_bpf_task_cpu(p), DOMAIN_NONE, false, WINDOW_UNSANCTIONED);
}
#define stopped stopped_early
#endif

#include "bpf/scx_pair.bpf.c"
