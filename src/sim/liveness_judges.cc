// SPDX-License-Identifier: GPL-2.0-only
#include "sim/liveness_judges.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/time_units.h"
#include "sim/machine_test_support.h"

namespace scx_pair {
namespace {

using Finding = std::optional<std::string>;

Finding find_wait_over(u64 most_ns, const Scenario& scenario, NativeObject& scheduler) {
  const JudgedRun run = run_of(scenario, scheduler);
  if (!run.outcome.failure.empty()) return run.outcome.failure;
  return find_wait_over(most_ns, run.verdict);
}

TaskSpec coming_after(u64 delay_ns, TaskSpec tasks) {
  tasks.delay_ns = {.kind = Draw::Kind::kFixed, .value = delay_ns};
  return tasks;
}

// Who runs alone takes nothing from those that come later.
Finding judge_company(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 1);
  scenario.duration_ns = 12'000 * kMs;
  scenario.tasks = {spinners("old", 2, 1), coming_after(10'000 * kMs, spinners("new", 2, 1))};
  return find_wait_over(100 * kMs, scenario, scheduler);
}

// One that counts for next to nothing in its domain waits for a run of each of the others, and not
// until each has caught up with what its own run cost.
Finding judge_light_task(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 20'000 * kMs;
  TaskSpec light = spinners("light", 1, 1);
  light.policy = TaskPolicy::kSchedIdle;
  scenario.tasks = {spinners("hog", 120, 1), light, spinners("b", 2, 2)};
  return find_wait_over(8'000 * kMs, scenario, scheduler);
}

// Rescues reach every task of a domain, not one of them now and then.
Finding judge_many_leftovers(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 14'000 * kMs;
  scenario.cgroups[1].idle = true;
  scenario.tasks = {spinners("left", 24, 1), spinners("b", 2, 2)};
  return find_wait_over(6'500 * kMs, scenario, scheduler);
}

// Also where they may all run on one cpu only.
Finding judge_pinned_leftovers(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 40'000 * kMs;
  scenario.cgroups[1].idle = true;
  TaskSpec pinned = spinners("left", 24, 1);
  pinned.cpus = {0};
  scenario.tasks = {pinned, coming_after(1'013 * kMs, spinners("b", 2, 2))};
  return find_wait_over(16'000 * kMs, scenario, scheduler);
}

// And they reach them one after the other, however far some ran ahead while there was time for all.
Finding judge_leftovers_after_plenty(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 22'000 * kMs;
  scenario.cgroups[1].idle = true;
  scenario.tasks = {spinners("left", 8, 1), coming_after(1'013 * kMs, spinners("b", 2, 2))};
  return find_wait_over(7'000 * kMs, scenario, scheduler);
}

// Also those that came after the first had begun to wait: the time is that of them all, and for
// each the end of a turn.
Finding judge_late_capped(NativeObject& scheduler) {
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 45'000 * kMs;
  scenario.cgroups[1].quota_ns = kMs;
  scenario.cgroups[1].period_ns = 1'000 * kMs;
  scenario.tasks = {spinners("first", 2, 1), coming_after(503 * kMs, spinners("late", 30, 1)),
                    spinners("free", 2, 2)};
  return find_wait_over(18'500 * kMs, scenario, scheduler);
}

// Of several hundred domains that only others' leavings would serve, none is forgotten.
Finding judge_many_light_domains(NativeObject& scheduler) {
  constexpr u32 kLight = 300;
  Scenario scenario = small_scenario(1, 1);
  scenario.duration_ns = 16'000 * kMs;
  scenario.tasks = {spinners("b", 2, 1)};
  for (u32 i = 0; i < kLight; i++) {
    scenario.cgroups.push_back({.path = fmt::format("/light{}", i), .parent = 0, .idle = true});
    scenario.tasks.push_back(spinners("light", 1, i + 2));
  }
  return find_wait_over(11'000 * kMs, scenario, scheduler);
}

// A limit that is too small for its tasks ends nobody: each runs for a moment, and the limit is
// kept over time.
Finding judge_small_limit(NativeObject& scheduler) {
  constexpr u64 kTasks = 20;
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 40'000 * kMs;
  scenario.cgroups[1].quota_ns = kMs;
  scenario.cgroups[1].period_ns = 1'000 * kMs;
  scenario.tasks = {spinners("capped", kTasks, 1), spinners("free", 2, 2)};
  return find_wait_over(17'500 * kMs, scenario, scheduler);
}

// A limit holds for what is far below it.
Finding judge_deep_limit(NativeObject& scheduler) {
  constexpr u32 kLevels = 40;
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 3'000 * kMs;
  scenario.cgroups[1].quota_ns = 20 * kMs;
  scenario.cgroups[1].period_ns = 100 * kMs;
  for (u32 i = 0; i < kLevels; i++) {
    const u32 parent = i == 0 ? 1 : i + 2;
    scenario.cgroups.push_back(
        {.path = scenario.cgroups[parent].path + fmt::format("/n{}", i), .parent = parent});
  }
  const u32 deepest = kLevels + 2;
  scenario.tasks = {spinners("deep", 2, deepest), spinners("free", 2, 2)};
  const JudgedRun run = run_of(scenario, scheduler);
  for (const DomainVerdict& domain : run.verdict.domains) {
    if (domain.id == deepest + 1 && domain.cpu_ns > scenario.duration_ns / 4) {
      return fmt::format("a limit of 600 ms let {} ms pass", domain.cpu_ns / kMs);
    }
  }
  return std::nullopt;
}

}  // namespace

const std::vector<FairnessJudge>& liveness_judges() {
  static const std::vector<FairnessJudge> judges = {
      {"CompanyDoesNotWaitForWhoRanAlone", judge_company},
      {"ALightTaskWaitsForOneRunOfTheOthers", judge_light_task},
      {"RescuesReachEveryTask", judge_many_leftovers},
      {"RescuesReachEveryPinnedTask", judge_pinned_leftovers},
      {"RescuesReachThemInTurn", judge_leftovers_after_plenty},
      {"RescuesReachEveryDomain", judge_many_light_domains},
      {"ASmallLimitEndsNobody", judge_small_limit},
      {"ASmallLimitEndsNobodyWhoComesLate", judge_late_capped},
      {"ALimitHoldsAtAnyDepth", judge_deep_limit},
  };
  return judges;
}

}  // namespace scx_pair
