// SPDX-License-Identifier: GPL-2.0-only
//
// One number for the state of the simulated kernel and of the scheduler in it: two executions that
// reach the same one go on alike. Left out is what decides nothing: statistics, times that have
// passed, and pointers, which are different in each run.
#pragma once

#include "sim/kernel/kernel.h"

namespace scx_pair {

inline u64 mixed(u64 hash, u64 word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
  return hash ^ (hash >> 29U);
}

// Requires: every draw of the scenario is fixed; luck is not part of the hash.
u64 state_hash(const Kernel& k);

}  // namespace scx_pair
