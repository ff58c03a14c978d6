// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace scx_pair {

// While one lives, the calling thread runs before all ordinary tasks: as a real-time task. Where
// the kernel does not let it, it stays what it was, and is only slower.
class Urgency {
 public:
  Urgency();
  ~Urgency();
  Urgency(const Urgency&) = delete;
  Urgency& operator=(const Urgency&) = delete;

 private:
  int policy_ = -1;  // what it was before; negative: nothing was changed
  int priority_ = 0;
};

}  // namespace scx_pair
