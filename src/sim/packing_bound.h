// SPDX-License-Identifier: GPL-2.0-only
//
// The best that any schedule can do with domains that must not share a core: how much of the seats
// has to idle while tasks wait, if every domain holds the cores that it is entitled to.
//
// A domain of n tasks that all want a cpu uses min(n, k * S) of the k * S seats of k pairs. What is
// shared out is pairs, used or not: the time for which pairs are held is by weight, but nobody is
// entitled to more pairs than all of its tasks fill, ceil(n / S).
//
// Let the domain hold h pairs on average. Of k pairs it leaves W(k) = max(0, k * S - n) seats idle.
// W is convex, so that by Jensen's inequality no schedule of whole pairs with average h wastes less
// than the chord of W between floor(h) and ceil(h), taken at h. With q = floor(n / S) that is 0 up
// to q, and (h - q) * (q * S + S - n) from there to q + 1, beyond which nobody is entitled.
// And one schedule reaches it for all domains at once: lay their h end to end on a line and let a
// comb of points one apart slide over it by 1. The points on a domain's piece are the pairs that it
// holds at that time; they are floor(h) or ceil(h), h on average, and together always as many as
// there are pairs.
//
// All of this idle time is forced where not all tasks have a seat, that is, where the domains'
// needs ceil(n / S) are more than there are pairs: whoever gets less waits, whenever that is.
// Otherwise everybody can have all he needs, and none is forced.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/types.h"
#include "sim/scenario.h"

namespace scx_pair {

struct PackedDomain {
  u32 tasks = 0;     // that always want a cpu; at least 1
  u32 weight = 100;  // at least 1
};

// How many pairs each domain is entitled to on average. Requires: cores and smt are at least 1.
std::vector<double> entitled_pairs(u32 cores, u32 smt, const std::vector<PackedDomain>& domains);

// How many seats such a domain can use on average, if it holds so many pairs on average. Requires:
// it holds no more than it is entitled to.
double usable_seats(double pairs, u32 smt, const PackedDomain& domain);

// The least part of the seats' time that is forced idle: 0 to 1.
double least_forced_idle(u32 cores, u32 smt, const std::vector<PackedDomain>& domains);

// The domains of a scenario, by index of their cgroup; nothing where it is about more than packing.
// All of its tasks have to be spinners of the ordinary class that start at once and may run
// everywhere, in cgroups beside each other that have no limits; all cores have to be alike and
// online, and nothing may befall them.
std::optional<std::map<u32, PackedDomain>> packed_domains(const Scenario& scenario);
std::optional<double> least_forced_idle(const Scenario& scenario);

}  // namespace scx_pair
