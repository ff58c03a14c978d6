// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "audit/verdict.h"
#include "base/types.h"

namespace scx_pair {

// Counts durations in buckets of 1/32 of a power of two: a quantile is off by at most 1/64, and the
// memory is bounded by the logarithm of the longest duration (about 1,900 counters at the very
// most).
class LatencyHistogram {
 public:
  void add(u64 duration_ns);

  // Counts for the maximum only: a wait that is not over is at least this long.
  void add_unfinished(u64 duration_ns);

  // The smallest recorded duration that is not below `percent` of them; 0 if there is none.
  // Requires: 0 < percent <= 100.
  [[nodiscard]] u64 quantile(u32 percent) const;

  [[nodiscard]] LatencySummary summary() const;

 private:
  std::vector<u64> counts_;
  u64 count_ = 0;
  u64 max_ns_ = 0;
};

}  // namespace scx_pair
