/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything the scheduler remembers, and which lock makes it true.
 *
 *   pairs     one cell a pair: lock + struct pair. Lock order: runqueue lock, then this one.
 *   cpus      one cell a cpu. Touched only under that cpu's runqueue lock, but for `place`, and
 *             what it was told, which is atomic (tell.h).
 *   zones     one cell a zone: lock + heap of the domains that wait there.
 *   domains   arena: the domain table, and the entries of the heaps. `shards` has the lock for who
 *             comes and goes, and for who is parked.
 *   idle_pairs, hungry, arrivals: atomics without a lock; arrivals.h says why that is enough.
 *
 * What every wakeup changes is kept once a zone, a few pairs that usually share a cache, and has a
 * cache line for itself: so the cpus of a large machine do not wait for each other's.
 *
 * One BPF lock at a time, and nothing is called while one is held: gather, lock, ask policy,
 * commit, unlock, and only then kick, move or insert.
 *
 * Functions without `static` are those that the verifier proves once, on their own, for any
 * arguments; they take cpus and slots by number and look the cells up again.
 */
#pragma once

#include "base/scheduler_abi.h"
#include "base/scheduler_stats.h"
#include "bpf/scx.h"
#include "policy/lane.h"
#include "policy/look.h"
#include "policy/nice.h"
#include "policy/stay.h"
#include "policy/waiting.h"
#include "policy/yield.h"

/* Entries of the heap that one look offers: the top, a window that moves on from look to look, so
 * that domains this pair may not run cannot hide the others for good, and who waits long. */
#define HEAP_LOOK_TOP	 3
#define HEAP_LOOK_WINDOW 3
#define HEAP_LOOK_LATE	 (HEAP_LOOK_TOP + HEAP_LOOK_WINDOW)
#define HEAP_LOOK_MAX	 (HEAP_LOOK_LATE + 1)
/* And of another zone's heap. */
#define HEAP_LOOK_ELSEWHERE 2

/* Of how many domains a resting cpu can be told before it looks. */
#define TOLD_MAX 4

/* For what is written often: nothing else shares its cache line. */
#define OWN_LINE __attribute__((aligned(64)))

const volatile struct scheduler_config config = {.nr_cpus = 1, .nr_pairs = 1, .nr_zones = 1};

struct pair_cell {
	struct bpf_spin_lock lock;
	struct pair pair;
	u32 zone; /* constant */
};

struct cpu_cell {
	struct cpu_place place;
	u32 seated;	   /* it is in a pair, and all cpus have their places: the rest is in use */
	u32 arrivals_open; /* arrivals begun on this cpu that have not landed */
	u32 arrival_told;  /* the cpu that was told of the last of them, plus one; 0: none was */
	/* The domains this cpu was woken for since it looked, the last one first; DOMAIN_NO_SLOT:
	 * seen to. */
	u32 told[TOLD_MAX];
	u32 moves_on;	     /* its task shares the core while another core is idle */
	u32 window_cursor;   /* where the next look into a long heap goes on */
	u32 heap_nr;	     /* domains that waited in the zone when this cpu looked at them last */
	u32 looks_in_vain;   /* looks in a row that found only domains this cpu may not serve */
	u64 run_start_ns;    /* when the running task of ours started */
	u64 taken_ns;	     /* of the limits of the running task's domain, for it, */
	u64 taken_at_ns;     /* when it started or was let go on; */
	u32 taken_slot;	     /* and the domain; DOMAIN_NO_SLOT if it has no limit */
	u64 trusted_debt_ns; /* how much kernel threads ran ahead of everybody else here */
	u64 seen;	     /* arrivals that had landed when the dispatch began to look */
	u32 fence;	     /* see all_ordered() */
	u32 zone_cursor;     /* the zone whose queue was held against this one's last */
	u32 zone_looked;     /* and whose heap */
	/* Scratch of dispatch and of occupy, which may interrupt a dispatch that has let go of the
	 * runqueue lock. Not on the stack: it is too small, and there the verifier would follow
	 * every value that ends up in them through everything that comes after. */
	u32 heap_slots[HEAP_LOOK_MAX];
	u32 elsewhere[HEAP_LOOK_ELSEWHERE]; /* and of another zone's heap */
	u32 found_nothing; /* domains of which this look has found nothing that it may start */
	u32 lane_looked;   /* tasks of a lane that the look has gone through */
	/* What it looked for: the lane where the task is, 0 if there is none; its virtual time, and
	 * its pid. */
	u64 lane_found;
	u64 lane_vtime;
	s32 lane_found_pid;
	u32 lane_was_held; /* and whether it has been held apart since it ran */
	/* Of this cpu's lane: the first task, and since when it is that. Written by whoever looks
	 * into the lane, without a lock: two who do so at once write nearly the same. */
	s32 lane_pid;
	u64 lane_since_ns;
	u64 lane_bonus; /* and what waiting is worth to the domain that was found last */
	u32 lane_seats; /* of the pair, which may run tasks of that domain: a bit mask */
	/* Written by whoever puts a task there, without a lock: see policy/lane.h. */
	struct lane_rounds lane_rounds;
	/* And of a queue, for one to pass on. Also changed by who lands what this cpu was told of:
	 * if both pass on at once, they look at a few tasks more or fewer. */
	u32 pass_looked;
	struct turn_offer offer;
	struct turn_choice choice;
	struct turn_choice closing;
	struct turn_choice occupy_closing;
	struct pair_switch occupy_result;
	struct pair_switch see_result; /* scratch of see_cpu(), of which there is one at a time */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the loader sets it to nr_pairs */
	__type(key, u32);
	__type(value, struct pair_cell);
} pairs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the loader sets it to nr_cpus */
	__type(key, u32);
	__type(value, struct cpu_cell);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the loader sets it to nr_cpus */
	__type(key, u32);
	__type(value, struct cpu_place);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scheduler_stats);
} stats SEC(".maps");

struct exit_record exit_record SEC(".data.exit");

/* How long domains were kept waiting by others: seat time that was idle because siblings ran
 * somebody else, in ns. Where it is full, new pairs of domains are not counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FORCED_PAIRS_MAX);
	__type(key, u64); /* slots of the two domains; see note_forced() */
	__type(value, struct forced_time);
} forced_idle SEC(".maps");

/* What became of each cgroup's limit, by cgroup id: copied here when one of its periods ends. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, LIMITS_MAX);
	__type(key, u64);
	__type(value, struct limit_times);
} limit_stats SEC(".maps");

/* Can be read once exit_record is written, so that the loader sleeps until then. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} exit_news SEC(".maps");

/* Pairs on which any domain may start, a bit each. */
u64 idle_pairs[PAIRS_MAX / 64] OWN_LINE;

/* When the end of somebody's time was last brought forward, for a task that woke. Written without a
 * lock: any of the latest will do. */
u64 brought_forward_ns OWN_LINE;

/* The cell of a cpu that is seated; NULL for others, and for all until ops.init() has seated them:
 * switches are told before that. */
static __always_inline struct cpu_cell *cpu_cell_of(s32 cpu)
{
	u32 key = (u32)cpu;
	struct cpu_cell *cell = bpf_map_lookup_elem(&cpus, &key);

	return cell && cell->seated ? cell : NULL;
}

static __always_inline struct pair_cell *pair_cell_of(u32 pair)
{
	return bpf_map_lookup_elem(&pairs, &pair);
}

/* The pair that a cpu sits in; NULL for no cpu. */
static __always_inline struct pair_cell *home_of(const struct cpu_cell *cell)
{
	return cell ? pair_cell_of(cell->place.pair) : NULL;
}

static __always_inline struct scheduler_stats *stats_here(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&stats, &key);
}

/* Bumps a counter of this cpu. A macro, because C has no member references. */
#define count(field, n)                                                                            \
	do {                                                                                       \
		struct scheduler_stats *here = stats_here();                                       \
		if (here)                                                                          \
			here->field += (n);                                                        \
	} while (0)

static __always_inline struct turn_params turn_params(void)
{
	struct turn_params params = {.turn_ns = config.turn_ns,
				     .turn_min_ns = config.turn_min_ns,
				     .round_ns = config.round_ns,
				     .cut_min_ns = config.cut_min_ns,
				     .lead_ns = config.lead_ns,
				     .patience_ns = config.patience_ns,
				     .run_min_ns = config.run_min_ns,
				     .burst_ns = config.burst_ns};

	return params;
}

static __always_inline void kick(u32 cpu, u64 flags)
{
	count(kicks, 1);
	scx_bpf_kick_cpu((s32)cpu, flags);
}

/* Kicks the seats of @pair in the bit mask @seats. The seats' cpu numbers are constant, so no lock
 * is needed. */
static __always_inline void kick_seats(const struct pair *pair, u32 seats, u64 flags)
{
	if (!seats)
		return;
	for_each_below (i, pair->nr_seats)
		if (seats & (1u << i))
			kick(pair_seat(pair, i)->cpu, flags);
}

/*
 * The domain of a task, read from where the kernel itself keeps it, so there is no copy that could
 * be stale. Autogroups have no cgroup: they belong to the root.
 */
static __always_inline u64 domain_of(struct task_struct *p)
{
	struct cgroup *cgroup;

	if ((p->flags & PF_KTHREAD) && config.kthreads_trusted)
		return DOMAIN_TRUSTED;
	cgroup = p->sched_task_group->css.cgroup;
	return cgroup ? cgroup->kn->id : DOMAIN_ROOT;
}
