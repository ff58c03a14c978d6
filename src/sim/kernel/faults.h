// SPDX-License-Identifier: GPL-2.0-only
//
// What happens to the system from outside: Scenario::faults.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

// Announces the first time of every fault.
void announce_faults(Kernel& k);

// One of them happens, on this cpu, and is announced again if it comes again.
void do_fault(Kernel& k, u32 index);

// What one of them did is over.
void undo(Kernel& k, u32 index);

}  // namespace scx_pair
