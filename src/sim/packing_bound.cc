// SPDX-License-Identifier: GPL-2.0-only
#include "sim/packing_bound.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace scx_pair {
namespace {

// The pairs that all tasks of the domain fill.
u32 need(const PackedDomain& domain, u32 smt) {
  return (domain.tasks + smt - 1) / smt;
}

bool spins(const Phase& phase) {
  return std::ranges::all_of(phase.steps,
                             [](const Step& step) { return step.kind == Step::Kind::kRun; });
}

bool is_spinner(const TaskSpec& task) {
  return !task.kthread && task.policy == TaskPolicy::kOrdinary && task.cpus.empty() &&
         !task.one_cpu_each && task.delay_ns.is_zero() && task.loops < 0 &&
         std::ranges::all_of(task.phases, spins);
}

bool is_unlimited(const CgroupSpec& cgroup) {
  return cgroup.parent == 0 && cgroup.quota_ns == 0 && !cgroup.idle;
}

bool is_about_packing(const Scenario& scenario) {
  return scenario.shape.single_cores == 0 && scenario.offline.empty() && scenario.faults.empty() &&
         std::ranges::all_of(scenario.tasks, is_spinner);
}

}  // namespace

std::vector<double> entitled_pairs(u32 cores, u32 smt, const std::vector<PackedDomain>& domains) {
  // Those who need least for their weight are served first: they get all they need as long as that
  // is no more than their share of what is left.
  std::vector<size_t> order(domains.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto need_by_weight = [&](size_t i) {
    return std::pair(static_cast<double>(need(domains[i], smt)) / domains[i].weight, i);
  };
  std::ranges::sort(order, {}, need_by_weight);
  double weights = 0;
  for (const PackedDomain& domain : domains) weights += domain.weight;
  double left = cores;
  std::vector<double> pairs(domains.size());
  for (const size_t i : order) {
    const double share = left * domains[i].weight / weights;
    pairs[i] = std::min(share, static_cast<double>(need(domains[i], smt)));
    left -= pairs[i];
    weights -= domains[i].weight;
  }
  return pairs;
}

double usable_seats(double pairs, u32 smt, const PackedDomain& domain) {
  const u32 full = domain.tasks / smt;
  const u32 idle = (full + 1) * smt - domain.tasks;
  return pairs * smt - std::max(0.0, pairs - full) * idle;
}

double least_forced_idle(u32 cores, u32 smt, const std::vector<PackedDomain>& domains) {
  u64 needs = 0;
  for (const PackedDomain& domain : domains) needs += need(domain, smt);
  if (needs <= cores) return 0;
  const std::vector<double> pairs = entitled_pairs(cores, smt, domains);
  double idle = 0;
  for (size_t i = 0; i < domains.size(); i++) {
    idle += pairs[i] * smt - usable_seats(pairs[i], smt, domains[i]);
  }
  return idle / cores / smt;
}

std::optional<std::map<u32, PackedDomain>> packed_domains(const Scenario& scenario) {
  if (!is_about_packing(scenario)) return std::nullopt;
  std::map<u32, PackedDomain> domains;
  for (const TaskSpec& task : scenario.tasks) {
    for (u32 i = 0; i < task.instances; i++) {
      const u32 cgroup = task.cgroups[i % task.cgroups.size()];
      if (!is_unlimited(scenario.cgroups[cgroup])) return std::nullopt;
      PackedDomain& domain = domains[cgroup];
      domain.tasks++;
      domain.weight = scenario.cgroups[cgroup].weight;
    }
  }
  return domains;
}

std::optional<double> least_forced_idle(const Scenario& scenario) {
  const auto domains = packed_domains(scenario);
  if (!domains) return std::nullopt;
  std::vector<PackedDomain> list;
  for (const auto& [cgroup, domain] : *domains) list.push_back(domain);
  return least_forced_idle(static_cast<u32>(pairs_of(scenario.shape).size()), scenario.shape.smt,
                           list);
}

}  // namespace scx_pair
