// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "base/types.h"

namespace scx_pair {

// States that were met, and with how many preemptions left: an open hash table.
class VisitedStates {
 public:
  VisitedStates() : slots_(size_t{1} << 12U) {}

  // Whether the state was met before with at least so much left; if not, it is now.
  bool meet(u64 state, u32 left) {
    if (state == 0) state = 1;
    if (2 * used_ >= slots_.size()) grow();
    Slot& slot = find(state);
    if (slot.state == state && slot.left >= left) return true;
    if (slot.state == 0) used_++;
    slot = {state, left};
    return false;
  }

  [[nodiscard]] size_t size() const { return used_; }

 private:
  struct Slot {
    u64 state = 0;  // 0: free
    u32 left = 0;
  };

  Slot& find(u64 state) {
    size_t place = state & (slots_.size() - 1);
    while (slots_[place].state != 0 && slots_[place].state != state) {
      place = (place + 1) & (slots_.size() - 1);
    }
    return slots_[place];
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.state != 0) find(slot.state) = slot;
    }
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace scx_pair
