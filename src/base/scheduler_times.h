// SPDX-License-Identifier: GPL-2.0-only
//
// The times in a turn, and how those that are not options follow from those that are. For whoever
// starts the scheduler: the loader on a kernel, the simulator. docs/turns.md says what each is for.
#pragma once

#include <algorithm>

#include "base/scheduler_abi.h"

namespace scx_pair {

// What the options are if nobody says otherwise.
inline constexpr u64 kTurnNs = 40'000'000;
inline constexpr u64 kTurnMinNs = 2'000'000;
inline constexpr u64 kSliceNs = 5'000'000;

// Turns are so long that a round of all who wait takes this many quarters of the longest turn. The
// order of a round is not that of the one before, so that somebody may wait for longer: of 20
// domains that always want one pair, for up to 78 ms instead of 50, and for 105 instead of 70
// with 7.
inline constexpr u64 kRoundQuarterTurns = 5;

// A turn is not cut shorter than this by a waking domain, and nobody less than this far ahead of a
// waker is preempted by it. Shorter ones spend more on handing over than they win in latency.
inline constexpr u64 kCutMinNs = 500'000;
inline constexpr u64 kLeadNs = 100'000;
// What waiting can make up for: a few overlong turns.
inline constexpr u64 kPatienceNs = 20'000'000;
// What the end of a turn leaves to a task that woke and has only just started: enough to do a
// moment's work and sleep, also on a slow machine.
inline constexpr u64 kBurstNs = 1'000'000;
// What a task gets before a waker of its own domain may take its place: as long as EEVDF's slices.
inline constexpr u64 kRunMinNs = 3'000'000;
// What a domain that slept may be owed: enough to be ahead of whoever runs, and no more, because
// the others wait while it is paid out.
inline constexpr u64 kCreditNs = 4'000'000;

// What a domain may be owed that had something to run all the time, but let others go before it, as
// they fitted a core better: several of its own turns.
inline constexpr u64 kLagTurns = 8;

// A task leaves its zone, and what is left of it in the caches there, for a wait that is longer
// than the others' by as much: a few slices, so that what differs by how turns come does not count.
inline constexpr u64 kZoneLagSlices = 4;

// Fills in every time of @config. None is longer than the turn or the slice it belongs to.
inline void set_times(scheduler_config& config, u64 turn_ns, u64 turn_min_ns, u64 slice_ns) {
  config.turn_ns = turn_ns;
  config.turn_min_ns = std::min(turn_min_ns, turn_ns);
  config.round_ns = kRoundQuarterTurns * turn_ns / 4;
  config.slice_ns = slice_ns;
  config.zone_lag_ns = kZoneLagSlices * slice_ns;
  config.cut_min_ns = std::min(kCutMinNs, turn_ns);
  config.lead_ns = kLeadNs;
  config.patience_ns = kPatienceNs;
  config.burst_ns = std::min(kBurstNs, turn_ns);
  config.run_min_ns = std::min(kRunMinNs, slice_ns);
  config.credit_ns = std::min(kCreditNs, turn_ns);
  config.lag_ns = kLagTurns * turn_ns;
}

}  // namespace scx_pair
