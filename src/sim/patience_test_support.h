// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "base/sanitizers.h"
#include "base/types.h"

namespace scx_pair {

// How many runs a test that goes through seeds makes. With the sanitizers a run takes twenty times
// as long, and what they look for shows in any of the runs: a tenth has to do.
constexpr u64 runs_of(u64 wanted) {
#if SCX_PAIR_ADDRESS_SANITIZER
  return wanted / 10;
#else
  return wanted;
#endif
}

}  // namespace scx_pair
