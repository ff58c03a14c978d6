// SPDX-License-Identifier: GPL-2.0-only
//
// How the scheduler scales: what its callbacks, locks and shared cache lines would cost machines
// of 2 to 1,024 cpus, by the simulator's model of these costs (src/sim/kernel/costs.h) with its
// defaults. Prints a table; every figure is of simulated time, and the same on any machine.
//
// usage: scaling_bench [CPUS_MAX]
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/time_units.h"
#include "scx_pair_native.h"
#include "sim/machine.h"
#include "sim/native_object.h"

namespace scx_pair {
namespace {

constexpr size_t kWorstShown = 3;

Step step(Step::Kind kind, u64 ns) {
  return {.kind = kind, .duration_ns = fixed(ns)};
}

struct Load {
  u32 cpus = 2;
  u32 cgroups = 1;
  u32 tasks = 1;  // task i is in cgroup i % cgroups
  u64 run_ns = 100 * kUs;
  u64 sleep_ns = 100 * kUs;
};

// Sockets of up to 128 cpus, with two threads a core.
MachineShape shape_of(u32 cpus) {
  MachineShape shape;
  shape.sockets = (cpus + 127) / 128;
  shape.cores = cpus / 2 / shape.sockets;
  return shape;
}

Scenario scenario_of(const Load& load) {
  Scenario scenario;
  scenario.name = "scaling";
  scenario.shape = shape_of(load.cpus);
  scenario.duration_ns = 60 * kMs;
  scenario.warmup_ns = 20 * kMs;
  scenario.kernel.costs = CostSpec{};
  scenario.cgroups.push_back({.path = "/"});
  TaskSpec task;
  task.name = "task";
  task.instances = load.tasks;
  task.cgroups.clear();
  task.delay_ns = {.kind = Draw::Kind::kUniform, .value = 0, .most = 10 * kMs};
  for (u32 i = 1; i <= load.cgroups; i++) {
    scenario.cgroups.push_back({.path = "/" + std::to_string(i), .parent = 0});
    task.cgroups.push_back(i);
  }
  task.phases.push_back(
      {.loops = 1,
       .steps = {step(Step::Kind::kRun, load.run_ns), step(Step::Kind::kSleep, load.sleep_ns)}});
  scenario.tasks.push_back(std::move(task));
  return scenario;
}

double share(u64 part, u64 whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

void print_row(const std::string& name, const Load& load) {
  auto object = NativeObject::from_bytes(scx_pair_native());
  check(object.has_value(), "the scheduler can be loaded");
  Machine machine(scenario_of(load), *object);
  machine.run();
  const std::string failure = machine.outcome().failure;
  const CostReport costs = machine.cost_report().value_or(CostReport{});
  const double of_cpu_ms = static_cast<double>(costs.cpu_ns) / static_cast<double>(kMs);
  fmt::print("{:<15}{:>9.2f} %{:>8.2f} %{:>8.2f} %{:>10.2f}{:>10}", name,
             share(costs.overhead_ns(), costs.cpu_ns), share(costs.line_ns, costs.cpu_ns),
             share(costs.wait_ns, costs.cpu_ns), static_cast<double>(costs.switches) / of_cpu_ms,
             costs.overhead_ns() / std::max<u64>(costs.switches, 1));
  for (size_t i = 0; i < std::min(costs.worst.size(), kWorstShown); i++) {
    const ContendedThing& thing = costs.worst[i];
    fmt::print("{} {} {:.0f} % ({:.0f} %)", i == 0 ? " " : ",", thing.name,
               share(thing.wait_ns, costs.wait_ns), share(thing.busy_ns * load.cpus, costs.cpu_ns));
  }
  fmt::print("{}{}\n", failure.empty() ? "" : "  failed: ", failure);
  if (std::fflush(stdout) != 0) std::exit(1);
}

void print_head(const std::string& what) {
  fmt::print("\n{}\n{:<15}{:>11}{:>10}{:>10}{:>10}{:>10}  {}\n", what, "", "scheduler", "lines",
             "waits", "switches", "ns each", "waited for, of all waits (busy)");
}

void print_all(u32 cpus_max) {
  const std::vector<u32> sizes = {2, 8, 32, 128, 256, 512, 1024};
  fmt::print(
      "Of all cpu time: what the scheduler takes with all it costs; of that, cache lines on their\n"
      "way, and waits. Then context switches of a cpu in a millisecond, what the scheduler costs\n"
      "for each, and what was waited for longest, with how much of the time it served somebody.\n");
  print_head("4 tasks a cpu that sleep and wake, 2 domains a core");
  for (const u32 cpus : sizes) {
    if (cpus <= cpus_max) print_row(fmt::format("{} cpus", cpus), {cpus, cpus, cpus * 4});
  }
  print_head("the same in one domain");
  for (const u32 cpus : sizes) {
    if (cpus <= cpus_max) print_row(fmt::format("{} cpus", cpus), {cpus, 1, cpus * 4});
  }
  // All of them want a cpu all the time, but for a moment.
  print_head("16 cpus, runnable domains of one task each");
  for (const u32 domains : {10U, 100U, 1'000U, 10'000U}) {
    print_row(fmt::format("{} domains", domains), {16, domains, domains, 200 * kUs, 1 * kUs});
  }
}

}  // namespace
}  // namespace scx_pair

int main(int argc, char** argv) {
  const long cpus_max = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1024;
  scx_pair::print_all(static_cast<u32>(cpus_max));
  return 0;
}
