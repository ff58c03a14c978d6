// SPDX-License-Identifier: GPL-2.0-only
#include "sim/entitlement.h"

#include <gtest/gtest.h>

#include <vector>

namespace scx_pair {
namespace {

// Cgroups: 1 /a (300) with 2 /a/b (100) and 3 /a/c (200), 4 /d (100).
Scenario nested() {
  Scenario scenario;
  scenario.cgroups = {{.path = "/"},
                      {.path = "/a", .parent = 0, .weight = 300},
                      {.path = "/a/b", .parent = 1, .weight = 100},
                      {.path = "/a/c", .parent = 1, .weight = 200},
                      {.path = "/d", .parent = 0, .weight = 100}};
  scenario.tasks = {{.name = "spin", .phases = {}}};
  return scenario;
}

TEST(Entitlement, EachLevelIsDividedByWeight) {
  const std::map<u32, double> shares = entitled_shares(nested(), std::vector<u32>{2, 3, 4});
  ASSERT_EQ(shares.size(), 3U);
  EXPECT_DOUBLE_EQ(shares.at(2), 0.25);
  EXPECT_DOUBLE_EQ(shares.at(3), 0.5);
  EXPECT_DOUBLE_EQ(shares.at(4), 0.25);
}

TEST(Entitlement, WhatNobodyWantsGoesToTheNeighboursOfTheSameLevel) {
  const std::map<u32, double> shares = entitled_shares(nested(), std::vector<u32>{2, 4});
  EXPECT_DOUBLE_EQ(shares.at(2), 0.75);
  EXPECT_DOUBLE_EQ(shares.at(4), 0.25);
}

TEST(Entitlement, WhoIsAloneIsEntitledToAll) {
  EXPECT_DOUBLE_EQ(entitled_shares(nested(), std::vector<u32>{0}).at(0), 1);
  EXPECT_DOUBLE_EQ(entitled_shares(nested(), std::vector<u32>{3}).at(3), 1);
  EXPECT_TRUE(entitled_shares(nested(), std::vector<u32>{}).empty());
}

TEST(Entitlement, ACgroupWithTasksBesideCgroupsBelowItIsNotKnown) {
  EXPECT_TRUE(entitled_shares(nested(), std::vector<u32>{1, 2}).empty());
  EXPECT_TRUE(entitled_shares(nested(), std::vector<u32>{0, 4}).empty());
}

TEST(Entitlement, WhatLimitsACgroupOnTheWayMakesItUnknown) {
  const std::vector<u32> busy = {2, 4};
  Scenario limited = nested();
  limited.cgroups[1].quota_ns = 50'000'000;
  EXPECT_TRUE(entitled_shares(limited, busy).empty());
  EXPECT_EQ(entitled_shares(limited, std::vector<u32>{4}).size(), 1U);
  Scenario idle = nested();
  idle.cgroups[4].idle = true;
  EXPECT_TRUE(entitled_shares(idle, busy).empty());
}

TEST(Entitlement, WhereTasksOrFaultsHaveASayItIsUnknown) {
  const std::vector<u32> busy = {2, 4};
  Scenario faulty = nested();
  faulty.faults = {{.kind = Fault::Kind::kWeight}};
  EXPECT_TRUE(entitled_shares(faulty, busy).empty());
  Scenario higher = nested();
  higher.tasks[0].policy = TaskPolicy::kFifo;
  EXPECT_TRUE(entitled_shares(higher, busy).empty());
  Scenario pinned = nested();
  pinned.tasks[0].cpus = {0};
  EXPECT_TRUE(entitled_shares(pinned, busy).empty());
}

}  // namespace
}  // namespace scx_pair
