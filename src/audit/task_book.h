// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "audit/latency_histogram.h"
#include "audit/pair_meter.h"
#include "audit/verdict.h"
#include "base/switch_record.h"
#include "base/types.h"

namespace scx_pair {

// Keeps book of every user task: whether it runs, waits or sleeps, since when, and what that adds
// up to for its domain. Kernel threads are not in it. Rules:
// 1. A wait begins when a sleeping task is put on a run queue or a running one is switched out
// while
//    runnable, and ends when it is switched in.
// 2. A wait is a sample of its domain's latency if it began and ended inside the window; of the
//    longest wait of its task, the part inside the window counts.
// 3. Memory grows with the tasks alive and, up to kDomainsMax, the domains seen; domains beyond are
//    counted together as domain 0.
class TaskBook {
 public:
  static constexpr size_t kDomainsMax = 4096;

  struct Config {
    u64 window_start_ns = 0;
    s32 tasks_max = 0;  // how many tasks to report; negative is all
  };
  // An ordinary task begins or ends to wait; cpu is where it was put or switched out.
  struct Wait {
    u64 now_ns;
    u32 cpu;
    u64 domain;
    bool begins;
  };
  using WaitObserver = std::function<void(const Wait&)>;

  TaskBook(const Config& config, WaitObserver observer);

  // The task was put on a run queue (RECORD_WAKE), or found there (RECORD_WAITING).
  void wake(const switch_record& record);

  // The task is switched in on cpu. Requires: a user task.
  void start(u64 now_ns, u32 cpu, const Occupant& task);

  // The task is switched out.
  void stop(u64 now_ns, u32 cpu, s32 pid, bool runnable);

  // The task is gone, by death or because its pid is now another's.
  void forget(u64 now_ns, s32 pid);

  // Domain or class changed (RECORD_CHANGE).
  void change(const switch_record& record);

  // The task ran from begin to end as what `task` says.
  void charge(const Occupant& task, u64 begin_ns, u64 end_ns);

  // A task of this domain began a turn of a pair.
  void begin_turn(u64 id) { ++domain(id).turns; }

  // Fills in domains and tasks. Requires: the last call.
  void finish(u64 end_ns, Verdict& verdict);

 private:
  enum class State { kSleeping, kRunning, kWoken, kPreempted };

  struct Task {
    State state = State::kSleeping;
    switch_record_class task_class = CLASS_ORDINARY;
    u32 cpu = 0;
    u64 since_ns = 0;
    u64 domain = 0;
    u64 cpu_ns = 0;
    u64 longest_wait_ns = 0;
    std::string comm;
  };

  struct Domain {
    u64 cpu_ns = 0;
    u64 turns = 0;
    LatencyHistogram wake;
    LatencyHistogram wait;
  };

  static bool is_waiting(const Task& task) { return task.state >= State::kWoken; }
  void set_state(Task& task, State state, u64 now_ns, u32 cpu);
  void observe(const Task& task, u64 now_ns, bool begins);
  void end_wait(Task& task, u64 now_ns, bool over);
  Domain& domain(u64 id);
  void bury(s32 pid, const Task& task);
  [[nodiscard]] u64 in_window(u64 begin_ns, u64 end_ns) const;

  Config config_;
  WaitObserver observer_;
  std::map<s32, Task> tasks_;
  std::map<u64, Domain> domains_;
  std::vector<TaskVerdict> dead_;
};

}  // namespace scx_pair
