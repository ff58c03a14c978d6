// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/schedule.h"

#include <algorithm>

#include "base/check.h"
#include "sim/kernel/callbacks.h"
#include "sim/kernel/dispatch.h"
#include "sim/kernel/ext_class.h"
#include "sim/kernel/idle.h"
#include "sim/kernel/lifecycle.h"
#include "sim/kernel/runqueue.h"
#include "sim/kernel/trace.h"

namespace scx_pair {
namespace {

constexpr u64 kFullSpeed = 1000;

// The ext class's answer. Up to 6.18 balance_scx() has been there before; see prev_balance().
Task* pick_ext(Kernel& k, Cpu& rq, Task& prev, DispatchVerdict balanced) {
  if (!k.scx_enabled()) return nullptr;
  const DispatchVerdict verdict =
      k.traits.balances_before_pick ? balanced : dispatch_one(k, rq, prev);
  return pick_after(k, rq, prev, verdict);
}

// __pick_next_task(). A task of a higher class that became runnable while ext had let the
// runqueue go goes first: RETRY_TASK.
Task& pick_next_task(Kernel& k, Cpu& rq, Task& prev) {
  DispatchVerdict balanced = DispatchVerdict::kNone;
  // prev_balance() begins at the class of `prev`, and ends at the first that has somebody to run.
  const bool reaches_ext = prev.sched_class <= SchedClass::kExt || pick_higher(rq) == nullptr;
  if (k.traits.balances_before_pick && k.scx_enabled() && reaches_ext) {
    balanced = dispatch_one(k, rq, prev);
  }
  for (;;) {
    Task* higher = pick_higher(rq);
    if (higher != nullptr) return *higher;
    const u64 seen = rq.higher_wakes;
    Task* p = pick_ext(k, rq, prev, balanced);
    if (seen != rq.higher_wakes) continue;
    if (p != nullptr) return *p;
    if (prev.is_idle()) update_idle(k, rq, true, false);
    return *rq.idle;
  }
}

// put_prev_set_next_task()
void put_prev_set_next(Kernel& k, Cpu& rq, Task& prev, Task& next) {
  if (&prev == &next) return;
  put_prev_task(k, rq, prev, &next);
  set_next_task(k, rq, next);
}

// Siblings run slower or faster when a cpu gets busy or idle.
void change_busy(Kernel& k, Cpu& rq, bool busy) {
  const bool matters = !k.speed_permille.empty();
  if (matters) {
    for (const u32 cpu : k.cores[rq.core]) take_progress(k, k.cpus[cpu]);
  }
  k.busy[rq.core] += busy ? 1U : ~0U;
  if (!matters) return;
  for (const u32 cpu : k.cores[rq.core]) {
    if (cpu != rq.id && k.cpus[cpu].step_armed) arm_step(k, k.cpus[cpu]);
  }
}

void start_ticking(Kernel& k, Cpu& rq) {
  if (rq.ticking) return;
  rq.ticking = true;
  const u64 period_ns = 1'000'000'000 / k.scenario.kernel.hz;
  // The cpus' ticks are spread over the period, as skew_tick does.
  const u64 offset_ns = period_ns * rq.id / k.cpus.size();
  const u64 next_ns = (k.now_ns - offset_ns) / period_ns * period_ns + period_ns + offset_ns;
  announce_at(k, next_ns, EventKind::kTick, rq.id, nullptr, rq.tick_version);
}

// What the activity has cost so far is this cpu's time: whoever runs goes on later. A step's timer
// that is set already finds that when it fires.
void charge_costs(Kernel& k, Cpu& rq) {
  const u64 cost_ns = k.costs->take_uncharged();
  if (cost_ns == 0) return;
  take_progress(k, rq);
  rq.progress_ns = std::max(rq.progress_ns, k.now_ns) + cost_ns;
  rq.runs_from_ns = std::max(rq.runs_from_ns, k.now_ns) + cost_ns;
  rq.done_ns = k.clock_ns();
}

// context_switch() and finish_task_switch().
void switch_to(Kernel& k, Cpu& rq, Task& prev, Task& next, bool preempt) {
  take_progress(k, rq);
  rq.step_armed = false;
  rq.step_version++;
  rq.curr = &next;
  prev.kernel.on_cpu = 0;
  next.kernel.on_cpu = 1;
  k.counters.switches++;
  if (k.costs) k.costs->note_switch();
  trace_switch(k, rq, prev, next, preempt);
  rq.runs_from_ns = k.now_ns + k.scenario.kernel.switch_ns;
  rq.progress_ns = rq.runs_from_ns;
  if (prev.is_idle() != next.is_idle()) change_busy(k, rq, !next.is_idle());
  if (next.is_idle()) {
    rq.ticking = false;
    rq.tick_version++;
  } else {
    start_ticking(k, rq);
  }
  if (prev.state == TaskState::kDead) finish_dead_task(k, prev);
}

// select_task_rq()
u32 select_task_rq(Kernel& k, Task& p, u64 wake_flags) {
  u32 cpu = p.cpu();
  if (p.kernel.nr_cpus_allowed > 1 && !is_migration_disabled(p)) {
    cpu = p.sched_class == SchedClass::kExt ? select_task_rq_ext(k, p, cpu, wake_flags)
                                            : select_task_rq_higher(k, p, cpu);
  } else {
    cpu = first_in_both(k.all_cpus->words(), p.kernel.cpus_ptr->bits, 0);
  }
  return may_run_on(p, cpu) && k.cpus[cpu].active ? cpu : fallback_cpu(k, p);
}

// ttwu_do_activate()
void activate(Kernel& k, Task& p, bool is_new) {
  Cpu& rq = task_rq(k, p);
  {
    const RqGuard guard(k, rq);
    p.state = TaskState::kRunnable;
    p.kernel.__state = 0;
    enqueue_task(k, rq, p, is_new ? 0 : kEnqWakeup);
    wakeup_preempt(k, rq, p);
    trace_wakeup(k, p, is_new);
  }
  // task_woken_scx()
  if (p.sched_class == SchedClass::kExt) run_deferred(k, rq);
}

}  // namespace

void enqueue_task(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  if (p.sched_class == SchedClass::kExt) {
    enqueue_task_ext(k, rq, p, flags);
  } else {
    enqueue_task_higher(k, rq, p, flags);
  }
}

void dequeue_task(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  if (p.sched_class == SchedClass::kExt) {
    dequeue_task_ext(k, rq, p, flags);
  } else {
    dequeue_task_higher(k, rq, p, flags);
  }
}

void put_prev_task(Kernel& k, Cpu& rq, Task& p, const Task* next) {
  if (p.sched_class == SchedClass::kExt) {
    put_prev_task_ext(k, rq, p, next);
  } else if (p.is_idle()) {
    update_idle(k, rq, false, true);
  } else {
    put_prev_task_higher(k, rq, p);
  }
}

void set_next_task(Kernel& k, Cpu& rq, Task& p) {
  if (p.sched_class == SchedClass::kExt) {
    set_next_task_ext(k, p);
  } else if (p.is_idle()) {
    update_idle(k, rq, true, true);
  } else {
    set_next_task_higher(k, rq, p);
  }
}

void schedule(Kernel& k, Cpu& rq, bool preempt) {
  Task& prev = *rq.curr;
  // migrate_disable_switch()
  if (is_migration_disabled(prev)) narrow_to_cpu(k, prev);
  const RqGuard guard(k, rq);
  if (!preempt && (prev.state == TaskState::kSleeping || prev.state == TaskState::kDead)) {
    dequeue_task(k, rq, prev, kDeqSleep);
  }
  Task& next = pick_next_task(k, rq, prev);
  rq.need_resched = false;
  put_prev_set_next(k, rq, prev, next);
  if (&prev != &next) switch_to(k, rq, prev, next, preempt);
}

void leave_kernel(Kernel& k, Cpu& rq) {
  while (rq.need_resched) {
    schedule(k, rq, !rq.curr->is_idle());
    run_deferred(k, rq);
  }
  if (k.costs) charge_costs(k, rq);
  if (!rq.step_armed && !rq.curr->is_idle()) arm_step(k, rq);
}

bool wake_up(Kernel& k, Task& p) {
  if (p.state != TaskState::kSleeping) return false;
  if (p.on_rq()) {
    // It is about to sleep, but still there: ttwu_runnable().
    const TaskRqGuard guard(k, p);
    if (p.state == TaskState::kSleeping && p.on_rq()) {
      p.timer_version++;
      p.state = TaskState::kRunnable;
      p.kernel.__state = 0;
      trace_wakeup(k, p, false);
      return true;
    }
  }
  if (p.state != TaskState::kSleeping) return false;
  p.state = TaskState::kNew;  // TASK_WAKING: nobody else wakes it now
  // Its cpu may still be on its way to another task.
  if (k.switchboard != nullptr) k.switchboard->wait_for_lock(k.here().id, &p.kernel.on_cpu);
  p.timer_version++;
  set_task_cpu(p, select_task_rq(k, p, kEnqWakeup));
  activate(k, p, false);
  return true;
}

void wake_up_new(Kernel& k, Task& p, u32 parent_cpu) {
  set_task_cpu(p, parent_cpu);
  set_task_cpu(p, select_task_rq(k, p, 0));
  activate(k, p, true);
}

void tick(Kernel& k, Cpu& rq) {
  if (rq.curr->is_idle()) return;
  {
    const RqGuard guard(k, rq);
    if (rq.curr->sched_class == SchedClass::kExt) {
      task_tick_ext(k, rq);
    } else {
      task_tick_higher(k, rq);
    }
  }
  announce_at(k, k.now_ns + 1'000'000'000 / k.scenario.kernel.hz, EventKind::kTick, rq.id, nullptr,
              rq.tick_version);
}

u32 speed_of(const Kernel& k, const Cpu& rq) {
  if (k.speed_permille.empty() || k.busy[rq.core] == 0) return kFullSpeed;
  const size_t others = std::min<size_t>(k.busy[rq.core], k.speed_permille.size()) - 1;
  return k.speed_permille[others];
}

void take_progress(Kernel& k, Cpu& rq) {
  if (rq.curr->is_idle() || k.now_ns <= rq.progress_ns) return;
  const u64 done_ns = (k.now_ns - rq.progress_ns) * speed_of(k, rq) / kFullSpeed;
  Progress& progress = rq.curr->progress;
  const u64 counted_ns = std::min(done_ns, progress.left_ns);
  progress.left_ns -= counted_ns;
  rq.curr->work_ns += counted_ns;
  rq.progress_ns = k.now_ns;
}

void arm_step(Kernel& k, Cpu& rq) {
  const u64 speed = speed_of(k, rq);
  const u64 needed_ns = (rq.curr->progress.left_ns * kFullSpeed + speed - 1) / speed;
  rq.step_armed = true;
  announce_at(k, std::max(k.now_ns, rq.progress_ns) + needed_ns, EventKind::kStep, rq.id, rq.curr,
              ++rq.step_version);
}

}  // namespace scx_pair
