// SPDX-License-Identifier: GPL-2.0-only
//
// Whether the scheduler is loaded again after the kernel has ended it. Without it no domain is kept
// apart from another, so the first time it is loaded again at once; but each load is a moment of
// nobody's schedule, and a scheduler that is ended again and again is worse than none.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>

namespace scx_pair {

// So many failures within so long, and it stays unloaded.
inline constexpr size_t kFailuresMax = 5;
inline constexpr std::chrono::minutes kFailuresSpan{10};
// The wait before the second load; it doubles with every further one.
inline constexpr std::chrono::milliseconds kSecondWait{250};

struct Reload {
  bool again = false;
  std::chrono::milliseconds wait{0};  // before the load, if again
};

// The answer to the last of `failures`: the times at which a scheduler was ended or could not be
// loaded again, the oldest first. Requires: there is one.
inline Reload reload_after(std::span<const std::chrono::steady_clock::time_point> failures) {
  size_t recent = 0;
  for (const auto& failure : failures) {
    if (failures.back() - failure < kFailuresSpan) recent++;
  }
  if (recent >= kFailuresMax) return {};
  if (recent == 1) return {.again = true};
  return {.again = true, .wait = kSecondWait * (1 << (recent - 2))};
}

}  // namespace scx_pair
