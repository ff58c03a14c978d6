// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "sim/scenario.h"

namespace scx_pair {

// The same scenario on the same machine with SMT switched off: every core has its first thread
// only. Who was bound to any thread of a core is bound to that core. A core is offline where all of
// its threads are.
Scenario without_smt(const Scenario& scenario);

}  // namespace scx_pair
