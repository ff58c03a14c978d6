// SPDX-License-Identifier: GPL-2.0-only
//
// Whose tasks a limit (cpu.max) may hold back at this moment. Schedulers begin their periods when
// they like, and take what was used ahead in one off the next; so what counts is what was used in
// the time of the last few periods: a cgroup that has used most of its quota in one of these times
// may be held back. After a new period has begun that says so for as long as the quota took to be
// used, and no longer.
#pragma once

#include <deque>

#include "base/types.h"

namespace scx_pair {

class LimitGauge {
 public:
  // `cpus` are used from now on. Requires: time never goes back.
  void use(u64 now_ns, u32 cpus);

  // Whether no cpu is used, and all but a quarter of `quota_ns` is used up: in the `period_ns`
  // before now, or all but that of two quotas in two periods, or of three or four. Requires: both
  // are positive, and the period is that of every call.
  [[nodiscard]] bool is_used_up(u64 now_ns, u64 quota_ns, u64 period_ns);

 private:
  // So many cpus are used from then on, when this much had been used in all.
  struct Step {
    u64 from_ns = 0;
    u64 used_ns = 0;
    u32 cpus = 0;

    [[nodiscard]] u64 used_by(u64 now_ns) const { return used_ns + (now_ns - from_ns) * cpus; }
  };

  [[nodiscard]] u64 used_since(u64 since_ns, u64 now_ns) const;

  std::deque<Step> steps_{Step{}};  // the first one is the last that began before all periods
};

}  // namespace scx_pair
