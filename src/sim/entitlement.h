// SPDX-License-Identifier: GPL-2.0-only
//
// What cpu.weight promises. At each level of the hierarchy the time is divided among the cgroups in
// which somebody wants it, in proportion to their weights (Documentation/admin-guide/cgroup-v2.rst,
// "Weights").
#pragma once

#include <map>
#include <span>

#include "base/types.h"
#include "sim/scenario.h"

namespace scx_pair {

// The share of all cpu time that each of these cgroups is entitled to, if all of them want cpu time
// all the time and nobody else does: index to share, which add up to 1. Empty where something else
// than cpu.weight has a say, so that nobody can tell: a fault, cpu.max, cpu.idle, a task of a
// higher class or one that may not use all cpus, or a cgroup that has tasks beside cgroups below
// it. Whether a cgroup has tasks enough to use its share is not asked. Requires: indices into
// scenario.cgroups, none twice.
std::map<u32, double> entitled_shares(const Scenario& scenario, std::span<const u32> busy);

}  // namespace scx_pair
