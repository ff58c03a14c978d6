// SPDX-License-Identifier: GPL-2.0-only
//
// The kernel's side of the border: the kfuncs and helpers that a scheduler calls.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

// Where programs think their arena is: ARENA_BASE of bpf/domains.h.
inline constexpr u64 kArenaBase = 1ULL << 44U;

void fill_border(Kernel& k);

}  // namespace scx_pair
