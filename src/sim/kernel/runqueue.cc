// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/runqueue.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/hostile_text.h"
#include "sim/kernel/higher_classes.h"

namespace scx_pair {

void lock_rq(Kernel& k, Cpu& rq) {
  Cpu& here = k.here();
  check(here.locked == kNoCpu, "an activity holds one runqueue at a time");
  if (k.switchboard != nullptr) {
    k.switchboard->on_access(here.id, SIM_LOCK, &rq.lock, sizeof rq.lock);
    if (rq.lock != 0) k.switchboard->wait_for_lock(here.id, &rq.lock);
  }
  check(rq.lock == 0, "a runqueue is locked by one activity at a time");
  rq.lock = here.id + 1;
  here.locked = rq.id;
}

void unlock_rq(Kernel& k, Cpu& rq) {
  Cpu& here = k.here();
  check(rq.lock == here.id + 1, "an activity lets go of the runqueue it holds");
  rq.lock = 0;
  here.locked = kNoCpu;
  if (k.switchboard != nullptr) {
    k.switchboard->on_access(here.id, SIM_UNLOCK, &rq.lock, sizeof rq.lock);
  }
}

void switch_rq_lock(Kernel& k, Cpu& from, Cpu& to) {
  if (&from == &to) return;
  unlock_rq(k, from);
  lock_rq(k, to);
}

void resched_curr(Kernel& k, Cpu& rq) {
  rq.need_resched = true;
  if (rq.id == k.here().id || rq.resched_sent) return;
  rq.resched_sent = true;
  announce_at(k, k.clock_ns() + k.scenario.kernel.kick_delay_ns.draw(k.kick_luck),
              EventKind::kResched, rq.id);
}

void wakeup_preempt(Kernel& k, Cpu& rq, Task& p) {
  const Task& curr = *rq.curr;
  if (p.sched_class > curr.sched_class ||
      (p.sched_class == curr.sched_class && preempts_within(p, curr))) {
    resched_curr(k, rq);
  }
}

u64 account_running(Kernel& k, Cpu& rq) {
  Task& curr = *rq.curr;
  if (k.now_ns <= curr.exec_start_ns) return 0;
  const u64 ran_ns = k.now_ns - curr.exec_start_ns;
  curr.exec_start_ns = k.now_ns;
  curr.cpu_ns += ran_ns;
  return ran_ns;
}

bool is_void(const Kernel& k, const Event& event) {
  const Cpu& rq = k.cpus[event.cpu];
  switch (event.kind) {
    case EventKind::kStep:
      return event.version != rq.step_version;
    case EventKind::kTick:
      return event.version != rq.tick_version;
    case EventKind::kWake:
      return event.version != event.task->timer_version;
    default:
      return false;
  }
}

void announce_at(Kernel& k, u64 time_ns, EventKind kind, u32 cpu, Task* task, u64 version,
                 u32 subject) {
  k.events.drop_void([&k](const Event& announced) { return is_void(k, announced); });
  Event event;
  event.time_ns = time_ns;
  event.version = version;
  event.task = task;
  event.cpu = cpu;
  event.subject = subject;
  event.kind = kind;
  k.events.push(event);
}

void scx_error(Kernel& k, const std::string& reason) {
  if (k.ending) return;
  k.ending = SchedulerEnd{true, reason};
}

void give_up(Kernel& k, const std::string& why) {
  if (k.fatal.empty()) k.fatal = why;
}

std::string name_of(const Task& p) {
  return fmt::format("{}[{}]", printable(p.kernel.comm), p.pid());
}

}  // namespace scx_pair
