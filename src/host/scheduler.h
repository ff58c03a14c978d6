// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/scheduler_stats.h"
#include "base/types.h"
#include "host/topology.h"

namespace scx_pair {

using SchedulerStats = struct scheduler_stats;

// Everything the scheduler is told before it is loaded. Nothing of it changes while it runs. A cpu
// that comes or goes before it is attached is not noticed: whoever attaches looks again after it.
struct SchedulerConfig {
  Topology topology;
  bool kthreads_trusted = true;  // kernel threads run beside any domain
  u64 turn_ns = 0;               // the longest a pair stays on one domain while others wait
  u64 turn_min_ns = 0;           // what it becomes the more wait; no more than turn_ns counts
  u64 slice_ns = 0;              // a task's slice inside a turn
  bool verbose = false;          // libbpf's log on stderr
};

// How the kernel ended the scheduler.
struct SchedulerExit {
  s64 kind = 0;              // the kernel's scx_exit_kind
  s64 code = 0;              // the kernel's exit code
  std::string reason;        // the kernel's words for the kind
  std::string message;       // what the scheduler or the kernel said about it
  std::string dump;          // the kernel's debug dump; empty unless it ended for an error
  bool restart = false;      // the machine changed (cpu hotplug): read it again and load again
  bool by_operator = false;  // somebody had the kernel end it (sysrq)
  bool by_user = false;      // finish() ended it; nothing was wrong
};

// The scheduler in the kernel. Loading is dear, because the kernel verifies every program;
// attaching is cheap, and is done again after each end. Until finish(), the scheduler is attached
// or has exited by itself; the destructor detaches, so that nothing is left behind.
class Scheduler {
 public:
  // Opens, configures, loads and attaches. Requires: the environment was checked.
  static Result<Scheduler> load(const SchedulerConfig& config);

  // Whether attach_again() can seat the cpus of `topology`: what was loaded has room for the pairs
  // there were then.
  bool fits(const Topology& topology) const;

  // Attaches what is loaded once more, with nothing remembered. Requires: finish() was called since
  // it was attached last; the topology fits. After an error only the destructor may be called.
  Status attach_again(const Topology& topology);

  Scheduler(Scheduler&& other) noexcept;
  Scheduler& operator=(Scheduler&& other) noexcept;
  ~Scheduler();

  // Whether the kernel has ended it (an error, hotplug, sysrq).
  bool exited() const;

  // A file that can be read from the moment on at which the kernel has ended it. Valid while the
  // object lives, which owns it; nobody reads it.
  int exit_news() const;

  // The counters since load, summed over cpus.
  Result<SchedulerStats> stats() const;

  // How long which cgroup kept which other one waiting, in no particular order.
  Result<std::vector<forced_time>> forced_idle() const;

  // What became of each cgroup's cpu.max, in no particular order.
  Result<std::vector<limit_times>> limits() const;

  // Detaches, waits until the kernel is done, and tells how it ended. Requires: it is attached.
  SchedulerExit finish();

 private:
  struct State;
  explicit Scheduler(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace scx_pair
