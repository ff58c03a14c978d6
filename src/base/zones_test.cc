// SPDX-License-Identifier: GPL-2.0-only
#include "base/zones.h"

#include <gtest/gtest.h>

#include <set>

namespace scx_pair {
namespace {

std::vector<u32> caches(u32 count, u32 pairs_each) {
  std::vector<u32> by_pair;
  for (u32 cache = 0; cache < count; cache++) by_pair.insert(by_pair.end(), pairs_each, cache);
  return by_pair;
}

size_t distinct(const std::vector<u32>& zones) {
  return std::set<u32>(zones.begin(), zones.end()).size();
}

TEST(Zones, ASmallMachineIsOne) {
  EXPECT_EQ(zones_of({7}, 1), (std::vector<u32>{0}));
  EXPECT_EQ(distinct(zones_of(caches(1, 16), 32)), 1U);
}

TEST(Zones, PairsOfTwoCachesAreNeverTogether) {
  EXPECT_EQ(zones_of({0, 0, 5, 5}, 8), (std::vector<u32>{0, 0, 1, 1}));
  EXPECT_EQ(zones_of({0, 5, 0, 5}, 8), (std::vector<u32>{0, 1, 0, 1}));
}

TEST(Zones, ALargeCacheIsSplit) {
  const std::vector<u32> zones = zones_of(caches(1, 40), 80);
  EXPECT_EQ(distinct(zones), 3U);
  EXPECT_EQ(zones[15], 0U);
  EXPECT_EQ(zones[16], 1U);
  EXPECT_EQ(zones[39], 2U);
}

TEST(Zones, AreNeverMoreThanADomainMayHaveQueues) {
  for (const u32 cpus : {64U, 256U, 512U, 1024U, 4096U, 8192U}) {
    for (const u32 count : {1U, 2U, 8U, 16U, 128U}) {
      const std::vector<u32> zones = zones_of(caches(count, std::max(cpus / 2 / count, 1U)), cpus);
      EXPECT_LE(distinct(zones), zones_most(cpus)) << cpus << " cpus, " << count << " caches";
      EXPECT_EQ(distinct(zones), *std::ranges::max_element(zones) + 1U) << "without a gap";
    }
  }
  EXPECT_EQ(zones_most(8192), 1U);
  EXPECT_EQ(zones_most(1024), 8U);
}

TEST(Zones, WithoutPairsThereAreNone) {
  EXPECT_TRUE(zones_of({}, 4).empty());
}

}  // namespace
}  // namespace scx_pair
