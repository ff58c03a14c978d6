// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "cli/options.h"
#include "cli/run_output.h"
#include "cli/statistics.h"
#include "host/environment.h"
#include "host/scheduler.h"
#include "host/signals.h"
#include "host/urgency.h"

namespace scx_pair {

// What the running scheduler needs for all its lives.
struct Run {
  const RunOptions& options;
  const RunningKernel& kernel;
  StopSignals& stop;
  RunOutput& output;
};

// Tells the statistics of `scheduler` until stop is asked for or the kernel has ended it. The value
// is what there is to tell then, so that the last totals are not lost; nothing if they cannot be
// read. It is not told here, because nobody is kept apart before there is a scheduler again: from
// when the kernel has ended this one, `urgency` is there. Statistics that cannot be read or written
// are counted and left out: isolation does not depend on who looks at it. Once a minute it looks
// for cookies of the kernel's own core scheduling, and warns of the first.
std::optional<StatisticsInterval> watch(const Run& run, const Scheduler& scheduler,
                                        std::optional<Urgency>& urgency);

// Tells one interval.
void tell_statistics(const Run& run, StatisticsInterval& interval);

}  // namespace scx_pair
