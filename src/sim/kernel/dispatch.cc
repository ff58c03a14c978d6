// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/dispatch.h"

#include <fmt/format.h>

#include "base/check.h"
#include "sim/kernel/callbacks.h"
#include "sim/kernel/change.h"
#include "sim/kernel/ext_class.h"
#include "sim/kernel/kicks.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

// How often ops.dispatch() may move tasks that then do not run here: SCX_DSP_MAX_LOOPS.
constexpr u32 kDispatchLoops = 32;
// An interrupt that a cpu sends itself comes at once, but it takes its time; so a cpu that keeps
// asking itself to look again does not stand still in time.
constexpr u64 kIrqWorkNs = 400;

// task_can_run_on_remote_rq(). `enforce`: the scheduler has asked for just this.
bool can_run_on_remote(Kernel& k, const Task& p, const Cpu& rq, bool enforce) {
  if (is_migration_disabled(p)) {
    if (enforce) {
      scx_error(k, fmt::format("cannot move migration disabled {} from CPU {} to {}", name_of(p),
                               p.cpu(), rq.id));
    }
    return false;
  }
  if (!may_run_on(p, rq.id)) {
    if (enforce) {
      scx_error(k, fmt::format("target CPU {} not allowed for {}", rq.id, name_of(p)));
    }
    return false;
  }
  return rq.rq_online && rq.active;
}

// scx_move_local_task_to_local_dsq(): from a queue to the local one of the task's own cpu.
void move_local_to_local(Kernel& k, Task& p, u64 flags, Cpu& rq) {
  dispatch_enqueue(k, rq, rq.local, p, 0, 0, flags);
}

// move_remote_task_to_local_dsq(). Requires: `from` is locked; afterwards `to` is.
void move_remote_to_local(Kernel& k, Task& p, u64 flags, Cpu& from, Cpu& to) {
  p.sticky_cpu = to.id;
  p.migrating = 1;
  dequeue_task_ext(k, from, p, 0);
  set_task_cpu(p, to.id);
  switch_rq_lock(k, from, to);
  enqueue_task_ext(k, to, p, flags & ~kEnqRestore);
  p.migrating = 0;
}

// consume_remote_task(): the task is taken out of its queue first, so that nobody else takes it
// while the locks are changed. Returns whether it was still there.
bool consume_remote(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  Cpu& from = task_rq(k, p);
  unqueue_task(*p.dsq, p);
  p.holding_cpu = k.here().id;
  switch_rq_lock(k, rq, from);
  if (p.holding_cpu != k.here().id) {
    switch_rq_lock(k, from, rq);
    return false;
  }
  p.holding_cpu = kNoCpu;
  move_remote_to_local(k, p, flags, from, rq);
  return true;
}

// dispatch_to_local_dsq(): ops.dispatch() named a cpu's local queue.
void dispatch_to_local(Kernel& k, Cpu& rq, Cpu& to, Task& p, const sim_insertion& how, u64 flags) {
  Cpu& from = task_rq(k, p);
  const u64 apply = flags | kEnqApplySlice;
  if (&from == &to && &to == &rq) {
    dispatch_enqueue(k, to, to.local, p, how.slice, how.vtime, apply | kEnqClearOpss);
    return;
  }
  p.holding_cpu = k.here().id;
  p.ops_state = OpsState::kNone;
  switch_rq_lock(k, rq, from);
  Cpu* locked = &from;
  if (p.holding_cpu == k.here().id) {
    p.holding_cpu = kNoCpu;
    bool fallback = false;
    if (&from == &to) {
      dispatch_enqueue(k, to, to.local, p, how.slice, how.vtime, apply);
    } else if (!can_run_on_remote(k, p, to, true)) {
      fallback = true;
      dispatch_enqueue(k, from, k.global, p, how.slice, how.vtime, apply);
    } else {
      if (how.slice != 0) p.kernel.scx.slice = how.slice;
      move_remote_to_local(k, p, flags, from, to);
      locked = &to;
    }
    if (!fallback && p.sched_class > to.curr->sched_class) resched_curr(k, to);
  }
  switch_rq_lock(k, *locked, rq);
}

// finish_dispatch(): what was asked for may have become void meanwhile.
void finish_dispatch(Kernel& k, Cpu& rq, const BufferedDispatch& entry) {
  Task& p = *entry.task;
  if (p.ops_state != OpsState::kQueued || p.ops_qseq != entry.qseq) return;
  p.ops_state = OpsState::kDispatching;
  DispatchQueue& dsq = find_dsq_for_dispatch(k, rq, entry.how.dsq_id);
  const u64 flags = entry.how.enq_flags | (entry.how.by_vtime ? kEnqByVtime : 0);
  if (dsq.is_local()) {
    dispatch_to_local(k, rq, k.cpus[dsq.cpu], p, entry.how, flags);
  } else {
    dispatch_enqueue(k, rq, dsq, p, entry.how.slice, entry.how.vtime,
                     flags | kEnqApplySlice | kEnqClearOpss);
    // This runqueue stays locked, but what is in a shared queue is anybody's from here on.
    if (k.switchboard != nullptr) k.switchboard->on_access(rq.id, SIM_ATOMIC, &dsq, sizeof dsq);
  }
}

// scx_dispatch_sched(): the queues everybody looks at, and the scheduler.
DispatchVerdict dispatch_scheduler(Kernel& k, Cpu& rq, Task& prev) {
  if (consume_dispatch_queue(k, rq, k.global, 0)) return DispatchVerdict::kLocal;
  if (rq.bypassing) {
    return consume_dispatch_queue(k, rq, rq.bypass, 0) ? DispatchVerdict::kLocal
                                                       : DispatchVerdict::kNone;
  }
  if (k.ops.dispatch == nullptr || !rq.rq_online) return DispatchVerdict::kNone;
  u32 loops = kDispatchLoops;
  do {
    rq.dispatched = 0;
    task_struct* offered = prev.sched_class == SchedClass::kExt ? &prev.kernel : nullptr;
    call(k, Callback::kDispatch, k.ops.dispatch, static_cast<s32>(rq.id), offered);
    flush_dispatch_buffer(k, rq);
    if (prev.sched_class == SchedClass::kExt && prev.is_queued() && prev.kernel.scx.slice != 0) {
      return DispatchVerdict::kPrev;
    }
    if (rq.local.nr != 0 || consume_dispatch_queue(k, rq, k.global, 0))
      return DispatchVerdict::kLocal;
    if (--loops == 0) {
      kick_cpu(k, rq.id, 0);
      break;
    }
  } while (rq.dispatched != 0);
  return DispatchVerdict::kNone;
}

DispatchVerdict find_next(Kernel& k, Cpu& rq, Task& prev) {
  const bool ours = prev.sched_class == SchedClass::kExt;
  if (ours) {
    update_curr_ext(k, rq);
    if (prev.is_queued() && prev.kernel.scx.slice != 0 && !rq.bypassing)
      return DispatchVerdict::kPrev;
  }
  if (rq.local.nr != 0) return DispatchVerdict::kLocal;
  const DispatchVerdict verdict = dispatch_scheduler(k, rq, prev);
  if (verdict != DispatchVerdict::kNone) return verdict;
  // Nobody else: the running task goes on, unless the scheduler wants to have it back.
  if (prev.sched_class == SchedClass::kExt && prev.is_queued() &&
      ((k.ops.flags & kOpsEnqLast) == 0 || rq.bypassing)) {
    return DispatchVerdict::kPrev;
  }
  return DispatchVerdict::kNone;
}

}  // namespace

DispatchVerdict dispatch_one(Kernel& k, Cpu& rq, Task& prev) {
  rq.in_dispatch = true;
  if (rq.released) {
    rq.released = false;
    if (k.ops.cpu_acquire != nullptr) {
      call(k, Callback::kCpuAcquire, k.ops.cpu_acquire, static_cast<s32>(rq.id),
           static_cast<void*>(nullptr));
    }
  }
  const DispatchVerdict verdict = find_next(k, rq, prev);
  rq.in_dispatch = false;
  return verdict;
}

Task* pick_after(Kernel& k, Cpu& rq, Task& prev, DispatchVerdict verdict) {
  Task* p = verdict == DispatchVerdict::kPrev ? &prev : first_task(rq.local);
  if (p != nullptr && p->kernel.scx.slice == 0) refill_slice(k, rq, *p);
  return p;
}

bool consume_dispatch_queue(Kernel& k, Cpu& rq, DispatchQueue& dsq, u64 flags) {
  if (dsq.nr != 0) note_queue_lock(k, dsq);
  for (Task* p = first_task(dsq); p != nullptr;) {
    if (p->cpu() == rq.id) {
      unqueue_task(dsq, *p);
      move_local_to_local(k, *p, flags, rq);
      return true;
    }
    if (can_run_on_remote(k, *p, rq, false)) {
      if (consume_remote(k, rq, *p, flags)) return true;
      p = first_task(dsq);
      continue;
    }
    p = next_task(dsq, p->dsq_link);
  }
  return false;
}

Cpu& move_between_queues(Kernel& k, Task& p, u64 flags, DispatchQueue& to) {
  Cpu& from = task_rq(k, p);
  check(!p.dsq->is_local(), "tasks are moved out of queues that are not local");
  unqueue_task(*p.dsq, p);
  if (!to.is_local()) {
    dispatch_enqueue(k, from, to, p, 0, 0, flags);
    return from;
  }
  Cpu& target = k.cpus[to.cpu];
  if (&target == &from) {
    move_local_to_local(k, p, flags, target);
    return target;
  }
  if (!can_run_on_remote(k, p, target, true)) {
    dispatch_enqueue(k, from, k.global, p, 0, 0, flags);
    return from;
  }
  move_remote_to_local(k, p, flags, from, target);
  return target;
}

void flush_dispatch_buffer(Kernel& k, Cpu& rq) {
  Cpu& here = k.here();
  for (size_t i = 0; i < here.buffer.size(); i++) {
    const BufferedDispatch entry = here.buffer[i];
    finish_dispatch(k, rq, entry);
  }
  rq.dispatched += static_cast<u32>(here.buffer.size());
  here.buffer.clear();
}

void note_queue_lock(Kernel& k, const DispatchQueue& dsq) {
  if (k.costs && !dsq.is_local() && dsq.id != kDsqBypass) {
    k.costs->use_queue(k.here().id, dsq.id);
  }
}

DispatchQueue* find_user_dsq(Kernel& k, u64 id) {
  return k.user_dsqs.find(id);
}

DispatchQueue& find_dsq_for_dispatch(Kernel& k, Cpu& rq, u64 id) {
  if (id == kDsqLocal) return rq.local;
  if ((id & kDsqLocalOn) == kDsqLocalOn) {
    const u64 cpu = id & kDsqLocalCpuMask;
    if (cpu < k.cpus.size()) return k.cpus[cpu].local;
    scx_error(k, "invalid CPU in SCX_DSQ_LOCAL_ON dispatch verdict");
    return k.global;
  }
  if (id == kDsqGlobal) return k.global;
  DispatchQueue* dsq = find_user_dsq(k, id);
  if (dsq != nullptr) return *dsq;
  scx_error(k, fmt::format("non-existent DSQ {:#x}", id));
  return k.global;
}

void schedule_deferred(Kernel& k, Cpu& rq) {
  if (rq.irq_work_pending) return;
  rq.irq_work_pending = true;
  announce_at(k, k.clock_ns() + kIrqWorkNs, EventKind::kIrqWork, rq.id);
}

void run_deferred(Kernel& k, Cpu& rq) {
  if (!rq.reenqueue_pending && rq.deferred_locals.empty()) return;
  const RqGuard guard(k, rq);
  while (!rq.deferred_locals.empty()) {
    Task& p = *rq.deferred_locals.first();
    p.dsq_link.unlink();
    const DirectDispatch direct = p.direct;
    p.direct = {};
    const DispatchQueue& dsq = find_dsq_for_dispatch(k, rq, direct.dsq_id);
    const sim_insertion how{direct.dsq_id, direct.slice, direct.vtime, direct.enq_flags, false};
    if (dsq.is_local()) {
      dispatch_to_local(k, rq, k.cpus[dsq.cpu], p, how, direct.enq_flags);
    }
  }
  if (rq.reenqueue_pending) {
    rq.reenqueue_pending = false;
    reenqueue_local(k, rq);
  }
}

}  // namespace scx_pair
