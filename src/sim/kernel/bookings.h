// SPDX-License-Identifier: GPL-2.0-only
//
// When something that serves one cpu at a time is taken.
#pragma once

#include <iterator>
#include <map>

#include "base/types.h"

namespace scx_pair {

// Stretches of time, apart from each other. Whoever asks gets the first that is long enough: one
// who asks later may get an earlier one, if his time is earlier.
class Bookings {
 public:
  // Books `for_ns` from `from_ns` on, as soon as it is free for so long; returns when that begins.
  u64 book(u64 from_ns, u64 for_ns) {
    auto next = taken_.upper_bound(from_ns);
    u64 begin_ns = from_ns;
    if (next != taken_.begin() && std::prev(next)->second > begin_ns) {
      begin_ns = std::prev(next)->second;
    }
    while (next != taken_.end() && next->first < begin_ns + for_ns) {
      begin_ns = next->second;
      ++next;
    }
    cover(begin_ns, begin_ns + for_ns, for_ns);
    return begin_ns;
  }

  // It is taken in [begin_ns, end_ns), whoever else has it then. A gap before or after that is
  // shorter than `least_ns` is of no use and forgotten.
  void cover(u64 begin_ns, u64 end_ns, u64 least_ns) {
    if (begin_ns >= end_ns) return;
    auto at = taken_.upper_bound(begin_ns);
    if (at != taken_.begin() && std::prev(at)->second + least_ns > begin_ns) {
      --at;
      begin_ns = at->first;
    }
    while (at != taken_.end() && at->first < end_ns + least_ns) {
      end_ns = end_ns > at->second ? end_ns : at->second;
      at = taken_.erase(at);
    }
    taken_.emplace(begin_ns, end_ns);
  }

  // Nobody will ask for a time before this one.
  void forget_before(u64 time_ns) {
    while (!taken_.empty() && taken_.begin()->second <= time_ns) taken_.erase(taken_.begin());
  }

 private:
  std::map<u64, u64> taken_;  // begin to end
};

}  // namespace scx_pair
