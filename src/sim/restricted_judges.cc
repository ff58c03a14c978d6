// SPDX-License-Identifier: GPL-2.0-only
#include "sim/restricted_judges.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/time_units.h"
#include "sim/machine_test_support.h"

namespace scx_pair {
namespace {

using Finding = std::optional<std::string>;

TaskSpec bound_to(std::vector<u32> cpus, TaskSpec tasks) {
  tasks.cpus = std::move(cpus);
  return tasks;
}

// Machines here have cpus 2k and 2k + 1 on core k.
Scenario adjacent_scenario(u32 cores, u32 cgroups) {
  Scenario scenario = small_scenario(cores, cgroups);
  scenario.shape.adjacent = true;
  return scenario;
}

// In cpus. The cgroups of a small scenario have the ids from 2 on.
double cpus_of(const JudgedRun& run, const Scenario& scenario, u32 cgroup) {
  for (const DomainVerdict& domain : run.verdict.domains) {
    if (domain.id == cgroup + 1) {
      return static_cast<double>(domain.cpu_ns) / static_cast<double>(scenario.duration_ns);
    }
  }
  return 0;
}

Finding find_end_or_wait(u64 most_ns, const Scenario& scenario, NativeObject& scheduler) {
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  return find_wait_over(most_ns, run.verdict);
}

struct Entitled {
  u32 cgroup;
  double cpus;
};

Finding find_short(const JudgedRun& run, const Scenario& scenario, const Entitled& entitled) {
  const double had = cpus_of(run, scenario, entitled.cgroup);
  if (had >= entitled.cpus) return std::nullopt;
  return fmt::format("cgroup {} had {:.2f} cpus of {:.2f}", entitled.cgroup, had, entitled.cpus);
}

// One of its tasks may use a core only where another domain has more to do, and the rest of the
// domain runs elsewhere.
Finding judge_odd_one(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(2, 2);
  scenario.duration_ns = 10'000 * kMs;
  scenario.tasks = {bound_to({2, 3}, spinners("elsewhere", 2, 1)),
                    bound_to({0, 1}, spinners("odd", 1, 1)), bound_to({0, 1}, spinners("b", 2, 2))};
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  if (auto waited = find_wait_over(300 * kMs, run.verdict)) return waited;
  return find_short(run, scenario, {.cgroup = 1, .cpus = 2.25});
}

// The same where it is bound to a last-level cache.
Finding judge_odd_one_of_a_cache(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(2, 2);
  scenario.shape.llcs = 2;
  scenario.duration_ns = 10'000 * kMs;
  scenario.tasks = {bound_to({4, 5, 6, 7}, spinners("elsewhere", 4, 1)),
                    bound_to({0, 1, 2, 3}, spinners("odd", 1, 1)),
                    bound_to({0, 1, 2, 3}, spinners("b", 6, 2))};
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  if (auto waited = find_wait_over(500 * kMs, run.verdict)) return waited;
  return find_short(run, scenario, {.cgroup = 1, .cpus = 4.1});
}

// Two domains that may use one core only share that, whatever the others have.
Finding judge_two_of_a_core(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(4, 3);
  scenario.duration_ns = 10'000 * kMs;
  scenario.tasks = {bound_to({2, 3, 4, 5, 6, 7}, spinners("elsewhere", 6, 1)),
                    bound_to({0, 1}, spinners("b", 2, 2)), bound_to({0, 1}, spinners("c", 2, 3))};
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  if (auto waited = find_wait_over(200 * kMs, run.verdict)) return waited;
  if (auto little = find_short(run, scenario, {.cgroup = 2, .cpus = 0.9})) return little;
  return find_short(run, scenario, {.cgroup = 3, .cpus = 0.9});
}

// However many tasks of one domain are bound to a cpu, one of another gets its half of that, less
// what rescues of so many take.
Finding judge_flood(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(1, 2);
  scenario.duration_ns = 8'000 * kMs;
  scenario.tasks = {bound_to({0}, spinners("flood", 200, 1)), bound_to({0}, spinners("b", 1, 2))};
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  return find_short(run, scenario, {.cgroup = 2, .cpus = 0.38});
}

// Those whose limit is used up are not in the way of others.
Finding judge_used_up_flood(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(1, 2);
  scenario.duration_ns = 4'000 * kMs;
  scenario.cgroups[1].quota_ns = 10 * kMs;
  scenario.cgroups[1].period_ns = 100 * kMs;
  scenario.tasks = {bound_to({0}, spinners("capped", 64, 1)), bound_to({0}, spinners("b", 1, 2))};
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  return find_short(run, scenario, {.cgroup = 2, .cpus = 0.8});
}

// And they use what it lets them.
Finding judge_quota_of_bound(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(1, 2);
  scenario.duration_ns = 4'000 * kMs;
  scenario.cgroups[1].quota_ns = 40 * kMs;
  scenario.cgroups[1].period_ns = 100 * kMs;
  scenario.tasks = {bound_to({0}, spinners("capped", 2, 1)), bound_to({0}, spinners("b", 1, 2))};
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  return find_short(run, scenario, {.cgroup = 1, .cpus = 0.36});
}

// A limit that is too small for its tasks ends none of those that are bound to cpus of their own.
Finding judge_small_limit_of_bound(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(2, 2);
  scenario.duration_ns = 60'000 * kMs;
  scenario.cgroups[1].quota_ns = kMs;
  scenario.cgroups[1].period_ns = 1'000 * kMs;
  TaskSpec bound = spinners("bound", 4, 1);
  bound.one_cpu_each = true;
  scenario.tasks = {bound, spinners("capped", 6, 1), spinners("free", 4, 2)};
  return find_end_or_wait(26'000 * kMs, scenario, scheduler);
}

// A real-time task keeps a core for as long as it likes: those that may run elsewhere do.
Finding judge_hog_of_a_cpu(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(3, 3);
  scenario.duration_ns = 8'000 * kMs;
  TaskSpec hog = bound_to({0}, spinners("hog", 1, 1));
  hog.policy = TaskPolicy::kFifo;
  hog.priority = 50;
  hog.delay_ns = {.kind = Draw::Kind::kFixed, .value = 500 * kMs};
  scenario.tasks = {hog, bound_to({0, 1, 2, 3}, spinners("b", 12, 2)),
                    bound_to({2, 3, 4, 5}, spinners("c", 8, 3))};
  return find_end_or_wait(1'500 * kMs, scenario, scheduler);
}

}  // namespace

const std::vector<FairnessJudge>& restricted_judges() {
  static const std::vector<FairnessJudge> judges = {
      {"AnOddTaskIsServedWhereverItsDomainIs", judge_odd_one},
      {"AnOddTaskOfACacheIsServedWhereverItsDomainIs", judge_odd_one_of_a_cache},
      {"TwoOfACoreShareIt", judge_two_of_a_core},
      {"ManyPinnedTasksHideNobody", judge_flood},
      {"TasksOfAUsedUpLimitHideNobody", judge_used_up_flood},
      {"BoundTasksUseTheirQuota", judge_quota_of_bound},
      {"ASmallLimitEndsNoBoundTask", judge_small_limit_of_bound},
      {"AHogKeepsNobodyWhoMayRunElsewhere", judge_hog_of_a_cpu},
  };
  return judges;
}

}  // namespace scx_pair
