// SPDX-License-Identifier: GPL-2.0-only
#include "sim/waiting_bound.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/time_units.h"
#include "policy/rescue.h"
#include "sim/machine_test_support.h"
#include "sim/random.h"

namespace scx_pair {
namespace {

// What the end of a turn may be late: a burst, and the clock, which looks every 4 ms.
constexpr double kLateNs = static_cast<double>(kBurstNs) + 4.0 * kMs;
// Domains of which one look of the clock can find one overdue.
constexpr double kOverdueScan = 16;

double sum_of_weights(const WaitingMachine& machine) {
  double sum = 0;
  for (const WaitingDomain& domain : machine.domains) sum += domain.weight;
  return sum;
}

double pinned_tasks(const WaitingMachine& machine) {
  double sum = 0;
  for (const WaitingDomain& domain : machine.domains) {
    sum += static_cast<double>(domain.pinned.size());
  }
  return sum;
}

u32 all_tasks(const WaitingDomain& domain) {
  return domain.tasks + static_cast<u32>(domain.pinned.size());
}

// Who has waited for so long is next whatever it is owed, for a moment and one after another.
double overdue_wait_ns(size_t domains) {
  const auto n = static_cast<double>(domains);
  return static_cast<double>(RESCUE_ROUND_NS) + 4.0 * kMs * n / kOverdueScan +
         n * (static_cast<double>(RESCUE_PART * kBurstNs) + kLateNs);
}

}  // namespace

WaitingMachine waiting_machine(u64 seed) {
  Random random(seed, 71);
  WaitingMachine machine{.seed = seed};
  MachineShape& shape = machine.shape;
  shape.smt = random.chance(3, 4) ? 2 : static_cast<u32>(random.between(1, 4));
  shape.sockets = random.chance(1, 4) ? 2 : 1;
  shape.llcs = random.chance(1, 4) ? 2 : 1;
  // As many small machines as large ones.
  const u64 most = 256 / (u64{shape.smt} * shape.sockets * shape.llcs);
  const u64 bits = random.between(0, std::bit_width(most) - 1);
  shape.cores = static_cast<u32>(std::min(random.between(u64{1} << bits, u64{2} << bits), most));
  if (cpu_count(shape) < 2) shape.cores = 2;
  const u32 cpus = cpu_count(shape);
  const u64 domains = random.between(1, 40);
  for (u64 i = 0; i < domains; i++) {
    WaitingDomain domain;
    domain.tasks = static_cast<u32>(random.between(1, 12));
    domain.weight = random.chance(1, 2) ? 100 : static_cast<u32>(random.between(25, 400));
    if (random.chance(1, 8)) domain.pinned.push_back(static_cast<u32>(random.below(cpus)));
    machine.domains.push_back(std::move(domain));
  }
  return machine;
}

Scenario waiting_scenario(const WaitingMachine& machine) {
  Scenario scenario = small_scenario(1, 0);
  scenario.name = fmt::format("waiting {}", machine.seed);
  scenario.seed = machine.seed;
  scenario.shape = machine.shape;
  scenario.scheduler = machine.times;
  scenario.duration_ns = 2'500 * kMs;
  scenario.warmup_ns = 300 * kMs;
  for (u32 i = 0; i < machine.domains.size(); i++) {
    const WaitingDomain& domain = machine.domains[i];
    scenario.cgroups.push_back(
        {.path = fmt::format("/d{}", i), .parent = 0, .weight = domain.weight});
    scenario.tasks.push_back(spinners(fmt::format("d{}", i), domain.tasks, i + 1));
    for (const u32 cpu : domain.pinned) {
      scenario.tasks.push_back(spinners(fmt::format("p{}", i), 1, i + 1));
      scenario.tasks.back().cpus = {cpu};
    }
  }
  return scenario;
}

u64 longest_wait_ns(const WaitingMachine& machine, u32 index) {
  const WaitingDomain& domain = machine.domains[index];
  const auto pairs = static_cast<double>(pairs_of(machine.shape).size());
  const double seats = machine.shape.smt;
  const auto domains = static_cast<double>(machine.domains.size());
  const auto turn_ns = static_cast<double>(machine.times.turn_ns);
  const double part = domain.weight / sum_of_weights(machine);
  // It pays for at most so many pairs at a time, and waits for as much as all others may have for
  // that; a turn more each because it may be passed over for one that fits and for one that is
  // near; and each may have begun a turn, and each pinned task have had one out of its order.
  const double held = std::min(pairs, std::ceil(all_tasks(domain) / seats));
  const double rounds = (held + 2) / (part * pairs) + (domains + pinned_tasks(machine)) / pairs + 1;
  const double between_ns =
      std::min((turn_ns + kLateNs) * rounds, overdue_wait_ns(machine.domains.size()));
  // Inside the domain each other task may be two slices ahead.
  const double ahead_ns =
      2.0 * static_cast<double>(machine.times.slice_ns) * (all_tasks(domain) - 1);
  const double turns = std::ceil(ahead_ns / (seats * turn_ns)) + 1;
  return static_cast<u64>(turns * (between_ns + turn_ns + kLateNs));
}

u64 longest_pinned_wait_ns(const WaitingMachine& machine, u32 index, u32 cpu) {
  const WaitingDomain& domain = machine.domains[index];
  const auto turn_ns = static_cast<double>(machine.times.turn_ns);
  // Others in the same lane, each of which may come first.
  double lane = 0;
  for (const WaitingDomain& other : machine.domains) {
    lane += static_cast<double>(std::ranges::count(other.pinned, cpu));
  }
  const double part = domain.weight / sum_of_weights(machine);
  const auto domains = static_cast<double>(machine.domains.size());
  const double between_ns = std::min((turn_ns + kLateNs) * (2 / part + domains + 1),
                                     overdue_wait_ns(machine.domains.size()));
  return static_cast<u64>(lane * (between_ns + turn_ns + kLateNs));
}

WaitingResult worst_wait(const WaitingMachine& machine, NativeObject& scheduler) {
  const Scenario scenario = waiting_scenario(machine);
  const JudgedRun run = run_of(scenario, scheduler);
  WaitingResult worst;
  worst.failure = run.outcome.failure;
  for (const TaskVerdict& task : run.verdict.tasks) {
    // A name is d or p, the domain, and the number of the task in brackets.
    const std::string_view name = task.comm;
    u32 index = 0;
    if (name.size() < 2 || (name[0] != 'd' && name[0] != 'p')) continue;
    std::from_chars(name.data() + 1, name.data() + name.size(), index);
    const u64 bound_ns =
        name[0] == 'd'
            ? longest_wait_ns(machine, index)
            : longest_pinned_wait_ns(machine, index, machine.domains[index].pinned.front());
    const WaitingResult one{task.comm, task.longest_wait_ns, bound_ns, ""};
    if (worst.task.empty() || one.part() > worst.part()) {
      worst.task = one.task;
      worst.waited_ns = one.waited_ns;
      worst.bound_ns = one.bound_ns;
    }
  }
  return worst;
}

}  // namespace scx_pair
