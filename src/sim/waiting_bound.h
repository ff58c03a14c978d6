// SPDX-License-Identifier: GPL-2.0-only
//
// How long any task can wait, derived in docs/fairness.md, and machines made at random to hold the
// scheduler against it. Everybody wants a cpu all the time: that is when waits are longest.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"
#include "sim/native_object.h"
#include "sim/scenario.h"

namespace scx_pair {

// Spinners of one cgroup, at least 1 of them.
struct WaitingDomain {
  u32 tasks = 1;  // that may run everywhere
  u32 weight = 100;
  std::vector<u32> pinned{};  // the cpu of each task that may run on that one only
};

struct WaitingMachine {
  u64 seed = 0;
  MachineShape shape{};
  SchedulerSpec times{};
  std::vector<WaitingDomain> domains{};
};

// 2 to 256 cpus, and up to 40 domains of up to 12 tasks; a function of the seed.
WaitingMachine waiting_machine(u64 seed);

// Domain i is cgroup i + 1, and its tasks are named d<i>, the pinned ones p<i>.
Scenario waiting_scenario(const WaitingMachine& machine);

// The longest that a task of domain @index may wait, in ns: one that may run everywhere, or one
// that only @cpu may run. Requires: the domain has such a task.
u64 longest_wait_ns(const WaitingMachine& machine, u32 index);
u64 longest_pinned_wait_ns(const WaitingMachine& machine, u32 index, u32 cpu);

// What a run has shown: of all tasks, the one whose wait comes closest to the bound.
struct WaitingResult {
  std::string task{};
  u64 waited_ns = 0;
  u64 bound_ns = 1;
  std::string failure{};  // of the run; empty: none

  double part() const { return static_cast<double>(waited_ns) / static_cast<double>(bound_ns); }
};

WaitingResult worst_wait(const WaitingMachine& machine, NativeObject& scheduler);

}  // namespace scx_pair
