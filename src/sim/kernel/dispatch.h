// SPDX-License-Identifier: GPL-2.0-only
//
// How a cpu finds its next task: the dispatch cycle, and the ways from queue to queue.
// kernel/sched/ext/ext.c and inlines.h.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

enum class DispatchVerdict : u8 { kNone, kLocal, kPrev };

// Fills the local queue, or says that `prev` goes on. Requires: the runqueue is locked. It may be
// let go in between. dispatch_one(); balance_one() up to 7.2.
DispatchVerdict dispatch_one(Kernel& k, Cpu& rq, Task& prev);

// The first task of the ext class that this verdict leads to; nullptr for none. The second half of
// do_pick_task_scx().
Task* pick_after(Kernel& k, Cpu& rq, Task& prev, DispatchVerdict verdict);

// Moves the first task that may run here to the local queue. scx_consume_dispatch_q().
bool consume_dispatch_queue(Kernel& k, Cpu& rq, DispatchQueue& dsq, u64 flags);

// Moves a task from a queue that is not local to one of any kind. move_task_between_dsqs().
// Requires: the task's runqueue is locked; the one that is locked afterwards is returned.
Cpu& move_between_queues(Kernel& k, Task& p, u64 flags, DispatchQueue& to);

// Carries out what ops.dispatch() has buffered. scx_flush_dispatch_buf().
void flush_dispatch_buffer(Kernel& k, Cpu& rq);

// find_dsq_for_dispatch(): an unknown one ends the scheduler, and the global one stands for it.
DispatchQueue& find_dsq_for_dispatch(Kernel& k, Cpu& rq, u64 id);
DispatchQueue* find_user_dsq(Kernel& k, u64 id);

// The lock of a queue is taken and let go, which may cost something. Those of a cpu have none.
void note_queue_lock(Kernel& k, const DispatchQueue& dsq);

// Work that needs the runqueue's lock to be let go: direct dispatches to other cpus, and
// reenqueueing. schedule_deferred(), run_deferred().
void schedule_deferred(Kernel& k, Cpu& rq);
void run_deferred(Kernel& k, Cpu& rq);

}  // namespace scx_pair
