// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "base/result.h"
#include "sim/recording.h"
#include "sim/scenario.h"

namespace scx_pair {

// The scenario that a recording is an instance of: the same machine and cgroups, and every task
// with the runs and sleeps it was seen to do, at the times it was first seen. What the scheduler of
// the recording decided is left out, and decided again by the one that is simulated:
//
// 1. A task that was switched out although it could have gone on has not ended its run.
// 2. A sleep lasts from a switch-out to the wakeup; for kernel threads, whose wakeups are not
//    recorded, to the next switch-in.
// 3. Whoever was running or waiting at the end goes on running; whoever slept, sleeps on.
// 4. A move between cgroups happens when it was recorded. A user task that was ever seen above the
//    fair class is SCHED_FIFO from the start.
//
// A recording does not say who woke whom, nor where a task was allowed to run: wakeups come from
// time alone, and only kernel threads of one cpu ("kworker/3:1") are bound.
//
// An error where the recording has more than the simulator takes.
Result<Scenario> scenario_of_recording(const Recording& recording, const std::string& file);

}  // namespace scx_pair
