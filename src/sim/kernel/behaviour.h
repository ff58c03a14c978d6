// SPDX-License-Identifier: GPL-2.0-only
//
// What tasks do: the steps of their scenario, carried out in the task's own context.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

// A new task stands before its first step.
void begin_life(Kernel& k, Task& p, u32 spec, u32 instance);

// The running task's step is over: it goes on until it needs a cpu for some time, blocks, or has to
// let another one go first. Requires: it is current on this cpu.
void go_on(Kernel& k, Cpu& rq);

}  // namespace scx_pair
