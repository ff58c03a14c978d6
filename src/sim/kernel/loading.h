// SPDX-License-Identifier: GPL-2.0-only
//
// The scheduler is loaded and unloaded, the kernel bypasses it, and cpus come and go: the times in
// which its promise is suspended. scx_enable_workfn(), scx_disable_workfn(), scx_bypass() in
// kernel/sched/ext/ext.c; sched_cpu_activate(), sched_cpu_deactivate() in kernel/sched/core.c.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

// Loads it as the host does (host/scheduler.cc): reads the machine, fills in the configuration,
// attaches. Requires: none is loaded.
void load_scheduler(Kernel& k);

// Ends the loaded one, for the reason in Kernel::ending. It is gone when its tasks have been given
// back, which takes a while; loading_goes_on() is called then.
void begin_unload(Kernel& k);
void loading_goes_on(Kernel& k);

// Counted: the scheduler is asked again when everybody who wanted it bypassed has ended that.
void bypass(Kernel& k, bool on);

// An end of the scheduler that it could not help: hotplug, or the user's wish.
void end_scheduler(Kernel& k, bool error, const std::string& reason, bool restart);

void take_offline(Kernel& k, Cpu& rq);
void bring_online(Kernel& k, Cpu& rq);

}  // namespace scx_pair
