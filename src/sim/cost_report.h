// SPDX-License-Identifier: GPL-2.0-only
//
// What a scheduler's callbacks, locks and shared cache lines cost a run: plain data.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace scx_pair {

// A lock, a dispatch queue or a cache line, and how long it was waited for.
struct ContendedThing {
  std::string name{};  // "pairs[3]", "dsq 5", "line of arrivals[0]"
  u64 uses = 0;        // how often it was taken, or fetched
  u64 waits = 0;       // how often that was not possible at once
  u64 busy_ns = 0;     // it served somebody; as long as the run, if it can serve no more
  u64 wait_ns = 0;     // of all waits
  u64 longest_ns = 0;  // of one
};

// Of the time after the warm-up. The four parts of the overhead do not overlap.
struct CostReport {
  u64 cpu_ns = 0;  // of all cpus, busy or not
  u64 callbacks = 0;
  u64 switches = 0;
  u64 callback_ns = 0;                  // CostSpec::callback_ns each
  u64 hold_ns = 0;                      // while locks and queues were held
  u64 line_ns = 0;                      // while cache lines were on their way
  u64 wait_ns = 0;                      // for locks, queues and lines that served another cpu
  u64 waits = 0;                        // how many those were
  std::vector<ContendedThing> worst{};  // those waited for longest in all, the worst first

  [[nodiscard]] u64 overhead_ns() const { return callback_ns + hold_ns + line_ns + wait_ns; }
};

}  // namespace scx_pair
