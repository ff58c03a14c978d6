// SPDX-License-Identifier: GPL-2.0-only
#include "audit/latency_histogram.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace scx_pair {
namespace {

constexpr u32 kStepBits = 5;
constexpr u64 kSteps = u64{1} << kStepBits;

// Below kSteps every value has a bucket; above, every power of two has kSteps of them.
size_t bucket_of(u64 value) {
  if (value < kSteps) return static_cast<size_t>(value);
  const u32 shift = static_cast<u32>(std::bit_width(value)) - 1 - kStepBits;
  return static_cast<size_t>((u64{shift} << kStepBits) + (value >> shift));
}

u64 middle_of(size_t bucket) {
  if (bucket < 2 * kSteps) return bucket;
  const u64 shift = (bucket >> kStepBits) - 1;
  const u64 first = (bucket - (shift << kStepBits)) << shift;
  return first + ((u64{1} << shift) >> 1);
}

}  // namespace

void LatencyHistogram::add(u64 duration_ns) {
  const size_t bucket = bucket_of(duration_ns);
  if (bucket >= counts_.size()) counts_.resize(bucket + 1);
  ++counts_[bucket];
  ++count_;
  max_ns_ = std::max(max_ns_, duration_ns);
}

void LatencyHistogram::add_unfinished(u64 duration_ns) {
  max_ns_ = std::max(max_ns_, duration_ns);
}

u64 LatencyHistogram::quantile(u32 percent) const {
  check(percent > 0 && percent <= 100, "a quantile is a percentage");
  const u64 rank = (count_ * percent + 99) / 100;
  u64 seen = 0;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank && seen > 0) return std::min(middle_of(bucket), max_ns_);
  }
  return 0;
}

LatencySummary LatencyHistogram::summary() const {
  return {.count = count_, .p50_ns = quantile(50), .p99_ns = quantile(99), .max_ns = max_ns_};
}

}  // namespace scx_pair
