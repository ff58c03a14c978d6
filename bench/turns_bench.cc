// SPDX-License-Identifier: GPL-2.0-only
//
// What the length of turns costs, and what it does to waits: the curve that the default of
// --turn-max is chosen by (docs/turns.md). In the simulator with its model of what callbacks, locks
// and cache lines cost, so every figure is the same on any machine.
//
// usage: turns_bench
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/time_units.h"
#include "scx_pair_native.h"
#include "sim/machine_test_support.h"
#include "sim/native_object.h"

namespace scx_pair {
namespace {

// So many domains of four spinners and a task that sleeps most of the time, on two cores.
Scenario scenario_of(u64 turn_ns, u32 domains) {
  Scenario scenario = small_scenario(2, domains);
  scenario.scheduler.turn_ns = turn_ns;
  scenario.kernel.costs = CostSpec{};
  scenario.duration_ns = 8'500 * kMs;
  scenario.warmup_ns = 500 * kMs;
  for (u32 i = 1; i <= domains; i++) {
    scenario.tasks.push_back(spinners(fmt::format("spin{}", i), 4, i));
    scenario.tasks.push_back(
        tasks_doing(fmt::format("short{}", i), 1, i, {run_step(100 * kUs), sleep_step(20 * kMs)}));
  }
  return scenario;
}

void print_row(u64 turn_ns, u32 domains) {
  auto object = NativeObject::from_bytes(scx_pair_native());
  check(object.has_value(), "the scheduler can be loaded");
  const Scenario scenario = scenario_of(turn_ns, domains);
  Auditor auditor(scenario);
  Machine machine(scenario, *object);
  machine.observe(auditor);
  machine.run();
  const Verdict verdict = auditor.finish();
  const CostReport costs = machine.cost_report().value_or(CostReport{});
  u64 wait_ns = 0;
  u64 wake_ns = 0;
  for (const DomainVerdict& domain : verdict.domains) {
    wait_ns = std::max(wait_ns, domain.wait.max_ns);
    wake_ns = std::max(wake_ns, domain.wake.p99_ns);
  }
  const auto available = static_cast<double>(verdict.total.cpu_ns_available);
  const double overhead = static_cast<double>(costs.overhead_ns()) /
                          static_cast<double>(std::max<u64>(costs.cpu_ns, 1));
  fmt::print("{:>8} ms{:>10}{:>11.2f} %{:>11.2f} %{:>11.1f} ms{:>11.2f} ms\n", turn_ns / kMs,
             domains, 100 * overhead,
             100 * (1 - static_cast<double>(verdict.total.busy_ns) / available),
             static_cast<double>(wait_ns) / kMs, static_cast<double>(wake_ns) / kMs);
}

}  // namespace
}  // namespace scx_pair

int main() {
  fmt::print("{:>11}{:>10}{:>13}{:>13}{:>14}{:>14}\n", "--turn-max", "domains", "scheduler", "idle",
             "longest wait", "wakeups, p99");
  for (const u32 domains : {2U, 4U, 12U}) {
    for (const u64 turn_ms : {1U, 2U, 5U, 10U, 20U, 40U, 80U, 160U}) {
      scx_pair::print_row(turn_ms * scx_pair::kMs, domains);
    }
  }
  return 0;
}
