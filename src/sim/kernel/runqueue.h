// SPDX-License-Identifier: GPL-2.0-only
//
// What every class of the scheduler stands on: runqueue locks, the wish to reschedule, clocks, and
// errors that end the scheduler or the run.
#pragma once

#include <string>

#include "sim/kernel/kernel.h"

namespace scx_pair {

// raw_spin_rq_lock(). Requires: the cpu's activity holds no other runqueue.
void lock_rq(Kernel& k, Cpu& rq);
void unlock_rq(Kernel& k, Cpu& rq);
void switch_rq_lock(Kernel& k, Cpu& from, Cpu& to);

class RqGuard {
 public:
  RqGuard(Kernel& k, Cpu& rq) : k_(k), rq_(rq) { lock_rq(k, rq); }
  ~RqGuard() { unlock_rq(k_, rq_); }
  RqGuard(const RqGuard&) = delete;
  RqGuard& operator=(const RqGuard&) = delete;

 private:
  Kernel& k_;
  Cpu& rq_;
};

inline Cpu& task_rq(Kernel& k, const Task& p) {
  return k.cpus[p.cpu()];
}

// task_rq_lock(): the runqueue of a task, which may have moved on while it was waited for, or be on
// its way between two.
class TaskRqGuard {
 public:
  TaskRqGuard(Kernel& k, const Task& p) : k_(k), rq_(&task_rq(k, p)) {
    lock_rq(k, *rq_);
    while (rq_ != &task_rq(k, p) || p.migrating != 0) {
      unlock_rq(k, *rq_);
      if (p.migrating != 0) k.switchboard->wait_for_lock(k.here().id, &p.migrating);
      rq_ = &task_rq(k, p);
      lock_rq(k, *rq_);
    }
  }
  ~TaskRqGuard() { unlock_rq(k_, *rq_); }
  TaskRqGuard(const TaskRqGuard&) = delete;
  TaskRqGuard& operator=(const TaskRqGuard&) = delete;

  [[nodiscard]] Cpu& rq() const { return *rq_; }

 private:
  Kernel& k_;
  Cpu* rq_;
};

inline bool task_current(const Cpu& rq, const Task& p) {
  return rq.curr == &p;
}
inline bool is_migration_disabled(const Task& p) {
  return p.kernel.migration_disabled != 0;
}
inline bool may_run_on(const Task& p, u32 cpu) {
  return ((p.kernel.cpus_ptr->bits[cpu / 64] >> (cpu % 64)) & 1U) != 0;
}

// The cpu is to look for another task as soon as it can; if it is another one, an interrupt tells
// it. resched_curr().
void resched_curr(Kernel& k, Cpu& rq);

// A task became runnable on the runqueue: whether whoever runs has to go. wakeup_preempt().
void wakeup_preempt(Kernel& k, Cpu& rq, Task& p);

// Charges the running task for its time since it was last charged. update_curr_common().
u64 account_running(Kernel& k, Cpu& rq);

// Whether the thing that an event is about has moved on since it was announced.
bool is_void(const Kernel& k, const Event& event);

void announce_at(Kernel& k, u64 time_ns, EventKind kind, u32 cpu, Task* task = nullptr,
                 u64 version = 0, u32 subject = 0);

// The scheduler made a mistake that the kernel answers by ejecting it: scx_error(). The first one
// counts.
void scx_error(Kernel& k, const std::string& reason);

// Something that must never be was seen: the run ends.
void give_up(Kernel& k, const std::string& why);

std::string name_of(const Task& p);

}  // namespace scx_pair
