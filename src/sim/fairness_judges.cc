// SPDX-License-Identifier: GPL-2.0-only
#include "sim/fairness_judges.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/time_units.h"
#include "sim/machine_test_support.h"
#include "sim/waiting_bound.h"

namespace scx_pair {
namespace {

using Finding = std::optional<std::string>;

// What each cgroup has used, by its index in the scenario: the kernel numbers them in their order,
// from 1 on.
std::vector<double> used_ns_of(const Scenario& scenario, const Verdict& verdict) {
  std::vector<double> used(scenario.cgroups.size());
  for (const DomainVerdict& domain : verdict.domains) {
    if (domain.id >= 1 && domain.id <= used.size()) {
      used[domain.id - 1] = static_cast<double>(domain.cpu_ns);
    }
  }
  return used;
}

Finding compare(const std::string& what, double is, double should, double tolerance) {
  if (std::abs(is - should) <= tolerance) return std::nullopt;
  return fmt::format("{} is {:.3f}; it should be {:.3f}", what, is, should);
}

double window_ns_of(const Scenario& scenario) {
  return static_cast<double>(scenario.duration_ns - scenario.warmup_ns);
}

// /a has 100, /x 200, and of that /x/c a quarter and /x/d the rest.
Finding judge_nested_weights(NativeObject& scheduler) {
  Scenario scenario = small_scenario(2, 1);
  scenario.duration_ns = 4'500 * kMs;
  scenario.warmup_ns = 500 * kMs;
  scenario.cgroups.push_back({.path = "/x", .parent = 0, .weight = 200});
  scenario.cgroups.push_back({.path = "/x/c", .parent = 2, .weight = 100});
  scenario.cgroups.push_back({.path = "/x/d", .parent = 2, .weight = 300});
  scenario.tasks = {spinners("a", 4, 1), spinners("c", 4, 3), spinners("d", 4, 4)};
  const std::vector<double> used = used_ns_of(scenario, run_of(scenario, scheduler).verdict);
  const double all = used[1] + used[3] + used[4];
  if (Finding finding = compare("the share of /a", used[1] / all, 1.0 / 3, 0.02)) return finding;
  if (Finding finding = compare("the share of /x/c", used[3] / all, 1.0 / 12 * 2, 0.02)) {
    return finding;
  }
  return compare("the share of /x/d", used[4] / all, 0.5, 0.02);
}

// /x/d has three quarters of /x until its tasks sleep: from then on all of it is /x/c's.
Finding judge_sleepers(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 1);
  scenario.duration_ns = 2'500 * kMs;
  scenario.warmup_ns = 500 * kMs;
  scenario.cgroups.push_back({.path = "/x", .parent = 0});
  scenario.cgroups.push_back({.path = "/x/c", .parent = 2});
  scenario.cgroups.push_back({.path = "/x/d", .parent = 2, .weight = 300});
  scenario.tasks = {spinners("a", 2, 1), spinners("c", 2, 3),
                    tasks_doing("d", 2, 4, {run_step(10 * kMs), sleep_step(scenario.duration_ns)})};
  const std::vector<double> used = used_ns_of(scenario, run_of(scenario, scheduler).verdict);
  return compare("the share of /x/c beside a sleeper", used[3] / (used[1] + used[3]), 0.5, 0.02);
}

// A quota of its own, and one that its parent leaves to a child with a larger one.
Finding judge_limits(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 1);
  scenario.duration_ns = 3'500 * kMs;
  scenario.warmup_ns = 500 * kMs;
  scenario.cgroups.push_back({.path = "/own", .parent = 0, .quota_ns = 20 * kMs});
  scenario.cgroups.push_back({.path = "/outer", .parent = 0, .quota_ns = 30 * kMs});
  scenario.cgroups.push_back({.path = "/outer/in", .parent = 3, .quota_ns = 50 * kMs});
  scenario.tasks = {spinners("free", 2, 1), spinners("own", 2, 2), spinners("in", 2, 4)};
  const std::vector<double> used = used_ns_of(scenario, run_of(scenario, scheduler).verdict);
  const double window_ns = window_ns_of(scenario);
  if (Finding finding = compare("what /own uses of a cpu", used[2] / window_ns, 0.2, 0.01)) {
    return finding;
  }
  if (Finding finding = compare("what /outer uses of a cpu", used[4] / window_ns, 0.3, 0.015)) {
    return finding;
  }
  return compare("what the rest of the core does", used[1] / window_ns, 1.5, 0.1);
}

// What runs in what others leave has next to nothing beside them, and is served all the same.
Finding judge_leftovers(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 8'000 * kMs;
  scenario.warmup_ns = 500 * kMs;
  scenario.cgroups[2].idle = true;
  TaskSpec idle = spinners("idle", 2, 1);
  idle.policy = TaskPolicy::kSchedIdle;
  scenario.tasks = {spinners("a", 2, 1), idle, spinners("b", 2, 2)};
  const Verdict verdict = run_of(scenario, scheduler).verdict;
  const std::vector<double> used = used_ns_of(scenario, verdict);
  std::map<std::string, double> by_name;
  for (const TaskVerdict& task : verdict.tasks) {
    by_name[task.comm.substr(0, task.comm.find('['))] += static_cast<double>(task.cpu_ns);
    if (task.longest_wait_ns > 6'000 * kMs) {
      return fmt::format("{} has waited for {} ms", task.comm, task.longest_wait_ns / kMs);
    }
  }
  if (used[2] > 0.01 * used[1]) return "a cgroup with cpu.idle has more than a hundredth";
  if (by_name["idle"] > 0.02 * by_name["a"]) return "SCHED_IDLE has more than a fiftieth";
  if (by_name["idle"] == 0 || by_name["b"] == 0) return "who runs in what others leave never runs";
  return std::nullopt;
}

Finding judge_nice(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 1);
  scenario.duration_ns = 5'500 * kMs;
  scenario.warmup_ns = 500 * kMs;
  TaskSpec nicer = spinners("nicer", 2, 1);
  nicer.nice = 5;
  scenario.tasks = {spinners("plain", 2, 1), nicer};
  double plain = 0;
  double least = 0;
  for (const TaskVerdict& task : run_of(scenario, scheduler).verdict.tasks) {
    (task.comm.starts_with("plain") ? plain : least) += static_cast<double>(task.cpu_ns);
  }
  return compare("nice 0 beside nice 5", plain / least, 3.06, 0.153);
}

// A task that may use one cpu only is served there, although its domain has all of the other core.
Finding judge_pinned(NativeObject& scheduler) {
  Scenario scenario = small_scenario(2, 2);
  scenario.shape.adjacent = true;
  scenario.duration_ns = 3'500 * kMs;
  scenario.warmup_ns = 500 * kMs;
  TaskSpec elsewhere = spinners("elsewhere", 2, 1);
  elsewhere.cpus = {2, 3};
  TaskSpec pinned = spinners("pinned", 1, 1);
  pinned.cpus = {0};
  TaskSpec rival = spinners("rival", 2, 2);
  rival.cpus = {0, 1};
  scenario.tasks = {elsewhere, pinned, rival};
  for (const TaskVerdict& task : run_of(scenario, scheduler).verdict.tasks) {
    const double share = static_cast<double>(task.cpu_ns) / window_ns_of(scenario);
    if (task.comm.starts_with("pinned") && share < 0.2) {
      return fmt::format("a pinned task has {:.1f} % of its cpu", 100 * share);
    }
  }
  return std::nullopt;
}

// One core, which domains of one spinner each want all the time.
Scenario contested_core(u32 domains, u64 duration_ns, u64 warmup_ns) {
  Scenario scenario = small_scenario(1, domains);
  scenario.duration_ns = duration_ns;
  scenario.warmup_ns = warmup_ns;
  for (u32 cgroup = 1; cgroup <= domains; cgroup++) {
    scenario.tasks.push_back(spinners(fmt::format("task{}", cgroup), 1, cgroup));
  }
  return scenario;
}

// Twenty domains that always want the core: each is served within a round, and evenly.
Finding judge_rounds(NativeObject& scheduler) {
  Scenario scenario = contested_core(20, 5'000 * kMs, 3'000 * kMs);
  // The first has the core to itself for a while, and must not pay for that.
  for (TaskSpec& task : scenario.tasks) {
    if (task.name != "task1") task.delay_ns = fixed(2'000 * kMs);
  }
  return find_wait_over(80 * kMs, run_of(scenario, scheduler).verdict);
}

// The same where kicks and timers are slow, as in a guest: turns are not all of one length, and
// still nobody is first in one round and last in the next.
Finding judge_uneven_rounds(NativeObject& scheduler) {
  Scenario scenario = contested_core(20, 10'000 * kMs, 500 * kMs);
  scenario.kernel.kick_delay_ns = {.kind = Draw::Kind::kUniform, .value = 200'000, .most = 400'000};
  scenario.kernel.timer_delay_ns = {
      .kind = Draw::Kind::kUniform, .value = 100'000, .most = 300'000};
  scenario.kernel.switch_ns = 40'000;
  return find_wait_over(80 * kMs, run_of(scenario, scheduler).verdict);
}

// A pinned task whose domain has other cpus too: it waits for one turn of the others more, which is
// as long as their turns are.
Finding judge_pinned_among_many(NativeObject& scheduler) {
  constexpr u32 kOthers = 8;
  Scenario scenario = small_scenario(2, kOthers + 1);
  scenario.shape.adjacent = true;
  scenario.duration_ns = 6'000 * kMs;
  scenario.warmup_ns = 1'000 * kMs;
  for (u32 cgroup = 1; cgroup <= kOthers; cgroup++) {
    scenario.tasks.push_back(spinners(fmt::format("task{}", cgroup), 2, cgroup));
  }
  TaskSpec pinned = spinners("pinned", 1, kOthers + 1);
  pinned.cpus = {0};
  scenario.tasks.push_back(pinned);
  scenario.tasks.push_back(spinners("free", 1, kOthers + 1));
  return find_wait_over(200 * kMs, run_of(scenario, scheduler).verdict);
}

// Who counts for next to nothing is served before the kernel would end the scheduler.
Finding judge_overdue(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 3);
  scenario.duration_ns = 14'000 * kMs;
  scenario.cgroups[1].weight = 1;
  scenario.cgroups[2].weight = 10'000;
  scenario.cgroups[3].weight = 10'000;
  scenario.tasks = {spinners("least", 2, 1), spinners("b", 2, 2), spinners("c", 2, 3)};
  return find_wait_over(6'000 * kMs, run_of(scenario, scheduler).verdict);
}

// When all others sleep, what two tasks share one core for is not their choice.
Finding judge_spread(NativeObject& scheduler) {
  Scenario scenario = small_scenario(2, 2);
  scenario.duration_ns = 1'500 * kMs;
  scenario.warmup_ns = 1'100 * kMs;
  TaskSpec gone = spinners("gone", 4, 2);
  gone.loops = 1;
  gone.phases[0].steps = {run_step(200 * kMs)};
  scenario.tasks = {spinners("stays", 2, 1), gone};
  const u64 crowded_ns = run_of(scenario, scheduler).verdict.total.crowded_ns;
  if (crowded_ns == 0) return std::nullopt;
  return fmt::format("two tasks share a core for {} ms beside an idle one", crowded_ns / kMs);
}

// A host, or a kernel thread of a higher class, makes a turn end late now and then. Its owner pays
// for that, but not in one wait, until each of the others has caught up.
Finding judge_late_turns(NativeObject& scheduler) {
  Scenario scenario = contested_core(20, 8'000 * kMs, 500 * kMs);
  TaskSpec stall = tasks_doing("stall", 2, 0, {run_step(15 * kMs), sleep_step(400 * kMs)});
  stall.kthread = true;
  stall.policy = TaskPolicy::kFifo;
  stall.priority = 50;
  scenario.tasks.push_back(stall);
  return find_wait_over(175 * kMs, run_of(scenario, scheduler).verdict);
}

// Eight cores, one domain of little weight with a pinned task that is served out of its order, and
// one of a single task and much weight that joins later.
Finding judge_waits(NativeObject& scheduler) {
  constexpr u64 kSeed = 5375;
  const WaitingResult worst = worst_wait(waiting_machine(kSeed), scheduler);
  if (worst.waited_ns <= worst.bound_ns) return std::nullopt;
  return fmt::format("{} has waited for {} ms, and {} ms is the most", worst.task,
                     worst.waited_ns / kMs, worst.bound_ns / kMs);
}

}  // namespace

std::optional<std::string> find_wait_over(u64 most_ns, const Verdict& verdict) {
  for (const TaskVerdict& task : verdict.tasks) {
    if (task.longest_wait_ns > most_ns) {
      return fmt::format("{} has waited for {} ms", task.comm, task.longest_wait_ns / kMs);
    }
  }
  return std::nullopt;
}

const std::vector<FairnessJudge>& fairness_judges() {
  static const std::vector<FairnessJudge> judges = {
      {"NestedCgroupsShareByWeight", judge_nested_weights},
      {"SleepersLeaveTheirShareToWhoIsBesideThem", judge_sleepers},
      {"LimitsAreUsedUpAndKept", judge_limits},
      {"LeftoversGoToWhoRunsInThem", judge_leftovers},
      {"NiceValuesAreWeights", judge_nice},
      {"PinnedTasksAreServedWhereTheyAre", judge_pinned},
      {"PinnedTasksWaitForATurnOfTheOthersMore", judge_pinned_among_many},
      {"ManyDomainsAreServedInARound", judge_rounds},
      {"ARoundOfUnevenTurnsKeepsItsOrder", judge_uneven_rounds},
      {"ATurnThatEndedLateIsNotPaidBackInOneWait", judge_late_turns},
      {"NobodyWaitsForEver", judge_overdue},
      {"NobodyWaitsForLongerThanTheBound", judge_waits},
      {"TasksSpreadOverIdleCores", judge_spread},
  };
  return judges;
}

}  // namespace scx_pair
