// SPDX-License-Identifier: GPL-2.0-only
//
// Kicks: scx_bpf_kick_cpu() and the interrupt behind it. kernel/sched/ext/ext.c.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

inline constexpr u64 kKickIdle = 1U << 0U;
inline constexpr u64 kKickPreempt = 1U << 1U;

// Notes the kick down and asks for an interrupt on this cpu, which sends it. scx_kick_cpu().
void kick_cpu(Kernel& k, u32 cpu, u64 flags);

// The interrupt: kick_cpus_irq_workfn().
void send_kicks(Kernel& k, Cpu& here);

}  // namespace scx_pair
