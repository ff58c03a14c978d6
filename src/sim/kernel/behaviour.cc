// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/behaviour.h"

#include <algorithm>

#include "base/check.h"
#include "sim/kernel/change.h"
#include "sim/kernel/ext_class.h"
#include "sim/kernel/lifecycle.h"
#include "sim/kernel/runqueue.h"
#include "sim/kernel/schedule.h"

namespace scx_pair {
namespace {

// What do_exit() takes in the kernel, roughly: long enough to be preempted in.
constexpr u64 kExitNs = 20'000;
// What a program gets done at the least between two thousand system calls; keeps one that never
// runs from standing still in time.
constexpr u32 kStepsAtOnce = 2000;
constexpr u64 kLeastRunNs = 1000;

// What becomes of a task by one of its steps.
enum class After : u8 {
  kGoesOn,
  kRuns,    // for progress.left_ns
  kSleeps,  // and does the next step when it is woken
  kWaits,   // and looks at the same step again when it is woken
  kYields,
  kExits,
};

const TaskSpec& spec_of(const Kernel& k, const Task& p) {
  return k.scenario.tasks[p.progress.spec];
}

// Counts a loop down; whether that was the last one. Below 0 there is no last one.
bool is_last(s64& loops_left) {
  if (loops_left < 0) return false;
  loops_left--;
  return loops_left <= 0;
}

// To the next step; false if there is none left.
bool advance(const Kernel& k, Task& p) {
  Progress& at = p.progress;
  const TaskSpec& spec = spec_of(k, p);
  if (++at.step < spec.phases[at.phase].steps.size()) return true;
  at.step = 0;
  if (!is_last(at.phase_loops_left)) return true;
  if (++at.phase == spec.phases.size()) {
    at.phase = 0;
    p.loops_done++;
    if (is_last(at.loops_left)) return false;
  }
  at.phase_loops_left = spec.phases[at.phase].loops;
  return true;
}

void fall_asleep(Task& p) {
  p.state = TaskState::kSleeping;
  p.kernel.__state = 1;
}

After sleep_until(Kernel& k, const Cpu& rq, Task& p, u64 time_ns) {
  // A timer is late by a little; the next one is not the later for it.
  announce_at(k, time_ns + k.scenario.kernel.timer_delay_ns.draw(k.timer_luck), EventKind::kWake,
              rq.id, &p, p.timer_version);
  fall_asleep(p);
  return After::kSleeps;
}

After do_run(Task& p, const Step& step) {
  p.progress.left_ns = step.duration_ns.draw(p.random);
  if (p.progress.left_ns == 0) return After::kGoesOn;
  p.progress.pinned = step.kind == Step::Kind::kRunPinned;
  if (p.progress.pinned) p.kernel.migration_disabled = 1;
  return After::kRuns;
}

After do_sleep(Kernel& k, const Cpu& rq, Task& p, const Step& step) {
  const u64 duration_ns = step.duration_ns.draw(p.random);
  return duration_ns == 0 ? After::kGoesOn : sleep_until(k, rq, p, k.now_ns + duration_ns);
}

After do_timer(Kernel& k, const Cpu& rq, Task& p, const Step& step) {
  p.progress.due_ns += step.duration_ns.draw(p.random);
  return p.progress.due_ns <= k.now_ns ? After::kGoesOn : sleep_until(k, rq, p, p.progress.due_ns);
}

void wake_one(Kernel& k, List& waiting) {
  if (waiting.empty()) return;
  Task& p = *waiting.first();
  p.wait_link.unlink();
  wake_up(k, p);
}

After wait_on(Task& p, List& waiting) {
  waiting.push_back(p.wait_link);
  fall_asleep(p);
  return After::kWaits;
}

u32 channel_of(const Task& p, const Step& step) {
  return step.target + p.progress.instance % step.target_span;
}

After do_resume(Kernel& k, Task& p, u32 index) {
  Channel& channel = k.channels[index];
  const u64 capacity = k.scenario.channels[index].capacity;
  if (capacity != 0 && channel.messages >= capacity) return wait_on(p, channel.writers);
  channel.messages++;
  wake_one(k, channel.readers);
  return After::kGoesOn;
}

After do_suspend(Kernel& k, Task& p, u32 index) {
  Channel& channel = k.channels[index];
  if (channel.messages == 0) return wait_on(p, channel.readers);
  channel.messages--;
  wake_one(k, channel.writers);
  return After::kGoesOn;
}

After do_barrier(Kernel& k, Task& p, u32 index) {
  Barrier& barrier = k.barriers[index];
  if (++barrier.arrived < k.scenario.barriers[index]) {
    barrier.waiting.push_back(&p);
    fall_asleep(p);
    return After::kSleeps;
  }
  std::vector<Task*> woken;
  woken.swap(barrier.waiting);
  barrier.arrived = 0;
  for (Task* other : woken) wake_up(k, *other);
  return After::kGoesOn;
}

After do_fork(Kernel& k, const Cpu& rq, Task& p, u32 spec) {
  if (k.tasks_alive >= k.scenario.tasks_max) return After::kGoesOn;
  wake_up_new(k, make_instance(k, spec, &p), rq.id);
  return After::kGoesOn;
}

// do_sched_yield(). Of the other classes nobody else would run for it.
void do_yield(Kernel& k, Cpu& rq, const Task& p) {
  if (p.sched_class != SchedClass::kExt) return;
  const RqGuard guard(k, rq);
  yield_task_ext(k, rq);
}

After do_step(Kernel& k, Cpu& rq, Task& p, const Step& step) {
  switch (step.kind) {
    case Step::Kind::kRun:
    case Step::Kind::kRunPinned:
      return do_run(p, step);
    case Step::Kind::kSleep:
      return do_sleep(k, rq, p, step);
    case Step::Kind::kTimer:
      return do_timer(k, rq, p, step);
    case Step::Kind::kYield:
      do_yield(k, rq, p);
      return After::kYields;
    case Step::Kind::kResume:
      return do_resume(k, p, channel_of(p, step));
    case Step::Kind::kSuspend:
      return do_suspend(k, p, channel_of(p, step));
    case Step::Kind::kBarrier:
      return do_barrier(k, p, step.target);
    case Step::Kind::kFork:
      return do_fork(k, rq, p, step.target);
    case Step::Kind::kExec:
      // select_task_rq_scx() leaves a task that calls execve() where it is.
      return After::kGoesOn;
    case Step::Kind::kExit:
      break;
  }
  return After::kExits;
}

void start_exit(Kernel& k, Task& p) {
  begin_exit(k, p);
  p.progress.left_ns = kExitNs;
}

}  // namespace

void begin_life(Kernel& k, Task& p, u32 spec, u32 instance) {
  p.progress.spec = spec;
  p.progress.instance = instance;
  p.progress.loops_left = spec_of(k, p).loops;
  p.progress.phase_loops_left = spec_of(k, p).phases[0].loops;
  p.progress.due_ns = k.now_ns;
}

void go_on(Kernel& k, Cpu& rq) {
  Task& p = *rq.curr;
  if (p.progress.pinned) {
    p.progress.pinned = false;
    widen_from_cpu(k, p);
  }
  if (p.progress.exiting) {
    finish_exit(k, p);
    schedule(k, rq, false);
    return;
  }
  for (u32 steps = 0; !rq.need_resched; steps++) {
    if (p.progress.spec == kNoIndex || p.progress.ends) {
      start_exit(k, p);
      return;
    }
    if (steps >= kStepsAtOnce) {
      p.progress.left_ns = kLeastRunNs;
      return;
    }
    const Step& step = spec_of(k, p).phases[p.progress.phase].steps[p.progress.step];
    const After after = do_step(k, rq, p, step);
    if (after == After::kExits) {
      start_exit(k, p);
      return;
    }
    // Before it may sleep: it can be woken from then on.
    if (after != After::kWaits) p.progress.ends = !advance(k, p);
    if (after == After::kRuns) return;
    if (after != After::kGoesOn) schedule(k, rq, false);
    if (rq.curr != &p) return;
  }
}

}  // namespace scx_pair
