// SPDX-License-Identifier: GPL-2.0-only
#include "policy/waiting.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace
{

constexpr u32 kDomains = 64;
// As if each position were in something larger.
constexpr u32 kStride = 3;

// A heap over its own memory, with the least entry taken by brute force beside it.
struct Heap {
	Heap()
	{
		waiting.entries = entries;
		waiting.positions = positions;
		waiting.stride = kStride;
	}

	void add(u32 slot, u64 vtime)
	{
		domains[slot].vtime = vtime;
		waiting_add(&waiting, slot, vtime);
	}

	bool refresh(u32 position)
	{
		return waiting_refresh(&waiting, position, domains[entries[position].slot].vtime);
	}

	u32 position_of(u32 slot) const
	{
		return positions[size_t{slot} * kStride];
	}

	bool is_sound() const
	{
		for (u32 i = 2; i <= waiting.nr; ++i) {
			if (waiting_before(entries[i].vtime, entries[i].slot, entries[i / 2].vtime,
					   entries[i / 2].slot)) {
				return false;
			}
		}
		u32 placed = 0;
		for (u32 slot = 0; slot < kDomains; ++slot) {
			const u32 position = position_of(slot);
			if (position == 0)
				continue;
			++placed;
			if (position > waiting.nr || entries[position].slot != slot)
				return false;
		}
		return placed == waiting.nr;
	}

	waiting_entry entries[kDomains + 1] = {};
	domain domains[kDomains] = {};
	u32 positions[kDomains * kStride] = {};
	struct waiting waiting = {};
};

TEST(Waiting, TheLeastVirtualTimeIsOnTop)
{
	Heap heap;
	heap.add(3, 30);
	heap.add(1, 10);
	heap.add(2, 20);
	EXPECT_EQ(heap.entries[1].slot, 1u);
	waiting_remove(&heap.waiting, 1);
	EXPECT_EQ(heap.entries[1].slot, 2u);
}

TEST(Waiting, EqualVirtualTimesAreOrderedBySlot)
{
	Heap heap;
	heap.add(9, 5);
	heap.add(4, 5);
	EXPECT_EQ(heap.entries[1].slot, 4u);
}

TEST(Waiting, ADomainThatWasChargedSinksWhenItIsRefreshed)
{
	Heap heap;
	heap.add(1, 10);
	heap.add(2, 20);
	heap.domains[1].vtime = 30;
	EXPECT_TRUE(heap.refresh(1));
	EXPECT_EQ(heap.entries[1].slot, 2u);
	EXPECT_FALSE(heap.refresh(1));
}

TEST(Waiting, TheLastOneCanBeRemoved)
{
	Heap heap;
	heap.add(1, 10);
	waiting_remove(&heap.waiting, 1);
	EXPECT_EQ(heap.waiting.nr, 0u);
	EXPECT_EQ(heap.position_of(1), 0u);
}

TEST(DomainKey, OfThoseThatAreOverdueTheEarlierDueGoesFirstAndAllGoBeforeTheOthers)
{
	domain early{}, late{}, behind{};
	early.overdue = late.overdue = 1;
	early.due_ns = 1'000;
	late.due_ns = 2'000;
	EXPECT_TRUE(vtime_before(domain_key(&early), domain_key(&late)));
	EXPECT_TRUE(vtime_before(domain_key(&late), domain_key(&behind)));
}

TEST(DomainKey, WhoHasNotWaitedYetOrIsOverdueAlreadyDoesNotBecomeSo)
{
	domain waits{};
	EXPECT_FALSE(domain_is_overdue(&waits, 5'000));
	waits.due_ns = 4'999;
	EXPECT_TRUE(domain_is_overdue(&waits, 5'000));
	waits.overdue = 1;
	EXPECT_FALSE(domain_is_overdue(&waits, 5'000));
}

RC_GTEST_PROP(Waiting, StaysAHeapUnderAnySequenceOfSteps, ())
{
	Heap heap;
	const auto steps = *rc::gen::container<std::vector<std::pair<u8, u32>>>(
		rc::gen::pair(rc::gen::arbitrary<u8>(), rc::gen::inRange<u32>(0, 1000)));
	std::set<std::pair<u64, u32>> expected;
	for (const auto &[choice, vtime] : steps) {
		const u32 slot = choice % kDomains;
		if (heap.position_of(slot) == 0) {
			heap.add(slot, vtime);
			expected.insert({vtime, slot});
		} else if (choice >= 2 * kDomains) {
			expected.erase({heap.entries[heap.position_of(slot)].vtime, slot});
			waiting_remove(&heap.waiting, slot);
		} else {
			const u32 position = heap.position_of(slot);
			expected.erase({heap.entries[position].vtime, slot});
			heap.domains[slot].vtime += vtime;
			heap.refresh(position);
			expected.insert({heap.domains[slot].vtime, slot});
		}
		RC_ASSERT(heap.is_sound());
		RC_ASSERT(heap.waiting.nr == expected.size());
		if (!expected.empty())
			RC_ASSERT(heap.entries[1].slot == expected.begin()->second);
	}
}

TEST(Waiting, RescuesGoToThoseHeldApartAsOftenAsTheyAreMany)
{
	struct domain domain{};
	u32 held = 0;
	for (u32 i = 0; i < 100; i++)
		held += domain_rescues_held(&domain, 3, 10);
	EXPECT_EQ(held, 30U);
}

TEST(Waiting, ARescueGoesToThoseHeldApartIfAllAre)
{
	struct domain domain{};
	EXPECT_TRUE(domain_rescues_held(&domain, 4, 4));
	EXPECT_TRUE(domain_rescues_held(&domain, 5, 4));
}

TEST(Waiting, ARescueGoesToNobodyHeldApartIfNobodyIs)
{
	struct domain domain{};
	for (u32 i = 0; i < 10; i++)
		EXPECT_FALSE(domain_rescues_held(&domain, 0, 4));
}

TEST(Waiting, WhatRescuesOweIsBoundedWhenTasksLeave)
{
	struct domain domain{};
	domain_rescues_held(&domain, 99, 100);
	EXPECT_TRUE(domain_rescues_held(&domain, 1, 2));
	EXPECT_LT(domain.held_credit, 2U);
}

} // namespace
