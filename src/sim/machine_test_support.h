// SPDX-License-Identifier: GPL-2.0-only
//
// Small scenarios, and a run of one with the judge's verdict on it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "audit/judge.h"
#include "base/time_units.h"
#include "sim/machine.h"
#include "sim/native_object.h"
#include "sim/scenario.h"

namespace scx_pair {

inline Step run_step(u64 ns) {
  return Step{Step::Kind::kRun, fixed(ns), kNoIndex, 1};
}
inline Step sleep_step(u64 ns) {
  return Step{Step::Kind::kSleep, fixed(ns), kNoIndex, 1};
}
inline Step step_of(Step::Kind kind, u32 target = kNoIndex) {
  return Step{kind, {}, target, 1};
}

// Tasks that do these steps again and again, in one cgroup.
inline TaskSpec tasks_doing(std::string name, u32 instances, u32 cgroup, std::vector<Step> steps) {
  TaskSpec spec;
  spec.name = std::move(name);
  spec.instances = instances;
  spec.cgroups = {cgroup};
  Phase phase;
  phase.loops = 1;
  phase.steps = std::move(steps);
  spec.phases = {phase};
  return spec;
}

inline TaskSpec spinners(std::string name, u32 instances, u32 cgroup) {
  return tasks_doing(std::move(name), instances, cgroup, {run_step(1'000 * kMs)});
}

// A machine of so many cores with two threads each, and cgroups /a, /b, ... below the root.
inline Scenario small_scenario(u32 cores, u32 cgroups) {
  Scenario scenario;
  scenario.name = "test";
  scenario.shape.cores = cores;
  scenario.duration_ns = 1'000 * kMs;
  scenario.cgroups.emplace_back();
  scenario.cgroups[0].path = "/";
  for (u32 i = 0; i < cgroups; i++) {
    CgroupSpec group;
    group.path = std::string("/") + static_cast<char>('a' + i);
    group.parent = 0;
    scenario.cgroups.push_back(group);
  }
  return scenario;
}

// On one core: a real-time task of cgroup 1 runs on `cpu` from before the scheduler is loaded again
// until the end, and one of cgroup 2 may run only beside it.
inline Scenario real_time_through_a_reload(u32 cpu, TaskPolicy policy) {
  Scenario scenario = small_scenario(1, 2);
  scenario.duration_ns = 3'000 * kMs;
  TaskSpec hog = tasks_doing("hog", 1, 1, {run_step(9'000 * kMs)});
  hog.policy = policy;
  hog.priority = 50;
  hog.cpus = {cpu};
  TaskSpec stranger = spinners("stranger", 1, 2);
  stranger.cpus = {cpu ^ 1U};
  scenario.tasks = {hog, stranger};
  scenario.faults.emplace_back();
  scenario.faults[0].kind = Fault::Kind::kReload;
  scenario.faults[0].at_ns = 500 * kMs;
  return scenario;
}

// To unload and load takes less. Nobody keeps strangers apart meanwhile.
constexpr u64 kReloadMostNs = 70 * kMs;

// Hands every record to the judge.
class Auditor : public Observer {
 public:
  explicit Auditor(const Scenario& scenario)
      : judge_(config_of(scenario)), end_ns_(kBootNs + scenario.duration_ns) {}

  void on_record(const switch_record& record) override {
    judge_.add(record);
    if (++added_ % 4096 == 0) judge_.advance(record.time_ns);
  }

  Verdict finish() { return judge_.finish(end_ns_, 0); }

 private:
  static JudgeConfig config_of(const Scenario& scenario) {
    JudgeConfig config;
    config.pairs = pairs_of(scenario.shape);
    config.window_start_ns = kBootNs + scenario.warmup_ns;
    config.tasks_max = -1;
    return config;
  }

  Judge judge_;
  u64 end_ns_;
  u64 added_ = 0;
};

struct JudgedRun {
  Outcome outcome;
  Verdict verdict;
};

inline JudgedRun run_of(const Scenario& scenario, NativeObject& object) {
  Auditor auditor(scenario);
  Machine machine(scenario, object);
  machine.observe(auditor);
  machine.run();
  return {machine.outcome(), auditor.finish()};
}

}  // namespace scx_pair
