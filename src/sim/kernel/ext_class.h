// SPDX-License-Identifier: GPL-2.0-only
//
// The ext class: how tasks come to a scheduler and leave it. kernel/sched/ext/ext.c.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

// SCX_ENQ_* and ENQUEUE_*; deq_flags share the low bits.
inline constexpr u64 kEnqWakeup = 1U << 0U;
inline constexpr u64 kEnqRestore = 1U << 1U;  // also DEQUEUE_SAVE
inline constexpr u64 kEnqHead = 1U << 4U;
inline constexpr u64 kDeqSleep = 1U << 0U;
inline constexpr u64 kEnqPreempt = 1ULL << 32U;
inline constexpr u64 kEnqReenq = 1ULL << 40U;
inline constexpr u64 kEnqLast = 1ULL << 41U;
inline constexpr u64 kDeqSchedChange = 1ULL << 33U;
// Internal ones.
inline constexpr u64 kEnqClearOpss = 1ULL << 56U;
inline constexpr u64 kEnqByVtime = 1ULL << 57U;
inline constexpr u64 kEnqApplySlice = 1ULL << 58U;
inline constexpr u64 kEnqForBpf = (1ULL << 56U) - 1;

// SCX_OPS_*.
inline constexpr u64 kOpsEnqLast = 1U << 1U;
inline constexpr u64 kOpsEnqExiting = 1U << 2U;
inline constexpr u64 kOpsEnqMigrationDisabled = 1U << 4U;

inline constexpr u64 kSliceDefaultNs = 20'000'000;
inline constexpr u64 kSliceBypassNs = 5'000'000;

// Requires of all that take a runqueue: it is locked, and the task is on it.
void enqueue_task_ext(Kernel& k, Cpu& rq, Task& p, u64 flags);
void dequeue_task_ext(Kernel& k, Cpu& rq, Task& p, u64 flags);
void put_prev_task_ext(Kernel& k, Cpu& rq, Task& p, const Task* next);
void set_next_task_ext(Kernel& k, Task& p);
void yield_task_ext(Kernel& k, Cpu& rq);
void task_tick_ext(Kernel& k, Cpu& rq);
void update_curr_ext(Kernel& k, Cpu& rq);
u32 select_task_rq_ext(Kernel& k, Task& p, u32 prev_cpu, u64 wake_flags);

// scx_do_enqueue_task(). `sticky_cpu`: the task goes straight to that cpu's local queue.
void do_enqueue_task(Kernel& k, Cpu& rq, Task& p, u64 flags, u32 sticky_cpu);
// scx_dispatch_enqueue(): into a queue, for good.
void dispatch_enqueue(Kernel& k, Cpu& rq, DispatchQueue& dsq, Task& p, u64 slice, u64 vtime,
                      u64 flags);
// scx_dispatch_dequeue()
void dispatch_dequeue(Task& p);
// task_leave_custody(), and the ops.dequeue() that goes with it.
void leave_custody(Kernel& k, Task& p, u64 deq_flags);

void refill_slice(Kernel& k, const Cpu& rq, Task& p);
void set_task_runnable(Kernel& k, Cpu& rq, Task& p);

// Puts back into BPF custody all that waits on a cpu's local queue: reenq_local().
void reenqueue_local(Kernel& k, Cpu& rq);

}  // namespace scx_pair
