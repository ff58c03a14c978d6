// SPDX-License-Identifier: GPL-2.0-only
//
// The timers of a scheduler: bpf_timer_init(), bpf_timer_set_callback() and bpf_timer_start() of
// kernel/bpf/helpers.c.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

void fill_bpf_timers(sim_kernel& border);

// A timer of the scheduler's has run out.
void run_bpf_timer(Kernel& k, const Event& event);

}  // namespace scx_pair
