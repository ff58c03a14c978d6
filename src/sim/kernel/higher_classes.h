// SPDX-License-Identifier: GPL-2.0-only
//
// The classes above ext, as far as they take cpus away from it: stop, deadline, real-time, and the
// fair class, which has everybody while no scheduler is loaded. Simpler than the kernel's: no
// priority inheritance, no bandwidth limit on real-time tasks, no group scheduling, and the fair
// class is a round robin.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

inline constexpr u64 kRoundRobinNs = 100'000'000;
inline constexpr u64 kFairSliceNs = 3'000'000;

// Requires of all: the runqueue is locked, and the task's class is the one meant.
void enqueue_task_higher(Kernel& k, Cpu& rq, Task& p, u64 flags);
void dequeue_task_higher(Kernel& k, Cpu& rq, Task& p, u64 flags);
void set_next_task_higher(Kernel& k, Cpu& rq, Task& p);
void put_prev_task_higher(Kernel& k, Cpu& rq, Task& p);
void task_tick_higher(Kernel& k, Cpu& rq);
u32 select_task_rq_higher(Kernel& k, const Task& p, u32 prev_cpu);

// The first task of a class above ext; nullptr if there is none.
Task* pick_higher(const Cpu& rq);

// Whether `p` goes before `curr`, which is of the same class.
bool preempts_within(const Task& p, const Task& curr);

// A deadline task has used up its runtime, or gets it back. update_curr_dl(), dl_task_timer().
void throttle_deadline(Kernel& k, Cpu& rq, Task& p);
void replenish_deadline(Kernel& k, Task& p);

// Has the stopper of a cpu push a task to another one. stop_one_cpu_nowait().
void push_away(Kernel& k, Cpu& rq, Task& p);
// What the stopper does when it runs: migration_cpu_stop().
void run_stop_work(Kernel& k, Cpu& rq);

}  // namespace scx_pair
