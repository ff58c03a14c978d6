// SPDX-License-Identifier: GPL-2.0-only
//
// Integrates over time how the busy cpus of a machine are spread over its pairs: whether tasks
// share a core while another one has nothing to do. Knows nothing of domains: for an outside judge
// two tasks of one domain are as crowded as any two.
#pragma once

#include <vector>

#include "audit/pair_meter.h"
#include "base/types.h"

namespace scx_pair {

// Rules:
// 1. Time is crowded while a pair runs user tasks on two or more cpus and another pair is wholly
//    idle. It counts once, however many pairs are crowded or idle.
// 2. Time is parallel while two or more cpus of the machine run user tasks: no time is crowded that
//    is not parallel.
// 3. A kernel thread makes its pair not idle, and is no user task: most of them are bound to the
// cpu
//    on which they are.
// 4. The judge does not know where a task would be allowed to run, so crowded time is what a
//    scheduler could have avoided if its tasks may run everywhere.
class SpreadMeter {
 public:
  // Requires: pairs are numbered from 0 to below `pairs`, and all idle.
  SpreadMeter(size_t pairs, u64 window_start_ns) : now_ns_(window_start_ns), pairs_(pairs) {
    idle_pairs_ = pairs;
  }

  // A cpu of the pair switches from one task to the other. Requires: now_ns never goes back, though
  // it may be before the window.
  void replace(u64 now_ns, size_t pair, const Occupant& left, const Occupant& next);

  // Integrates up to now.
  void advance(u64 now_ns);

  [[nodiscard]] u64 crowded_ns() const { return crowded_ns_; }
  [[nodiscard]] u64 parallel_ns() const { return parallel_ns_; }

 private:
  struct Pair {
    size_t busy = 0;   // cpus
    size_t users = 0;  // of these, those that run a user task
  };

  u64 now_ns_;
  std::vector<Pair> pairs_;
  size_t idle_pairs_ = 0;
  size_t crowded_pairs_ = 0;
  size_t users_ = 0;
  u64 crowded_ns_ = 0;
  u64 parallel_ns_ = 0;
};

}  // namespace scx_pair
