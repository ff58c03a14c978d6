// SPDX-License-Identifier: GPL-2.0-only
//
// Lengths of time, in the nanoseconds that everything is counted in.
#pragma once

#include "base/types.h"

namespace scx_pair {

inline constexpr u64 kUs = 1'000;
inline constexpr u64 kMs = 1'000'000;

}  // namespace scx_pair
