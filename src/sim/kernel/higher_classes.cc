// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/higher_classes.h"

#include <algorithm>

#include "base/check.h"
#include "sim/kernel/change.h"
#include "sim/kernel/ext_class.h"
#include "sim/kernel/runqueue.h"
#include "sim/kernel/schedule.h"

namespace scx_pair {
namespace {

List& queue_of(Cpu& rq, const Task& p) {
  switch (p.sched_class) {
    case SchedClass::kDeadline:
      return rq.deadline;
    case SchedClass::kRealtime:
      return rq.realtime;
    default:
      return rq.fair;
  }
}

// Behind all that go before it, and behind its equals, unless it goes `first` among them.
void insert_in_order(List& list, Task& p, bool first) {
  Link* place = &list;
  while (place->next != &list) {
    const Task& other = *place->next->task;
    const bool stays_before = first ? preempts_within(other, p) : !preempts_within(p, other);
    if (!stays_before) break;
    place = place->next;
  }
  p.class_link.insert_after(*place);
}

void arm_throttle(Kernel& k, Cpu& rq, Task& p) {
  announce_at(k, k.now_ns + k.scenario.kernel.switch_ns + p.dl_left_ns, EventKind::kThrottle, rq.id,
              &p, p.timer_version);
}

}  // namespace

bool preempts_within(const Task& p, const Task& curr) {
  if (p.sched_class == SchedClass::kDeadline) return p.dl_due_ns < curr.dl_due_ns;
  if (p.sched_class == SchedClass::kRealtime) return p.rt_priority > curr.rt_priority;
  return false;
}

void enqueue_task_higher(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  check(!p.queued, "a task is on one runqueue at a time");
  p.queued = true;
  p.kernel.on_rq = 1;
  if (p.sched_class == SchedClass::kStop) {
    rq.higher_wakes++;
    return;
  }
  if (p.sched_class == SchedClass::kDeadline) {
    // A new period, if the old one is over or what is left of it is too much for its time.
    if (p.dl_due_ns <= k.now_ns) {
      p.dl_due_ns = k.now_ns + p.dl_deadline_ns;
      p.dl_left_ns = p.dl_runtime_ns;
    }
    if (p.dl_throttled) return;
  }
  if (p.sched_class > SchedClass::kExt) rq.higher_wakes++;
  insert_in_order(queue_of(rq, p), p, (flags & kEnqRestore) != 0);
}

void dequeue_task_higher(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  static_cast<void>(flags);
  if (!p.queued) return;
  if (task_current(rq, p)) put_prev_task_higher(k, rq, p);
  p.queued = false;
  p.kernel.on_rq = 0;
  if (p.class_link.linked()) p.class_link.unlink();
}

void set_next_task_higher(Kernel& k, Cpu& rq, Task& p) {
  p.exec_start_ns = k.now_ns;
  if (p.time_slice_ns == 0) {
    p.time_slice_ns = p.sched_class == SchedClass::kRealtime ? kRoundRobinNs : kFairSliceNs;
  }
  if (p.sched_class == SchedClass::kDeadline) arm_throttle(k, rq, p);
}

void put_prev_task_higher(Kernel& k, Cpu& rq, Task& p) {
  const u64 ran_ns = account_running(k, rq);
  p.time_slice_ns -= std::min(p.time_slice_ns, ran_ns);
  if (p.sched_class == SchedClass::kDeadline) {
    p.dl_left_ns -= std::min(p.dl_left_ns, ran_ns);
    p.timer_version++;
  }
}

void task_tick_higher(Kernel& k, Cpu& rq) {
  Task& curr = *rq.curr;
  const u64 ran_ns = account_running(k, rq);
  if (curr.sched_class == SchedClass::kDeadline) {
    curr.dl_left_ns -= std::min(curr.dl_left_ns, ran_ns);
    return;
  }
  const bool rotates =
      curr.sched_class == SchedClass::kFair || curr.policy == TaskPolicy::kRoundRobin;
  if (!rotates) return;
  curr.time_slice_ns -= std::min(curr.time_slice_ns, ran_ns);
  if (curr.time_slice_ns != 0) return;
  List& list = queue_of(rq, curr);
  curr.class_link.unlink();
  insert_in_order(list, curr, false);
  if (list.first() == &curr) {
    curr.time_slice_ns = curr.sched_class == SchedClass::kFair ? kFairSliceNs : kRoundRobinNs;
  } else {
    resched_curr(k, rq);
  }
}

u32 select_task_rq_higher(Kernel& k, const Task& p, u32 prev_cpu) {
  // Where it was, if it can start there at once; else where somebody lesser runs, idle cpus first.
  const auto can_start = [&p](const Cpu& rq) {
    return rq.active && may_run_on(p, rq.id) && rq.stop_work.empty() &&
           (p.sched_class > rq.curr->sched_class ||
            (p.sched_class == rq.curr->sched_class && preempts_within(p, *rq.curr)));
  };
  if (may_run_on(p, prev_cpu) &&
      (p.sched_class == SchedClass::kFair ? k.cpus[prev_cpu].curr->is_idle()
                                          : can_start(k.cpus[prev_cpu]))) {
    return prev_cpu;
  }
  u32 best = prev_cpu;
  for (size_t i = 0; i < k.cpus.size(); i++) {
    const Cpu& rq = k.cpus[(prev_cpu + i) % k.cpus.size()];
    if (!can_start(rq)) continue;
    if (rq.curr->is_idle()) return rq.id;
    if (best == prev_cpu) best = rq.id;
  }
  return best;
}

Task* pick_higher(const Cpu& rq) {
  if (rq.stopper != nullptr && rq.stopper->queued) return rq.stopper;
  if (!rq.deadline.empty()) return rq.deadline.first();
  if (!rq.realtime.empty()) return rq.realtime.first();
  return rq.fair.empty() ? nullptr : rq.fair.first();
}

void throttle_deadline(Kernel& k, Cpu& rq, Task& p) {
  if (rq.curr != &p || p.sched_class != SchedClass::kDeadline) return;
  put_prev_task_higher(k, rq, p);
  p.dl_left_ns = 0;
  p.dl_throttled = true;
  p.class_link.unlink();
  // The next period begins where this one ends.
  const u64 next_ns = p.dl_due_ns - p.dl_deadline_ns + p.dl_period_ns;
  announce_at(k, std::max(next_ns, k.now_ns + 1), EventKind::kReplenish, rq.id, &p,
              p.timer_version);
  resched_curr(k, rq);
}

void replenish_deadline(Kernel& k, Task& p) {
  const TaskRqGuard guard(k, p);
  Cpu& rq = guard.rq();
  p.dl_throttled = false;
  if (p.sched_class != SchedClass::kDeadline) return;
  p.dl_due_ns = k.now_ns + p.dl_deadline_ns;
  p.dl_left_ns = p.dl_runtime_ns;
  if (!p.queued || p.class_link.linked()) return;
  rq.higher_wakes++;
  insert_in_order(rq.deadline, p, false);
  wakeup_preempt(k, rq, p);
}

void push_away(Kernel& k, Cpu& rq, Task& p) {
  rq.stop_work.push_back(&p);
  if (rq.stopper->queued) return;
  rq.stopper->state = TaskState::kRunnable;
  enqueue_task_higher(k, rq, *rq.stopper, kEnqWakeup);
  resched_curr(k, rq);
}

void run_stop_work(Kernel& k, Cpu& rq) {
  std::vector<Task*> work;
  work.swap(rq.stop_work);
  for (Task* p : work) {
    if (p->state == TaskState::kDead || p->cpu() != rq.id || p == rq.curr) continue;
    if (is_migration_disabled(*p) || (may_run_on(*p, rq.id) && rq.active)) continue;
    move_queued_task(k, *p, fallback_cpu(k, *p));
  }
}

}  // namespace scx_pair
