// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/time_units.h"
#include "sim/generate.h"

namespace scx_pair {
namespace {

constexpr u64 kLeastQuotaNs = kMs;  // as in the kernel
constexpr u64 kDeeperMost = 3;

u64 random_period_ns(Random& random) {
  return std::max(random_time_ns(random, kMs, 100 * kMs) / kUs * kUs, kMs);
}

void limit(Random& random, CgroupSpec& cgroup) {
  cgroup.period_ns = random_period_ns(random);
  const u64 percent = random_time_ns(random, 5, 300);
  cgroup.quota_ns = std::max(cgroup.period_ns * percent / 100 / kUs * kUs, kLeastQuotaNs);
  if (random.chance(1, 3)) cgroup.burst_ns = random.between(0, cgroup.quota_ns / kUs) * kUs;
}

void nest(Random& random, Scenario& scenario) {
  const u64 deeper = random.between(0, kDeeperMost);
  for (u64 i = 0; i < deeper; i++) {
    const auto parent = static_cast<u32>(random.between(1, scenario.cgroups.size() - 1));
    const std::string name = std::string("/n") + std::to_string(i);
    scenario.cgroups.push_back({.path = scenario.cgroups[parent].path + name, .parent = parent});
  }
}

void settle_task(Random& random, const Scenario& scenario, TaskSpec& task) {
  if (task.kthread) return;
  if (random.chance(1, 3)) {
    task.cgroups.push_back(static_cast<u32>(random.below(scenario.cgroups.size())));
  }
  const bool ordinary = task.policy == TaskPolicy::kOrdinary;
  if (!ordinary || !random.chance(1, 5)) return;
  task.policy = random.chance(1, 2) ? TaskPolicy::kBatch : TaskPolicy::kSchedIdle;
  if (task.policy == TaskPolicy::kSchedIdle) task.nice = 0;
}

Fault control_fault(Random& random, const GenerateLimits& limits, const Scenario& scenario) {
  Fault fault{.kind = random.chance(2, 3) ? Fault::Kind::kLimit : Fault::Kind::kLeftover};
  fault.cgroups = some_cgroups(random, scenario, 1);
  if (fault.kind == Fault::Kind::kLimit) {
    const u64 most = random_time_ns(random, 5, 300);
    // From no limit at all on.
    fault.value = {.kind = Draw::Kind::kUniform, .value = 0, .most = most};
    fault.period_ns = random_period_ns(random);
  }
  fault.at_ns = random_time_ns(random, 1, limits.duration_ns);
  if (random.chance(3, 4)) fault.every_ns = random_time_draw(random, 100 * kUs, 20 * kMs);
  return fault;
}

}  // namespace

void generate_controls(Random& random, const GenerateLimits& limits, Scenario& scenario) {
  nest(random, scenario);
  for (u32 i = 1; i < scenario.cgroups.size(); i++) {
    if (random.chance(1, 4)) limit(random, scenario.cgroups[i]);
    if (random.chance(1, 8)) scenario.cgroups[i].idle = true;
  }
  for (TaskSpec& task : scenario.tasks) settle_task(random, scenario, task);
  if (!limits.faults) return;
  const u64 faults = random.between(0, 2);
  for (u64 i = 0; i < faults; i++) {
    scenario.faults.push_back(control_fault(random, limits, scenario));
  }
}

}  // namespace scx_pair
