// SPDX-License-Identifier: GPL-2.0-only
#include "sim/restricted_judges.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

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

struct Entitled {
  u32 cgroup;
  double cpus;
};

// What has to come out of a run: nobody waits for longer, and nobody has less.
struct Wanted {
  u64 longest_wait_ns = ~u64{0};
  std::vector<Entitled> entitled{};
};

Finding find_short_of(const Wanted& wanted, const Scenario& scenario, NativeObject& scheduler) {
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  if (auto waited = find_wait_over(wanted.longest_wait_ns, run.verdict)) return waited;
  for (const Entitled& entitled : wanted.entitled) {
    const double had = cpus_of(run, scenario, entitled.cgroup);
    if (had >= entitled.cpus) continue;
    return fmt::format("cgroup {} had {:.2f} cpus of {:.2f}", entitled.cgroup, had, entitled.cpus);
  }
  return std::nullopt;
}

// One of its tasks may use a core only where another domain has more to do, and the rest of the
// domain runs elsewhere.
Finding judge_odd_one(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(2, 2);
  scenario.duration_ns = 10'000 * kMs;
  scenario.tasks = {bound_to({2, 3}, spinners("elsewhere", 2, 1)),
                    bound_to({0, 1}, spinners("odd", 1, 1)), bound_to({0, 1}, spinners("b", 2, 2))};
  return find_short_of({.longest_wait_ns = 300 * kMs, .entitled = {{1, 2.25}}}, scenario,
                       scheduler);
}

// The same where it is bound to a last-level cache.
Finding judge_odd_one_of_a_cache(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(2, 2);
  scenario.shape.llcs = 2;
  scenario.duration_ns = 10'000 * kMs;
  scenario.tasks = {bound_to({4, 5, 6, 7}, spinners("elsewhere", 4, 1)),
                    bound_to({0, 1, 2, 3}, spinners("odd", 1, 1)),
                    bound_to({0, 1, 2, 3}, spinners("b", 6, 2))};
  return find_short_of({.longest_wait_ns = 500 * kMs, .entitled = {{1, 4.1}}}, scenario, scheduler);
}

// Two domains that may use one core only share that, whatever the others have.
Finding judge_two_of_a_core(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(4, 3);
  scenario.duration_ns = 10'000 * kMs;
  scenario.tasks = {bound_to({2, 3, 4, 5, 6, 7}, spinners("elsewhere", 6, 1)),
                    bound_to({0, 1}, spinners("b", 2, 2)), bound_to({0, 1}, spinners("c", 2, 3))};
  return find_short_of({.longest_wait_ns = 200 * kMs, .entitled = {{2, 0.9}, {3, 0.9}}}, scenario,
                       scheduler);
}

// However many tasks of one domain are bound to a cpu, one of another gets its half of that, less
// what rescues of so many take.
Finding judge_flood(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(1, 2);
  scenario.duration_ns = 8'000 * kMs;
  scenario.tasks = {bound_to({0}, spinners("flood", 200, 1)), bound_to({0}, spinners("b", 1, 2))};
  return find_short_of({.entitled = {{2, 0.38}}}, scenario, scheduler);
}

// Those whose limit is used up are not in the way of others.
Finding judge_used_up_flood(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(1, 2);
  scenario.duration_ns = 4'000 * kMs;
  scenario.cgroups[1].quota_ns = 10 * kMs;
  scenario.cgroups[1].period_ns = 100 * kMs;
  scenario.tasks = {bound_to({0}, spinners("capped", 64, 1)), bound_to({0}, spinners("b", 1, 2))};
  return find_short_of({.entitled = {{2, 0.8}}}, scenario, scheduler);
}

// And they use what it lets them.
Finding judge_quota_of_bound(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(1, 2);
  scenario.duration_ns = 4'000 * kMs;
  scenario.cgroups[1].quota_ns = 40 * kMs;
  scenario.cgroups[1].period_ns = 100 * kMs;
  scenario.tasks = {bound_to({0}, spinners("capped", 2, 1)), bound_to({0}, spinners("b", 1, 2))};
  return find_short_of({.entitled = {{1, 0.36}}}, scenario, scheduler);
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
  return find_short_of({.longest_wait_ns = 26'000 * kMs}, scenario, scheduler);
}

// A real-time task keeps a core for as long as it likes: those that may run elsewhere do.
Finding judge_hog_of_a_cpu(NativeObject& scheduler) {
  Scenario scenario = adjacent_scenario(3, 3);
  scenario.duration_ns = 8'000 * kMs;
  TaskSpec hog = bound_to({0}, spinners("hog", 1, 1));
  hog.policy = TaskPolicy::kFifo;
  hog.priority = 50;
  hog.delay_ns = fixed(500 * kMs);
  scenario.tasks = {hog, bound_to({0, 1, 2, 3}, spinners("b", 12, 2)),
                    bound_to({2, 3, 4, 5}, spinners("c", 8, 3))};
  return find_short_of({.longest_wait_ns = 1'500 * kMs}, scenario, scheduler);
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
