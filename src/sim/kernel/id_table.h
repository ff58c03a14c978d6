// SPDX-License-Identifier: GPL-2.0-only
//
// From numbers to things, in constant time: open addressing, at most half full. What it holds is
// found by number only, never gone through, so that no order of it can leak into a run.
#pragma once

#include <vector>

#include "base/types.h"

namespace scx_pair {

template <typename Thing>
class IdTable {
 public:
  IdTable() : slots_(kLeast) {}

  // The thing of this number; nullptr if there is none.
  [[nodiscard]] Thing* find(u64 id) const { return slots_[place_of(id)].thing; }

  // Requires: there is none of this number, and `thing` is not nullptr.
  void insert(u64 id, Thing* thing) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    slots_[place_of(id)] = {id, thing};
    used_++;
  }

  // Returns what was removed; nullptr if there was nothing.
  Thing* remove(u64 id) {
    size_t hole = place_of(id);
    Thing* removed = slots_[hole].thing;
    if (removed == nullptr) return nullptr;
    used_--;
    // Whoever was pushed past the hole moves back into it.
    for (size_t place = next(hole); slots_[place].thing != nullptr; place = next(place)) {
      const size_t home = scatter(slots_[place].id);
      if (((place - home) & mask()) < ((place - hole) & mask())) continue;
      slots_[hole] = slots_[place];
      hole = place;
    }
    slots_[hole] = {};
    return removed;
  }

  void clear() {
    slots_.assign(kLeast, {});
    used_ = 0;
  }

 private:
  struct Slot {
    u64 id = 0;
    Thing* thing = nullptr;
  };
  static constexpr size_t kLeast = 64;

  [[nodiscard]] size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] size_t next(size_t place) const { return (place + 1) & mask(); }
  [[nodiscard]] size_t scatter(u64 id) const {
    const u64 mixed = id * 0x9e3779b97f4a7c15U;
    return static_cast<size_t>(mixed ^ (mixed >> 32U)) & mask();
  }
  // Where a number is, or would go.
  [[nodiscard]] size_t place_of(u64 id) const {
    size_t place = scatter(id);
    while (slots_[place].thing != nullptr && slots_[place].id != id) place = next(place);
    return place;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.thing != nullptr) slots_[place_of(slot.id)] = slot;
    }
  }

  std::vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace scx_pair
