// SPDX-License-Identifier: GPL-2.0-only
//
// How fast the simulator runs the scheduler's source, and what a callback costs as machines and
// numbers of domains grow. Costs of one run are compared with each other; they say nothing about
// those on a kernel, where the work is the same but its price is not.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <string>
#include <utility>

#include "base/check.h"
#include "base/time_units.h"
#include "scx_pair_native.h"
#include "sim/machine.h"
#include "sim/native_object.h"
#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

Step step(Step::Kind kind, u64 ns) {
  return {.kind = kind, .duration_ns = fixed(ns)};
}

// So many cgroups on so many cores of two threads, with one task each.
Scenario one_task_each(u32 cores, u32 cgroups, std::vector<Step> steps) {
  Scenario scenario;
  scenario.name = "bench";
  scenario.shape.cores = cores;
  scenario.duration_ns = 200 * kMs;
  scenario.cgroups.push_back({.path = "/"});
  TaskSpec task;
  task.name = "task";
  task.instances = cgroups;
  task.cgroups.clear();
  task.delay_ns = {.kind = Draw::Kind::kUniform, .value = 0, .most = 20 * kMs};
  for (u32 i = 1; i <= cgroups; i++) {
    scenario.cgroups.push_back({.path = "/" + std::to_string(i), .parent = 0});
    task.cgroups.push_back(i);
  }
  task.phases.push_back({.loops = 1, .steps = std::move(steps)});
  scenario.tasks.push_back(std::move(task));
  return scenario;
}

// Runs it as often as the benchmark wants; what is counted are the scheduler's callbacks.
void run(benchmark::State& state, const Scenario& scenario) {
  auto object = NativeObject::from_bytes(scx_pair_native());
  check(object.has_value(), "the scheduler can be loaded");
  u64 callbacks = 0;
  for (auto _ : state) {
    Machine machine(scenario, *object);
    machine.run();
    check(machine.outcome().failure.empty(), "the run comes to its end");
    callbacks += machine.outcome().counters.callbacks;
  }
  const auto count = static_cast<double>(callbacks);
  state.counters["callbacks/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
  state.counters["each"] =
      benchmark::Counter(count, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// 16 cpus, half of their time busy, whatever the number of domains.
void sleeping_domains(benchmark::State& state) {
  const auto cgroups = static_cast<u32>(state.range(0));
  const u64 round_ns = 100 * kUs * cgroups / 8;
  run(state, one_task_each(8, cgroups,
                           {step(Step::Kind::kRun, 100 * kUs),
                            step(Step::Kind::kSleep, round_ns - 100 * kUs)}));
}

// 16 cpus, and every domain always wants one.
void waiting_domains(benchmark::State& state) {
  run(state, one_task_each(8, static_cast<u32>(state.range(0)),
                           {step(Step::Kind::kRun, 200 * kUs), step(Step::Kind::kYield, 0)}));
}

// Machines from 2 to 1,024 cpus with 2 domains a core, which sleep half of their time.
void machines(benchmark::State& state) {
  const auto cores = static_cast<u32>(state.range(0)) / 2;
  run(state,
      one_task_each(cores, cores * 2,
                    {step(Step::Kind::kRun, 100 * kUs), step(Step::Kind::kSleep, 100 * kUs)}));
}

// A second of 1,024 cpus, 10,000 cgroups and 50,000 tasks, and the memory that it takes.
void large_machine(benchmark::State& state) {
  auto scenario = read_scenario(SCX_PAIR_SCENARIOS "/large/1024-cpus.json");
  check(scenario.has_value(), "the scenario can be read");
  run(state, *scenario);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}

BENCHMARK(sleeping_domains)->RangeMultiplier(10)->Range(10, 10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(waiting_domains)->RangeMultiplier(10)->Range(10, 10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(machines)->RangeMultiplier(8)->Range(2, 1'024)->Unit(benchmark::kMillisecond);
BENCHMARK(large_machine)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace scx_pair

BENCHMARK_MAIN();
