// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "cli/options.h"
#include "cli/run_output.h"
#include "host/scheduler.h"
#include "host/signals.h"

namespace scx_pair {

// Tells the statistics of `scheduler` until stop is asked for or the kernel has ended it, and once
// more then, so that the last totals are not lost. Statistics that cannot be read or written are
// counted and left out: isolation does not depend on who looks at it.
void watch(const RunOptions& options, const Scheduler& scheduler, StopSignals& stop,
           RunOutput& output);

}  // namespace scx_pair
