// SPDX-License-Identifier: GPL-2.0-only
//
// The core: waking, blocking, and switching. kernel/sched/core.c.
#pragma once

#include "sim/kernel/change.h"
#include "sim/kernel/higher_classes.h"
#include "sim/kernel/kernel.h"

namespace scx_pair {

// By class. Requires: the runqueue is locked.
void enqueue_task(Kernel& k, Cpu& rq, Task& p, u64 flags);
void dequeue_task(Kernel& k, Cpu& rq, Task& p, u64 flags);
void put_prev_task(Kernel& k, Cpu& rq, Task& p, const Task* next);
void set_next_task(Kernel& k, Cpu& rq, Task& p);

// Looks for the next task of this cpu and switches to it. `preempt`: the running one did not ask
// for it. __schedule()
void schedule(Kernel& k, Cpu& rq, bool preempt);

// Returns from the kernel: schedules as long as somebody asks for it, and lets the task run.
void leave_kernel(Kernel& k, Cpu& rq);

// Wakes a sleeping task from this cpu. Returns whether it slept. try_to_wake_up()
bool wake_up(Kernel& k, Task& p);
// wake_up_new_task()
void wake_up_new(Kernel& k, Task& p, u32 parent_cpu);

// sched_tick()
void tick(Kernel& k, Cpu& rq);

// How fast a task on this cpu gets on, of 1000.
u32 speed_of(const Kernel& k, const Cpu& rq);
// Takes the running task's progress up to now.
void take_progress(Kernel& k, Cpu& rq);
// Says when the running task's step will be over.
void arm_step(Kernel& k, Cpu& rq);

}  // namespace scx_pair
