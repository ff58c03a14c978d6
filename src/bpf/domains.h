/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domain table: one slot for every cgroup that exists, and its queue. It lives in an arena
 * whose pages are allocated as cgroups appear, so there is no limit worth naming (DOMAINS_MAX of
 * them).
 *
 * Queues: a domain has one in each zone, whose ids follow from that of its cgroup, so a task's
 * queue is found without any table (queues.h). Tasks that only one cpu may run go to that cpu's
 * lane instead (lanes.h).
 *
 * Life of a slot: free -> live (ops.cgroup_init) -> dead (ops.cgroup_exit) -> free. A dead slot
 * keeps its queue for a while, because before 7.1 tasks that are exiting may still be queued after
 * ops.cgroup_exit. Slot 0 is nobody's and always there: work of unknown domains is charged to it.
 */
#pragma once

#include "bpf/arrivals.h"

#define DOMAINS_MAX (1u << 20)
#define ARENA_BASE  (1ull << 44)
#define ARENA_PAGE  4096u
/* A dead domain's queue is destroyed once it is empty and this old. */
#define DOMAIN_GRAVE_NS (1000ull * 1000 * 1000)
#define DOMAIN_NO_SLOT	0u

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1 << 20);
	__ulong(map_extra, ARENA_BASE);
} arena SEC(".maps");

/* Regions of the arena: domain table, entries of the heaps, one a zone and one of those that are
 * parked, hungry bits, and what each zone has of a domain. */
#define ENTRIES_BYTES  ((u64)DOMAINS_MAX * 2 * sizeof(struct waiting_entry))
#define REGION_DOMAINS ARENA_BASE
#define REGION_PARKED  (ARENA_BASE + (u64)DOMAINS_MAX * sizeof(struct domain))
#define REGION_ENTRIES (REGION_PARKED + ENTRIES_BYTES)
#define REGION_HUNGRY  (REGION_ENTRIES + ZONES_MAX * ENTRIES_BYTES)
#define REGION_PARTS   (REGION_HUNGRY + (u64)DOMAINS_MAX * (PAIRS_MAX / 64) * sizeof(u64))
/* Of what is mapped: the entries of zone 0's heap; those before are the other regions. */
#define FIRST_ENTRIES_REGION 4u
#define REGIONS		     (FIRST_ENTRIES_REGION + ZONES_MAX)

struct slot_value {
	u32 slot;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DOMAINS_MAX);
	__type(key, u64);
	__type(value, struct slot_value);
} domain_slots SEC(".maps");

struct shard {
	struct bpf_spin_lock lock; /* makes `parked`, the free list and the graveyard true */
	struct waiting parked;	   /* domains that wait for the next period of their cpu.max */
	u32 nr_slots;		   /* slots ever used, slot 0 included */
	u32 free_head;		   /* list through next_free; 0 ends it */
	u32 grave_head;		   /* oldest dead domain */
	u32 grave_tail;
	u32 parked_cursor; /* where the clock goes on to look for who is overdue */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct shard);
} shards SEC(".maps");

/* The domains that have tasks waiting in a zone, so that each cpu chooses among a few, and those of
 * other zones do not wait for it meanwhile. */
struct zone_cell {
	struct bpf_spin_lock lock; /* makes the heap true */
	struct waiting heap;	   /* by virtual time */
	u32 fence;		   /* see all_ordered() */
	u32 scan_cursor;	   /* where the clock goes on to look for who waits long */
	u32 late_slot;		   /* who has waited longest of those it saw last */
	u64 rescued_ns;		   /* when the last that was overdue was brought to the top */
	u32 nr_pairs;		   /* constant */
} OWN_LINE;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ZONES_MAX);
	__type(key, u32);
	__type(value, struct zone_cell);
} zones SEC(".maps");

/* The furthest virtual time at which a turn was opened or renewed, by band: where newcomers join
 * in. Written without a lock; two cpus racing may set it back by one turn, which gives a newcomer
 * that much credit. */
u64 vtime_now[NR_BANDS] OWN_LINE;

/* Bytes of the arena regions that have pages. Only ops.cgroup_init and ops.init write them, which
 * the kernel serialises. The loader keeps them when it attaches again, as it keeps the pages. */
u64 mapped_bytes[REGIONS] SEC(".data.kept");

static __always_inline struct shard *the_shard(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&shards, &key);
}

static __always_inline struct zone_cell *zone_cell_of(u32 zone)
{
	return bpf_map_lookup_elem(&zones, &zone);
}

/* The start of an arena region as a pointer. The empty assembly names the arena map, without which
 * the verifier allows no arena pointers in a program, and hides from the compiler that the address
 * is a constant, which it would otherwise fold into plain integers. */
static __always_inline void __arena *arena_region(u64 start)
{
	asm volatile("" : "+r"(start) : "r"(&arena));
	return (void __arena *)start;
}

static __always_inline struct domain __arena *domain_at(u32 slot)
{
	struct domain __arena *domains = arena_region(REGION_DOMAINS);

	return domains + (slot & (DOMAINS_MAX - 1));
}

/* Where the entries of a zone's heap are. */
static __always_inline u64 entries_at(u32 zone)
{
	return REGION_ENTRIES + zone * ENTRIES_BYTES;
}

static __always_inline u32 pair_words(void)
{
	return (config.nr_pairs + 63) / 64;
}

/* Pairs that have a resting seat which only tasks of domain @slot may fill, 64 to a word. */
static __always_inline u64 __arena *hungry_at(u32 slot, u32 word)
{
	u64 __arena *words = arena_region(REGION_HUNGRY);

	return words + (u64)slot * pair_words() + word;
}

/* What a zone has of a domain: a cache line. */
struct domain_part {
	u32 own[NR_BANDS]; /* runnable tasks, ordinary ones and SCHED_IDLE; see share_count() */
	u32 position;	   /* in the zone's heap */
	u32 pad[16 - NR_BANDS - 1];
};

static __always_inline struct domain_part __arena *domain_part_at(u32 slot, u32 zone)
{
	struct domain_part __arena *parts = arena_region(REGION_PARTS);

	return parts + (u64)slot * config.nr_zones + zone;
}

/* The slot of a live domain; DOMAIN_NO_SLOT if its cgroup is gone or never was. */
static __always_inline u32 domain_slot(u64 domain)
{
	struct slot_value *value = bpf_map_lookup_elem(&domain_slots, &domain);

	return value ? value->slot : DOMAIN_NO_SLOT;
}
