// SPDX-License-Identifier: GPL-2.0-only
#include "audit/latency_histogram.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scx_pair {
namespace {

TEST(LatencyHistogram, AnEmptyOneSaysZero) {
  const LatencySummary summary = LatencyHistogram().summary();
  EXPECT_EQ(summary.count, 0u);
  EXPECT_EQ(summary.p50_ns, 0u);
  EXPECT_EQ(summary.p99_ns, 0u);
  EXPECT_EQ(summary.max_ns, 0u);
}

TEST(LatencyHistogram, SmallDurationsAreExact) {
  for (u64 duration_ns = 0; duration_ns < 64; ++duration_ns) {
    LatencyHistogram histogram;
    histogram.add(duration_ns);
    EXPECT_EQ(histogram.quantile(50), duration_ns);
  }
}

TEST(LatencyHistogram, NoDurationIsOffByMoreThanThreePercent) {
  for (u64 duration_ns = 64; duration_ns < (u64{1} << 62); duration_ns += duration_ns / 7 + 1) {
    LatencyHistogram histogram;
    histogram.add(duration_ns);
    histogram.add(~u64{0});
    const auto found = static_cast<double>(histogram.quantile(50));
    const auto wanted = static_cast<double>(duration_ns);
    EXPECT_LE(std::abs(found - wanted), 0.03 * wanted) << duration_ns;
  }
}

TEST(LatencyHistogram, QuantilesCountFromTheSmallest) {
  LatencyHistogram histogram;
  for (int times = 0; times < 98; ++times) histogram.add(10);
  histogram.add(20);
  histogram.add(31);
  EXPECT_EQ(histogram.quantile(50), 10u);
  EXPECT_EQ(histogram.quantile(98), 10u);
  EXPECT_EQ(histogram.quantile(99), 20u);
  EXPECT_EQ(histogram.quantile(100), 31u);
}

TEST(LatencyHistogram, AnUnfinishedWaitRaisesOnlyTheMaximum) {
  LatencyHistogram histogram;
  histogram.add(10);
  histogram.add_unfinished(1000);
  EXPECT_EQ(histogram.summary().count, 1u);
  EXPECT_EQ(histogram.summary().p99_ns, 10u);
  EXPECT_EQ(histogram.summary().max_ns, 1000u);
}

}  // namespace
}  // namespace scx_pair
