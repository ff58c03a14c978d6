// SPDX-License-Identifier: GPL-2.0-only
//
// The tracepoints: what the scheduler's own programs see of them, and what the audit probe
// (bpf/audit_probe.bpf.c) would have written down about them.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

void trace_switch(Kernel& k, const Cpu& rq, Task& prev, Task& next, bool preempt);
void trace_wakeup(Kernel& k, Task& p, bool is_new);
// A record about a task, wherever it is. `kind`: a switch_record_kind.
void trace_task(Kernel& k, const Task& p, u8 kind);

}  // namespace scx_pair
