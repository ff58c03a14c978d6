// SPDX-License-Identifier: GPL-2.0-only
#include "sim/limit_gauge.h"

#include <algorithm>
#include <iterator>

namespace scx_pair {
namespace {

constexpr u64 kPeriods = 4;
constexpr u64 kSpareDivisor = 4;  // of a quota: the last of it is not worth a slice

}  // namespace

void LimitGauge::use(u64 now_ns, u32 cpus) {
  const Step& last = steps_.back();
  if (last.cpus == cpus) return;
  steps_.push_back({now_ns, last.used_by(now_ns), cpus});
}

u64 LimitGauge::used_since(u64 since_ns, u64 now_ns) const {
  const auto begun_later = [&](const Step& step) { return step.from_ns > since_ns; };
  const auto later = std::ranges::find_if(steps_, begun_later);
  const u64 before_ns = later == steps_.begin() ? 0 : std::prev(later)->used_by(since_ns);
  return steps_.back().used_by(now_ns) - before_ns;
}

bool LimitGauge::is_used_up(u64 now_ns, u64 quota_ns, u64 period_ns) {
  const auto begin_ns = [&](u64 periods) {
    return now_ns > periods * period_ns ? now_ns - periods * period_ns : 0;
  };
  while (steps_.size() > 1 && steps_[1].from_ns <= begin_ns(kPeriods)) steps_.pop_front();
  if (steps_.back().cpus != 0) return false;
  for (u64 periods = 1; periods <= kPeriods; periods++) {
    const u64 most_ns = periods * quota_ns - quota_ns / kSpareDivisor;
    if (used_since(begin_ns(periods), now_ns) >= most_ns) return true;
  }
  return false;
}

}  // namespace scx_pair
