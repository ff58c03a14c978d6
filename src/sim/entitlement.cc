// SPDX-License-Identifier: GPL-2.0-only
#include "sim/entitlement.h"

#include <algorithm>
#include <vector>

namespace scx_pair {
namespace {

bool is_by_weight(const TaskSpec& task) {
  return task.policy < TaskPolicy::kFifo && task.cpus.empty() && !task.one_cpu_each;
}

// For each cgroup, whether it is one of `busy` or above one.
std::vector<bool> active_cgroups(const Scenario& scenario, std::span<const u32> busy) {
  std::vector<bool> active(scenario.cgroups.size());
  for (const u32 cgroup : busy) {
    for (u32 at = cgroup; at != kNoIndex; at = scenario.cgroups[at].parent) active[at] = true;
  }
  return active;
}

}  // namespace

std::map<u32, double> entitled_shares(const Scenario& scenario, std::span<const u32> busy) {
  if (!scenario.faults.empty()) return {};
  if (!std::ranges::all_of(scenario.tasks, is_by_weight)) return {};
  const std::vector<bool> active = active_cgroups(scenario, busy);
  std::vector<u64> weights_below(scenario.cgroups.size());
  for (u32 i = 0; i < active.size(); i++) {
    const CgroupSpec& cgroup = scenario.cgroups[i];
    if (!active[i]) continue;
    if (cgroup.quota_ns != 0 || cgroup.idle) return {};
    if (cgroup.parent != kNoIndex) weights_below[cgroup.parent] += cgroup.weight;
  }
  std::vector<double> shares(scenario.cgroups.size(), 1);
  for (u32 i = 0; i < active.size(); i++) {
    const CgroupSpec& cgroup = scenario.cgroups[i];
    if (!active[i] || cgroup.parent == kNoIndex) continue;
    shares[i] =
        shares[cgroup.parent] * cgroup.weight / static_cast<double>(weights_below[cgroup.parent]);
  }
  std::map<u32, double> entitled;
  for (const u32 cgroup : busy) {
    if (weights_below[cgroup] != 0) return {};
    entitled[cgroup] = shares[cgroup];
  }
  return entitled;
}

}  // namespace scx_pair
