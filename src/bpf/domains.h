/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domain table: one slot for every cgroup that exists, its queue, and the heap of those that
 * wait. It lives in an arena whose pages are allocated as cgroups appear, so there is no limit
 * worth naming (DOMAINS_MAX of them).
 *
 * Queues: the queue of a domain has the id of its cgroup, so a task's queue is found without any
 * table. Tasks that only one cpu may run go to that cpu's lane instead (lanes.h).
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

/* Regions of the arena, by offset: domain table, heap entries, hungry bits. */
#define REGION_DOMAINS ARENA_BASE
#define REGION_ENTRIES (ARENA_BASE + (u64)DOMAINS_MAX * sizeof(struct domain))
#define REGION_HUNGRY  (REGION_ENTRIES + (u64)DOMAINS_MAX * 2 * sizeof(struct waiting_entry))

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
	struct bpf_spin_lock lock; /* makes the heap, the free list and the graveyard true */
	struct waiting heap;
	u32 nr_slots;	/* slots ever used, slot 0 included */
	u32 free_head;	/* list through next_free; 0 ends it */
	u32 grave_head; /* oldest dead domain */
	u32 grave_tail;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct shard);
} shards SEC(".maps");

/* The furthest virtual time at which a turn was opened: where newcomers join in. Written without a
 * lock; two cpus racing may set it back by one turn, which gives a newcomer that much credit. */
u64 vtime_now;

/* Bytes of the arena regions that have pages. Only ops.cgroup_init and ops.init write them, which
 * the kernel serialises. */
u64 mapped_bytes[3];

static __always_inline struct shard *the_shard(void)
{
	u32 key = 0;

	return bpf_map_lookup_elem(&shards, &key);
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

/* The slot of a live domain; DOMAIN_NO_SLOT if its cgroup is gone or never was. */
static __always_inline u32 domain_slot(u64 domain)
{
	struct slot_value *value = bpf_map_lookup_elem(&domain_slots, &domain);

	return value ? value->slot : DOMAIN_NO_SLOT;
}

/* A domain that slept may not be owed more than the credit. */
static __always_inline void domain_join(u32 slot)
{
	struct domain __arena *domain = domain_at(slot);

	domain->vtime = vtime_join(domain->vtime, vtime_now, config.credit_ns);
}

/* Domain @slot has tasks waiting. */
__noinline int domain_wait(u32 slot)
{
	struct shard *shard = the_shard();
	struct domain __arena *domain = domain_at(slot);

	if (!shard || slot == DOMAIN_NO_SLOT || slot >= DOMAINS_MAX)
		return 0;
	/* Racy, and settled under the lock: a removal that this look misses sees our arrival. */
	bpf_spin_lock(&shard->lock);
	if (!domain->position) {
		domain->vtime = vtime_join(domain->vtime, vtime_now, config.credit_ns);
		waiting_add(&shard->heap, slot);
	}
	bpf_spin_unlock(&shard->lock);
	return 0;
}

/* Domain @slot had nothing in its queue in a look that started at @seen. It stays in the heap if
 * something may have arrived since: see arrivals.h. */
__noinline int domain_stop_waiting(u32 slot, u64 seen)
{
	struct shard *shard = the_shard();
	struct domain __arena *domain = domain_at(slot);
	u64 now_ns = bpf_ktime_get_ns();

	if (!shard || slot == DOMAIN_NO_SLOT || slot >= DOMAINS_MAX)
		return 0;
	bpf_spin_lock(&shard->lock);
	if (domain->position && arrivals_begun == seen) {
		waiting_remove(&shard->heap, slot);
		/* Somebody else may be about to look into the queue of a domain that is gone. */
		if (domain->died_ns)
			domain->died_ns = now_ns;
	}
	bpf_spin_unlock(&shard->lock);
	return 0;
}

/*
 * A task of domain @slot woke: others get short turns until the domain's queue was found empty, or
 * it has had a few turns. Not just one: a turn may be cut before the task was reached. Written
 * without a lock: a wakeup lost to a race with a turn that opens costs that task one long wait.
 */
#define DOMAIN_WOKEN_TURNS 3

static __always_inline void domain_woke(u32 slot)
{
	struct domain __arena *domain = domain_at(slot);

	domain->woken = DOMAIN_WOKEN_TURNS;
	if (!domain->woke_ns)
		domain->woke_ns = bpf_ktime_get_ns();
}

/* Nobody of domain @slot waits any more. */
static __always_inline void domain_slept(u32 slot)
{
	domain_at(slot)->woken = 0;
	domain_at(slot)->woke_ns = 0;
}

static __always_inline void domain_turn_opened(u32 slot)
{
	struct domain __arena *domain = domain_at(slot);

	if (domain->woken)
		domain->woken--;
	domain->woke_ns = 0;
}

/* Makes domain @slot pay for @held_ns of seat time. */
static __always_inline void domain_charge(u32 slot, u64 held_ns)
{
	struct domain __arena *domain = domain_at(slot);

	if (held_ns)
		__sync_fetch_and_add(&domain->vtime, vtime_cost(held_ns, domain->weight));
}
