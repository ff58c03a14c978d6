// SPDX-License-Identifier: GPL-2.0-only
//
// The simulated machine: a scenario, a natively compiled scheduler, and the kernel between them.
//
//   auto object = NativeObject::from_bytes(scx_pair_native());
//   Machine machine(scenario, *object);
//   machine.observe(observer);      // any number; they look and change nothing
//   machine.run();                  // or step by step
//   machine.outcome()
//
// Two runs of the same scenario and object do the same, event for event: they have one trace hash.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/kernel/kernel.h"

namespace scx_pair {

// How a run ended.
struct Outcome {
  u64 ended_ns = 0;     // of the scenario's time
  std::string failure;  // why it ended too early, one sentence; empty if it did not
  u64 trace_hash = 0;   // of all records and kicks
  Counters counters;
};

class Machine {
 public:
  // The scenario is valid. The object is reset, and used by nobody else until the machine is gone.
  Machine(Scenario scenario, NativeObject& object);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Whoever looks has to live as long as the machine.
  void observe(Observer& observer);
  // From now on activities may be interleaved: the switchboard is asked at every shared access.
  // What they cost is then not modelled.
  void set_switchboard(Switchboard* switchboard);

  // Up to the end of the scenario, or to a failure.
  void run();
  // Up to this time of the scenario. Returns whether it goes on.
  bool run_until(u64 time_ns);

  // Whether nothing is left to do: the time is over, or something failed.
  [[nodiscard]] bool done() const;
  // Handles the next event, or puts it off: its cpu is still busy. Requires: not done().
  void step();

  // For whoever chooses the order himself: the next event in the order of time; handling one, on
  // its own cpu, as one activity; and going to the cpu whose activity goes on.
  std::optional<Event> take_event();
  void handle(const Event& event);
  void resume_cpu(u32 cpu);

  [[nodiscard]] Outcome outcome() const;
  // Nothing where the scenario has no costs.
  [[nodiscard]] std::optional<CostReport> cost_report() const;
  [[nodiscard]] const Kernel& kernel() const { return *kernel_; }
  [[nodiscard]] Kernel& kernel() { return *kernel_; }

 private:
  void build();
  void dispatch_event(const Event& event);

  std::unique_ptr<Kernel> kernel_;
};

}  // namespace scx_pair
