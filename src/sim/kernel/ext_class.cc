// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/ext_class.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "sim/kernel/callbacks.h"
#include "sim/kernel/dispatch.h"
#include "sim/kernel/idle.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

// apply_slice_vtime(): no slice keeps the one there is, and a task never comes with none.
void apply_slice(Task& p, u64 slice, u64 vtime, u64 flags) {
  if (slice != 0) {
    p.kernel.scx.slice = slice;
  } else if (p.kernel.scx.slice == 0) {
    p.kernel.scx.slice = 1;
  }
  if ((flags & kEnqByVtime) != 0) p.kernel.scx.dsq_vtime = vtime;
}

// What a queue does not put up with.
u64 vet_order(Kernel& k, const DispatchQueue& dsq, u64 flags) {
  if (dsq.is_builtin() && (flags & kEnqByVtime) != 0) {
    scx_error(k, "cannot use vtime ordering for built-in DSQs");
    return flags & ~kEnqByVtime;
  }
  const bool by_vtime = (flags & kEnqByVtime) != 0;
  if (by_vtime && dsq.tree.empty() && dsq.nr != 0) {
    scx_error(k, "a DSQ already had FIFO-enqueued tasks");
  } else if (!by_vtime && !dsq.tree.empty()) {
    scx_error(k, "a DSQ already had PRIQ-enqueued tasks");
  }
  return flags;
}

// rq_owned_post_enq(): a task has reached a local queue.
void post_enqueue_local(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  leave_custody(k, p, 0);
  if (rq.in_dispatch) return;
  if (p.sched_class > rq.curr->sched_class) resched_curr(k, rq);
  if ((flags & kEnqPreempt) != 0 && &p != rq.curr && rq.curr->sched_class == SchedClass::kExt) {
    rq.curr->kernel.scx.slice = 0;
    resched_curr(k, rq);
  }
}

// direct_dispatch(): ops.select_cpu() or ops.enqueue() has named the queue itself.
void direct_dispatch(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  DispatchQueue& dsq = find_dsq_for_dispatch(k, rq, p.direct.dsq_id);
  p.direct.enq_flags |= flags;
  if (dsq.is_local() && &dsq != &rq.local) {
    // That runqueue is not locked: later, when this one may be let go.
    p.ops_state = OpsState::kNone;
    rq.deferred_locals.push_back(p.dsq_link);
    schedule_deferred(k, rq);
    return;
  }
  const DirectDispatch direct = p.direct;
  p.direct = {};
  dispatch_enqueue(k, rq, dsq, p, direct.slice, direct.vtime,
                   direct.enq_flags | kEnqApplySlice | kEnqClearOpss);
}

void enqueue_by_kernel(Kernel& k, Cpu& rq, DispatchQueue& dsq, Task& p, u64 flags) {
  refill_slice(k, rq, p);
  p.direct = {};
  dispatch_enqueue(k, rq, dsq, p, 0, 0, flags);
}

// The paths that do not ask the scheduler. Returns whether one was taken.
bool enqueue_without_asking(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  if (!(rq.rq_online && rq.active)) {  // NOLINT(bugprone-branch-clone): the kernel's order
    enqueue_by_kernel(k, rq, rq.local, p, flags);
  } else if (rq.bypassing) {
    enqueue_by_kernel(k, rq, k.traits.bypasses_per_cpu ? rq.bypass : k.global, p, flags);
  } else if (p.direct.dsq_id != kDsqInvalid) {
    direct_dispatch(k, rq, p, flags);
  } else if ((k.ops.flags & kOpsEnqExiting) == 0 && (p.kernel.flags & kPfExiting) != 0) {
    enqueue_by_kernel(k, rq, rq.local, p, flags);
  } else if ((k.ops.flags & kOpsEnqMigrationDisabled) == 0 && is_migration_disabled(p)) {
    enqueue_by_kernel(k, rq, rq.local, p, flags);
  } else if (k.ops.enqueue == nullptr) {
    enqueue_by_kernel(k, rq, k.global, p, flags);
  } else {
    return false;
  }
  return true;
}

// ops_dequeue(): takes a task back out of the scheduler's hands.
void ops_dequeue(Kernel& k, Task& p, u64 deq_flags) {
  p.runnable_link.unlink();
  check(p.ops_state != OpsState::kQueueing, "a task is queued under its runqueue's lock");
  p.ops_state = OpsState::kNone;
  leave_custody(k, p, deq_flags);
}

}  // namespace

void leave_custody(Kernel& k, Task& p, u64 deq_flags) {
  if ((p.kernel.scx.flags & kTaskInCustody) == 0 || p.sticky_cpu != kNoCpu) return;
  p.kernel.scx.flags &= ~kTaskInCustody;
  // Before 7.1 a dispatch was no dequeue.
  if (deq_flags == 0 && !k.traits.dequeue_is_exact) return;
  if (k.ops.dequeue != nullptr) {
    call(k, Callback::kDequeue, k.ops.dequeue, &p.kernel, deq_flags);
  }
}

void refill_slice(Kernel& k, const Cpu& rq, Task& p) {
  p.kernel.scx.slice = rq.bypassing && k.traits.bypasses_per_cpu ? kSliceBypassNs : kSliceDefaultNs;
}

void set_task_runnable(Kernel& k, Cpu& rq, Task& p) {
  if ((p.kernel.scx.flags & kTaskResetRunnableAt) != 0) {
    p.runnable_at_ns = k.now_ns;
    p.kernel.scx.flags &= ~kTaskResetRunnableAt;
  }
  rq.runnable.push_back(p.runnable_link);
}

void dispatch_enqueue(Kernel& k, Cpu& rq, DispatchQueue& dsq, Task& p, u64 slice, u64 vtime,
                      u64 flags) {
  flags = vet_order(k, dsq, flags);
  note_queue_lock(k, dsq);
  if ((flags & kEnqApplySlice) != 0) apply_slice(p, slice, vtime, flags);
  if ((flags & kEnqByVtime) != 0) {
    queue_task(dsq, p, QueuePlace::kByVtime);
  } else {
    const bool head = (flags & (kEnqHead | kEnqPreempt)) != 0;
    queue_task(dsq, p, head ? QueuePlace::kHead : QueuePlace::kTail);
  }
  if (dsq.is_local()) {
    post_enqueue_local(k, rq, p, flags);
  } else if (dsq.is_builtin()) {
    leave_custody(k, p, 0);
  } else {
    p.kernel.scx.flags |= kTaskInCustody;
  }
  if ((flags & kEnqClearOpss) != 0) p.ops_state = OpsState::kNone;
}

void dispatch_dequeue(Task& p) {
  if (p.dsq == nullptr) {
    // On a list of deferred direct dispatches, or on its way between two queues.
    if (p.dsq_link.linked()) p.dsq_link.unlink();
  } else if (p.holding_cpu == kNoCpu) {
    unqueue_task(*p.dsq, p);
  }
  p.dsq = nullptr;
  p.holding_cpu = kNoCpu;
}

void do_enqueue_task(Kernel& k, Cpu& rq, Task& p, u64 flags, u32 sticky_cpu) {
  check(p.is_queued(), "a task is enqueued once it is runnable");
  if (sticky_cpu == rq.id) {
    dispatch_enqueue(k, rq, rq.local, p, 0, 0, flags);
    return;
  }
  if (enqueue_without_asking(k, rq, p, flags)) return;

  p.ops_qseq++;
  p.ops_state = OpsState::kQueueing;
  // The scheduler runs on the cpu of whoever enqueues, which need not be the task's.
  Cpu& here = k.here();
  here.direct_task = &p;
  here.direct_done = false;
  call(k, Callback::kEnqueue, k.ops.enqueue, &p.kernel, flags & kEnqForBpf);
  here.direct_task = nullptr;
  if (p.direct.dsq_id != kDsqInvalid) {
    direct_dispatch(k, rq, p, flags);
    return;
  }
  p.kernel.scx.flags |= kTaskInCustody;
  p.ops_state = OpsState::kQueued;
}

void enqueue_task_ext(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  u32 sticky_cpu = p.sticky_cpu;
  p.sticky_cpu = kNoCpu;
  // The running task is put back as it was: it may only run from a local queue.
  if ((flags & kEnqRestore) != 0 && task_current(rq, p)) sticky_cpu = rq.id;
  if (p.is_queued()) return;
  set_task_runnable(k, rq, p);
  p.kernel.scx.flags |= kTaskQueued;
  p.kernel.on_rq = 1;
  rq.nr_running++;
  if (k.ops.runnable != nullptr && p.migrating == 0) {
    call(k, Callback::kRunnable, k.ops.runnable, &p.kernel, flags & kEnqForBpf);
  }
  do_enqueue_task(k, rq, p, flags, sticky_cpu);
}

void dequeue_task_ext(Kernel& k, Cpu& rq, Task& p, u64 flags) {
  if ((flags & kDeqSleep) == 0) flags |= kDeqSchedChange;
  if (!p.is_queued()) return;
  ops_dequeue(k, p, flags);
  // It stops running before it stops being runnable.
  if (task_current(rq, p) && k.ops.stopping != nullptr) {
    update_curr_ext(k, rq);
    call(k, Callback::kStopping, k.ops.stopping, &p.kernel, false);
  }
  if (k.ops.quiescent != nullptr && p.migrating == 0) {
    call(k, Callback::kQuiescent, k.ops.quiescent, &p.kernel, flags);
  }
  p.kernel.scx.flags &= ~kTaskQueued;
  p.kernel.on_rq = 0;
  rq.nr_running--;
  if (p.dsq != nullptr) note_queue_lock(k, *p.dsq);
  dispatch_dequeue(p);
  p.direct = {};
}

void put_prev_task_ext(Kernel& k, Cpu& rq, Task& p, const Task* next) {
  update_curr_ext(k, rq);
  if (p.is_queued()) {
    if (k.ops.stopping != nullptr) {
      call(k, Callback::kStopping, k.ops.stopping, &p.kernel, true);
    }
    set_task_runnable(k, rq, p);
    if (p.kernel.scx.slice != 0 && !rq.bypassing) {
      // Somebody of a higher class takes the cpu: the task goes on when that one is done.
      dispatch_enqueue(k, rq, rq.local, p, 0, 0, kEnqHead);
    } else if (next != nullptr && next->is_idle()) {
      do_enqueue_task(k, rq, p, kEnqLast, kNoCpu);
      if (p.dsq == &rq.local) rq.need_resched = true;
    } else {
      do_enqueue_task(k, rq, p, 0, kNoCpu);
    }
  }
  // switch_class()
  if (next != nullptr && next->sched_class > SchedClass::kExt && !rq.released &&
      (k.ops.cpu_release != nullptr || k.ops.cpu_acquire != nullptr)) {
    rq.released = true;
    if (k.ops.cpu_release != nullptr) {
      sim_cpu_release_args arguments{0, const_cast<task_struct*>(&next->kernel)};
      call(k, Callback::kCpuRelease, k.ops.cpu_release, static_cast<s32>(rq.id), &arguments);
    }
  }
}

void set_next_task_ext(Kernel& k, Task& p) {
  if (p.is_queued()) {
    ops_dequeue(k, p, 0);
    dispatch_dequeue(p);
  }
  p.exec_start_ns = k.now_ns;
  if (k.ops.running != nullptr && p.is_queued()) {
    call(k, Callback::kRunning, k.ops.running, &p.kernel);
  }
  p.runnable_link.unlink();
  p.kernel.scx.flags |= kTaskResetRunnableAt;
}

void update_curr_ext(Kernel& k, Cpu& rq) {
  const u64 ran_ns = account_running(k, rq);
  u64& slice = rq.curr->kernel.scx.slice;
  if (slice != ~0ULL) slice -= std::min<u64>(slice, ran_ns);
}

void yield_task_ext(Kernel& k, Cpu& rq) {
  if (k.ops.yield == nullptr) {
    rq.curr->kernel.scx.slice = 0;
    return;
  }
  task_struct* nobody = nullptr;
  call(k, Callback::kYield, k.ops.yield, &rq.curr->kernel, nobody);
}

void task_tick_ext(Kernel& k, Cpu& rq) {
  Task& curr = *rq.curr;
  update_curr_ext(k, rq);
  if (rq.bypassing) {
    curr.kernel.scx.slice = 0;
  } else if (k.ops.tick != nullptr) {
    call(k, Callback::kTick, k.ops.tick, &curr.kernel);
  }
  if (curr.kernel.scx.slice == 0) resched_curr(k, rq);
}

u32 select_task_rq_ext(Kernel& k, Task& p, u32 prev_cpu, u64 wake_flags) {
  const Cpu& rq = k.cpus[prev_cpu];
  if (rq.bypassing) return prev_cpu;
  if (k.ops.select_cpu == nullptr) {
    bool found = false;
    const s32 cpu = select_cpu_default(k, p, prev_cpu, &found);
    if (!found) return prev_cpu;
    p.direct = {kDsqLocal, 0, kSliceDefaultNs, 0};
    return static_cast<u32>(cpu);
  }
  Cpu& here = k.here();
  here.direct_task = &p;
  here.direct_done = false;
  const s32 cpu = call(k, Callback::kSelectCpu, k.ops.select_cpu, &p.kernel,
                       static_cast<s32>(prev_cpu), wake_flags);
  here.direct_task = nullptr;
  if (cpu >= 0 && static_cast<size_t>(cpu) < k.cpus.size()) return static_cast<u32>(cpu);
  scx_error(k, "invalid CPU from ops.select_cpu()");
  return prev_cpu;
}

void reenqueue_local(Kernel& k, Cpu& rq) {
  std::vector<Task*> tasks;
  while (Task* p = first_task(rq.local)) {
    dispatch_dequeue(*p);
    tasks.push_back(p);
  }
  for (Task* p : tasks) do_enqueue_task(k, rq, *p, kEnqReenq, kNoCpu);
}

}  // namespace scx_pair
