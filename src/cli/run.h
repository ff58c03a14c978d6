// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "base/result.h"
#include "cli/options.h"

namespace scx_pair {

// The default command: checks the machine, loads the scheduler, prints statistics until SIGINT,
// SIGTERM or the kernel ends it for good, and loads it again when cpus came or went, or the kernel
// has ended it for an error (host/reload.h). With --print-pairs it only prints the pairs. Whatever
// happens, no scheduler is left loaded, and nobody who does not read what it says ends it.
Status run_scheduler(const RunOptions& options);

}  // namespace scx_pair
