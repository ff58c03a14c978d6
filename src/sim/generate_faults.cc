// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/time_units.h"
#include "sim/generate.h"

namespace scx_pair {
namespace {

// Those whom a person could change: no kernel thread, no deadline task.
std::vector<u32> changeable_tasks(const Scenario& scenario) {
  std::vector<u32> tasks;
  for (u32 i = 0; i < scenario.tasks.size(); i++) {
    const TaskSpec& task = scenario.tasks[i];
    if (!task.kthread && task.policy != TaskPolicy::kDeadline) tasks.push_back(i);
  }
  return tasks;
}

std::vector<u32> some_of(Random& random, const std::vector<u32>& all) {
  std::vector<u32> some;
  for (const u32 one : all) {
    if (random.chance(1, 2)) some.push_back(one);
  }
  return some.empty() ? std::vector<u32>{all[random.below(all.size())]} : some;
}

void fill_crowd(Random& random, const GenerateLimits& limits, const Scenario& scenario,
                Fault& fault) {
  fault.count = static_cast<u32>(random.between(1, 8));
  fault.run_ns = random_time_draw(random, 10 * kUs, kMs);
  if (random.chance(1, 2)) fault.cpus = random_cpus(random, scenario);
  const bool higher = limits.higher && random.chance(1, 2);
  fault.policy = higher ? TaskPolicy::kFifo : TaskPolicy::kOrdinary;
  fault.priority = higher ? static_cast<u32>(random.between(1, 99)) : 0;
}

Fault::Kind any_kind(Random& random, const GenerateLimits& limits, const Scenario& scenario) {
  // Those that were there when the seeds were written down; generate_controls() has the others.
  const u64 kinds = static_cast<u64>(Fault::Kind::kBypass) + 1;
  for (;;) {
    const auto kind = static_cast<Fault::Kind>(random.below(kinds));
    const bool is_fit = (kind != Fault::Kind::kOffline || cpu_count(scenario.shape) > 1) &&
                        (kind != Fault::Kind::kPolicy || limits.higher) &&
                        (kind != Fault::Kind::kKthreads || limits.kthreads);
    if (is_fit) return kind;
  }
}

void fill(Random& random, const GenerateLimits& limits, const Scenario& scenario,
          const std::vector<u32>& tasks, Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::kMove:
      fault.tasks = some_of(random, tasks);
      fault.cgroups = some_cgroups(random, scenario, 0);
      break;
    case Fault::Kind::kChurn:
      fault.cgroups = some_cgroups(random, scenario, 0);
      fault.run_ns = random_time_draw(random, kUs, kMs);
      break;
    case Fault::Kind::kAffinity:
      fault.tasks = some_of(random, tasks);
      if (random.chance(1, 4)) fault.cpus = random_cpus(random, scenario);
      break;
    case Fault::Kind::kWeight:
      fault.cgroups = some_cgroups(random, scenario, 1);
      fault.value = {.kind = Draw::Kind::kUniform, .value = 1, .most = 10'000};
      break;
    case Fault::Kind::kNice:
      fault.tasks = some_of(random, tasks);
      fault.value = {.kind = Draw::Kind::kUniform, .value = 0, .most = 39};
      break;
    case Fault::Kind::kPolicy:
      fault.tasks = some_of(random, tasks);
      fault.policy = TaskPolicy::kFifo;
      fault.priority = static_cast<u32>(random.between(1, 99));
      fault.run_ns = random_time_draw(random, 100 * kUs, 5 * kMs);
      break;
    case Fault::Kind::kOffline:
      fault.cpus = {static_cast<u32>(random.between(1, cpu_count(scenario.shape) - 1))};
      fault.run_ns = random_time_draw(random, kMs, 50 * kMs);
      break;
    case Fault::Kind::kBurst:
      fault.cgroups = some_cgroups(random, scenario, 0);
      fill_crowd(random, limits, scenario, fault);
      break;
    case Fault::Kind::kKthreads:
      fill_crowd(random, limits, scenario, fault);
      break;
    case Fault::Kind::kReload:
      break;
    case Fault::Kind::kBypass:
      fault.run_ns = random_time_draw(random, 10 * kUs, 20 * kMs);
      break;
    case Fault::Kind::kLimit:
    case Fault::Kind::kLeftover:
      break;
  }
}

// How often a kind may come without leaving no time for anything else.
u64 least_period_ns(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::kOffline:
    case Fault::Kind::kReload:
    case Fault::Kind::kBypass:
      return 50 * kMs;
    case Fault::Kind::kBurst:
    case Fault::Kind::kKthreads:
    case Fault::Kind::kPolicy:
      return 10 * kMs;
    default:
      return 100 * kUs;
  }
}

}  // namespace

std::vector<u32> some_cgroups(Random& random, const Scenario& scenario, u32 first) {
  std::vector<u32> all;
  for (u32 i = first; i < scenario.cgroups.size(); i++) all.push_back(i);
  return some_of(random, all);
}

void generate_faults(Random& random, const GenerateLimits& limits, Scenario& scenario) {
  const std::vector<u32> tasks = changeable_tasks(scenario);
  const u64 count = random.between(0, 4);
  for (u64 i = 0; i < count; i++) {
    Fault fault{.kind = any_kind(random, limits, scenario)};
    fill(random, limits, scenario, tasks, fault);
    fault.at_ns = random_time_ns(random, 1, limits.duration_ns);
    if (random.chance(3, 4)) {
      const u64 least = least_period_ns(fault.kind);
      fault.every_ns = random_time_draw(random, least, 2 * least);
    }
    if (random.chance(1, 4)) fault.until_ns = fault.at_ns + limits.duration_ns / 4;
    scenario.faults.push_back(std::move(fault));
  }
}

}  // namespace scx_pair
