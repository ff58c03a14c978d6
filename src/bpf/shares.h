/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each domain is entitled to: the tree of cgroups of policy/share.h, kept up to date as tasks
 * wake and sleep.
 *
 * Nothing is locked. Every count is changed by an atomic, and what a parent counts of a child by an
 * exchange whose difference is then added. Whoever changes an input settles the node afterwards,
 * and goes on until what stands there is what should: so of two cpus that race, the last to
 * exchange sees the other's change, and when all are done the sums are true. Until then a weight
 * may be wrong for one charge.
 *
 * Nothing above the cgroups right below the root is counted, because those have their own weight:
 * no cache line is shared by all that wake.
 */
#pragma once

#include "bpf/queues.h"

/* No way to the root is longer: each level has a slot of its own. */
#define SHARE_DEPTH_MAX DOMAINS_MAX
/* How often a node is settled before it is left to who is changing it at the same time. */
#define SHARE_TRIES 4

/* Corrects what the parent counts of @slot. Returns whether that was changed. */
static __always_inline bool share_settle_one(u32 slot, u32 parent)
{
	struct share __arena *share = &domain_at(slot)->share;
	struct share __arena *above = &domain_at(parent)->share;
	bool changed = false;
	u32 i;

	bpf_for (i, 0, SHARE_TRIES) {
		u32 want = share_given(share), had;

		if (share->given == want)
			break;
		had = __sync_lock_test_and_set(&share->given, want);
		changed = true;
		if (had) {
			u32 band = share_given_band(had) & (NR_BANDS - 1);

			__sync_fetch_and_add(&above->children[band], -1);
			__sync_fetch_and_add(&above->sum[band], -share_given_weight(had));
		}
		if (want) {
			u32 band = share_given_band(want) & (NR_BANDS - 1);

			__sync_fetch_and_add(&above->children[band], 1);
			__sync_fetch_and_add(&above->sum[band], share_given_weight(want));
		}
	}
	return changed;
}

/* An input of share_given() has changed at @slot: what its ancestors count of it follows. */
__noinline int share_settle(u32 slot)
{
	u32 i;

	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		u32 parent = domain_at(slot)->share.parent;

		if (parent == DOMAIN_NO_SLOT || domain_at(parent)->share.parent == DOMAIN_NO_SLOT)
			break;
		if (!share_settle_one(slot, parent))
			break;
		slot = parent;
	}
	return 0;
}

/* What domain @slot is entitled to at this moment, in WEIGHT_UNIT. */
__noinline u32 share_weight(u32 slot)
{
	struct share __arena *share = &domain_at(slot)->share;
	u32 band = share->own[BAND_ORDINARY] ? BAND_ORDINARY : BAND_LEFTOVER;
	u32 whole = share_whole(share, band);
	u32 own = WEIGHT_DEFAULT / WEIGHT_UNIT, i;
	u32 weight = share->sum[band & (NR_BANDS - 1)] ? share_part(WEIGHT_DEFAULT, own, whole)
						       : WEIGHT_DEFAULT;

	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		u32 parent = share->parent;
		struct share __arena *above = &domain_at(parent)->share;

		if (parent == DOMAIN_NO_SLOT || above->parent == DOMAIN_NO_SLOT)
			return share_part(weight_of(share->weight), weight, WEIGHT_DEFAULT);
		band = share_given_band(share->given) & (NR_BANDS - 1);
		/* Who has just fallen asleep pays as one of those who compete. */
		whole = share_whole(above, band) + (share->given ? 0 : share->weight);
		weight = share_part(weight, share->weight, whole);
		share = above;
	}
	return weight;
}

/* Domain @slot is not owed more than @owed_ns of virtual time from now on; and one that has changed
 * its band begins anew, because the times of the two have nothing to do with each other. Another
 * cpu may charge the domain at this moment: then its charge counts, and who joins next sees to the
 * rest. */
static __always_inline void domain_join(u32 slot, u64 owed_ns)
{
	struct domain __arena *domain = domain_at(slot);
	u32 band = share_own_band(&domain->share);
	u64 now = vtime_now[band & (NR_BANDS - 1)];
	u64 had = domain->vtime;
	u64 joined = band == domain->band ? vtime_join(had, now, owed_ns) : now;

	if (joined != had)
		__sync_val_compare_and_swap(&domain->vtime, had, joined);
	if (band != domain->band)
		domain->band = band;
}

/* What @domain may be owed while it has something to run. */
static __always_inline u64 domain_lag(const struct domain __arena *domain)
{
	return vtime_cost(config.lag_ns, domain->weight);
}

/* Changes a count by one. Returns whether it was or is nothing. */
static __always_inline bool count_turns(u32 __arena *count, s32 change)
{
	u32 had = __sync_fetch_and_add(count, change);

	return !had || !(had + (u32)change);
}

/*
 * A task of domain @slot, of an own band, has become runnable (@change is 1) or no longer is (-1).
 * It is always counted in the same @part, and parts that have somebody are counted by the domain.
 * Two cpus that change a part at the same time may tell the domain in the wrong order; when both
 * have, its count is true.
 */
static __always_inline void share_count(u32 slot, u32 part, u32 band, s32 change)
{
	struct domain __arena *domain = domain_at(slot);

	if (!count_turns(&domain_part_at(slot, part)->own[band & (NR_BANDS - 1)], change) ||
	    !count_turns(&domain->share.own[band & (NR_BANDS - 1)], change))
		return;
	share_settle(slot);
	if (change < 0)
		return;
	domain->weight = share_weight(slot);
	/* Its wait begins anew. */
	domain->due_ns = 0;
	domain->overdue = false;
	/* Who slept is owed less than who waited. */
	if (!domain->share.own[(band ^ 1) & (NR_BANDS - 1)])
		domain_join(slot, config.credit_ns);
}

static __always_inline void task_counts(struct task_struct *p, s32 change)
{
	u64 domain = domain_of(p);
	u32 slot = domain_excludes(domain) ? domain_slot(domain) : DOMAIN_NO_SLOT;

	if (slot != DOMAIN_NO_SLOT)
		share_count(slot, (u32)p->pid % config.nr_zones,
			    p->policy == SCHED_IDLE ? BAND_LEFTOVER : BAND_ORDINARY, change);
}

/* Runnable tasks of domain @slot, running ones included. */
static __always_inline u32 slot_tasks(u32 slot)
{
	u32 sum = 0;

	for_each_below (part, config.nr_zones)
		sum += domain_part_at(slot, part)->own[BAND_ORDINARY] +
		       domain_part_at(slot, part)->own[BAND_LEFTOVER];
	return sum;
}

/* Nobody of domain @slot is runnable. */
static __always_inline void share_count_nobody(u32 slot)
{
	for_each_below (part, config.nr_zones)
		for (u32 band = 0; band < NR_BANDS; band++)
			domain_part_at(slot, part)->own[band] = 0;
	for (u32 band = 0; band < NR_BANDS; band++)
		domain_at(slot)->share.own[band] = 0;
}

/* Whether domain @slot, or a cgroup above it, has cpu.idle. */
static __always_inline bool share_is_leftover(u32 slot)
{
	u32 i;

	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		if (slot == DOMAIN_NO_SLOT)
			break;
		if (domain_at(slot)->share.idle)
			return true;
		slot = domain_at(slot)->share.parent;
	}
	return false;
}

/* Notes whether domain @slot is for what others leave. Of two cpus that race, the last to exchange
 * sees what the other has changed above: so a cgroup that is made meanwhile misses nothing. */
__noinline int leftover_settle(u32 slot)
{
	u32 i;

	bpf_for (i, 0, SHARE_TRIES) {
		u32 want = share_is_leftover(slot);

		if (domain_at(slot)->share.leftover == want)
			break;
		__sync_lock_test_and_set(&domain_at(slot)->share.leftover, want);
	}
	return 0;
}

/* Domain @slot has a cgroup in the tree. Requires: it has no children yet. */
static __always_inline void share_begin(u32 slot, u32 parent, u32 weight, bool idle)
{
	struct share __arena *share = &domain_at(slot)->share;

	share_count_nobody(slot);
	for (u32 band = 0; band < NR_BANDS; band++) {
		share->children[band] = 0;
		share->sum[band] = 0;
	}
	share->given = 0;
	share->parent = parent;
	share->weight = weight;
	share->idle = idle;
	leftover_settle(slot);
	domain_at(slot)->weight = share_weight(slot);
	domain_at(slot)->band = share_own_band(share);
}

/* The cgroup of domain @slot is gone: nothing in it counts any more. */
static __always_inline void share_end(u32 slot)
{
	share_count_nobody(slot);
	share_settle(slot);
}

/* cpu.weight was written. */
static __always_inline void share_set_weight(u32 slot, u32 weight)
{
	domain_at(slot)->share.weight = weight;
	share_settle(slot);
	domain_at(slot)->weight = share_weight(slot);
}

/* cpu.idle was written: all that is below follows. */
static __always_inline void share_set_idle(u32 slot, bool idle)
{
	struct shard *shard = the_shard();
	u32 i;

	domain_at(slot)->share.idle = idle;
	share_settle(slot);
	if (!shard)
		return;
	bpf_for (i, 1, shard->nr_slots)
		leftover_settle(i);
}

/*
 * Follows cpu.idle where the kernel does not tell: of a cgroup that had it before we came (told
 * since a release of 7.3), or at all (since 6.19). The tasks of a cgroup lead to it and to those
 * above it.
 */
static __always_inline void share_note_idle(const struct task_struct *p, u32 slot)
{
	const struct task_group *group = p->sched_task_group;
	u32 i;

	if (bpf_core_field_exists(((struct scx_cgroup_init_args *)0)->sched_idle))
		return;
	bpf_for (i, 0, SHARE_DEPTH_MAX) {
		if (slot == DOMAIN_NO_SLOT || !group)
			break;
		if (!domain_at(slot)->share.idle != !group->idle)
			share_set_idle(slot, group->idle);
		slot = domain_at(slot)->share.parent;
		group = group->parent;
	}
}

/* The virtual time by which domain @slot is compared with others; one that is unknown is level. */
static __always_inline u64 slot_rank(u32 slot)
{
	return slot == DOMAIN_NO_SLOT ? vtime_now[BAND_ORDINARY] : domain_rank(domain_at(slot));
}

/* Makes domain @slot pay for @held_ns of seat time. */
static __always_inline void domain_charge(u32 slot, u64 held_ns)
{
	struct domain __arena *domain = domain_at(slot);

	if (!held_ns)
		return;
	__sync_fetch_and_add(&domain->vtime, vtime_cost(held_ns, domain->weight));
	if (slot != DOMAIN_NO_SLOT)
		domain->weight = share_weight(slot);
}
