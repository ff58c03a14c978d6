// SPDX-License-Identifier: GPL-2.0-only
#include "audit/spread_meter.h"

namespace scx_pair {

void SpreadMeter::advance(u64 now_ns) {
  // Before the window nothing counts.
  if (now_ns <= now_ns_) return;
  const u64 length_ns = now_ns - now_ns_;
  if (crowded_pairs_ > 0 && idle_pairs_ > 0) crowded_ns_ += length_ns;
  if (users_ >= 2) parallel_ns_ += length_ns;
  now_ns_ = now_ns;
}

void SpreadMeter::replace(u64 now_ns, size_t pair, const Occupant& left, const Occupant& next) {
  advance(now_ns);
  Pair& here = pairs_[pair];
  idle_pairs_ -= here.busy == 0 ? 1 : 0;
  crowded_pairs_ -= here.users >= 2 ? 1 : 0;
  users_ -= left.is_user() ? 1 : 0;
  here.users -= left.is_user() ? 1 : 0;
  here.busy -= left.is_idle() ? 0 : 1;
  here.busy += next.is_idle() ? 0 : 1;
  here.users += next.is_user() ? 1 : 0;
  users_ += next.is_user() ? 1 : 0;
  crowded_pairs_ += here.users >= 2 ? 1 : 0;
  idle_pairs_ += here.busy == 0 ? 1 : 0;
}

}  // namespace scx_pair
