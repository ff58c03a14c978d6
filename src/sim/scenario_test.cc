// SPDX-License-Identifier: GPL-2.0-only
#include "sim/scenario.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace scx_pair {
namespace {

TEST(MachineShape, SiblingsAreApartAsOnMostMachines) {
  const MachineShape shape{.cores = 2};
  EXPECT_EQ(cpu_count(shape), 4U);
  EXPECT_EQ(pairs_of(shape), (std::vector<std::vector<u32>>{{0, 2}, {1, 3}}));
}

TEST(MachineShape, SiblingsCanBeNumberedSideBySide) {
  const MachineShape shape{.cores = 2, .adjacent = true};
  EXPECT_EQ(pairs_of(shape), (std::vector<std::vector<u32>>{{0, 1}, {2, 3}}));
}

TEST(MachineShape, HybridPartsHaveCoresOfOneThread) {
  const MachineShape shape{.cores = 1, .single_cores = 2};
  EXPECT_EQ(pairs_of(shape), (std::vector<std::vector<u32>>{{0, 3}, {1}, {2}}));
}

TEST(MachineShape, EveryCpuIsInOneCoreOneCacheAndOneSocket) {
  const MachineShape shape{.sockets = 2, .llcs = 3, .cores = 4, .smt = 4, .single_cores = 1};
  const std::vector<CpuSite> sites = sites_of(shape);
  ASSERT_EQ(sites.size(), cpu_count(shape));
  std::map<u32, std::set<u32>> llcs_of_socket;
  std::set<std::pair<u32, u32>> seats;
  for (const CpuSite& site : sites) {
    llcs_of_socket[site.socket].insert(site.llc);
    EXPECT_TRUE(seats.insert({site.core, site.thread}).second);
  }
  EXPECT_EQ(llcs_of_socket, (std::map<u32, std::set<u32>>{{0, {0, 1, 2}}, {1, {3, 4, 5}}}));
  EXPECT_EQ(pairs_of(shape).size(), 30U);
}

TEST(MachineShape, ThreadsOfABusyCoreAreSlowButTogetherFasterThanOne) {
  const MachineShape shape{.smt = 8};
  EXPECT_EQ(speed_permille(shape, 1), 1000U);
  EXPECT_EQ(speed_permille(shape, 2), 600U);
  for (u32 busy = 2; busy <= 8; busy++) {
    const u32 all = busy * speed_permille(shape, busy);
    EXPECT_GE(all, (busy - 1) * speed_permille(shape, busy - 1)) << busy;
  }
}

TEST(MachineShape, TheLastSpeedGivenStandsForAllBeyond) {
  const MachineShape shape{.smt = 4, .speed_permille = {1000, 700}};
  EXPECT_EQ(speed_permille(shape, 2), 700U);
  EXPECT_EQ(speed_permille(shape, 4), 700U);
}

TEST(Draw, StaysWithinItsBounds) {
  Random random(1);
  const Draw uniform{.kind = Draw::Kind::kUniform, .value = 3, .most = 5};
  std::set<u64> seen;
  for (int i = 0; i < 100; i++) seen.insert(uniform.draw(random));
  EXPECT_EQ(seen, (std::set<u64>{3, 4, 5}));
  EXPECT_EQ((Draw{.value = 7}.draw(random)), 7U);
}

}  // namespace
}  // namespace scx_pair
