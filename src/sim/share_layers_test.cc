// SPDX-License-Identifier: GPL-2.0-only
#include "sim/share_layers.h"

#include <gtest/gtest.h>

#include "base/time_units.h"

namespace scx_pair {
namespace {

// So many cgroups beside each other; domain 100 + i is cgroup i.
struct Example {
  explicit Example(u32 cgroups, u64 columns) {
    scenario.cgroups = {{.path = "/"}};
    scenario.tasks = {{.name = "spin", .phases = {}}};
    scenario.scheduler.turn_ns = 1;  // means over a column only
    history = {.column_ns = 10 * kMs, .window_ns = columns * 10 * kMs, .cpus = 2};
    history.kernel_ns.resize(columns);
    history.forced_idle_ns.resize(columns);
    history.idle_ns.resize(columns);
    for (u32 i = 1; i <= cgroups; i++) {
      scenario.cgroups.push_back({.path = "/g" + std::to_string(i), .parent = 0});
      paths[100 + i] = scenario.cgroups[i].path;
      history.domains[100 + i] = {.cpu_ns = std::vector<u64>(columns),
                                  .wanted_ns = history.window_ns};
    }
  }
  [[nodiscard]] ShareLayers layers() const { return share_layers(scenario, paths, history); }

  Scenario scenario;
  std::map<u64, std::string> paths;
  ShareHistory history;
};

TEST(ShareLayers, SharesAreOfWhatAllCgroupsHad) {
  Example example(2, 3);
  example.history.domains[101].cpu_ns = {5 * kMs, 20 * kMs, 0};
  example.history.domains[102].cpu_ns = {5 * kMs, 0, 0};
  example.history.kernel_ns = {4 * kMs, 0, 0};
  example.history.forced_idle_ns = {6 * kMs, 0, 5 * kMs};
  example.history.idle_ns = {0, 0, 15 * kMs};
  const ShareLayers layers = example.layers();
  ASSERT_EQ(layers.domains.size(), 2U);
  EXPECT_EQ(layers.domains[0].name, "/g1");
  EXPECT_EQ(layers.domains[0].share, (std::vector<double>{0.5, 1, 0}));
  EXPECT_EQ(layers.domains[1].share, (std::vector<double>{0.5, 0, 0}));
  EXPECT_DOUBLE_EQ(layers.domains[0].mean, 25.0 / 30);
  EXPECT_EQ(layers.users.share, (std::vector<double>{0.5, 1, 0}));
  EXPECT_EQ(layers.kernel.share, (std::vector<double>{0.2, 0, 0}));
  EXPECT_EQ(layers.forced_idle.share, (std::vector<double>{0.3, 0, 0.25}));
  EXPECT_EQ(layers.idle.share, (std::vector<double>{0, 0, 0.75}));
  EXPECT_DOUBLE_EQ(layers.users.mean, 0.5);
  EXPECT_EQ(layers.mean_over_ns, 10 * kMs);
}

TEST(ShareLayers, AColumnIsTheMeanOverFourRoundsOfTurns) {
  Example example(2, 80);
  example.scenario.scheduler.turn_ns = 10 * kMs;
  for (size_t i = 0; i < 80; i++) {
    // Whole turns of one after the other, and at the end none of the second.
    const u64 owner = i % 2 == 0 || i >= 71 ? 101 : 102;
    example.history.domains[owner].cpu_ns[i] = 20 * kMs;
  }
  const ShareLayers layers = example.layers();
  EXPECT_EQ(layers.mean_over_ns, 70 * kMs);
  const std::vector<double>& share = layers.domains[0].share;
  EXPECT_DOUBLE_EQ(share[40], 3.0 / 7);
  EXPECT_DOUBLE_EQ(share[41], 4.0 / 7);
  // Near the ends, over as many columns that are there.
  EXPECT_DOUBLE_EQ(share[0], 4.0 / 7);
  EXPECT_DOUBLE_EQ(share[79], 1);
}

TEST(ShareLayers, NoMeanIsOverMoreThanAnEighthOfTheWindow) {
  Example example(2, 80);
  example.scenario.scheduler.turn_ns = kMs * 1000;
  EXPECT_EQ(example.layers().mean_over_ns, 90 * kMs);
}

TEST(ShareLayers, EntitledIsWhatTheWeightsSayIfAllWantTimeAllTheTime) {
  Example example(2, 1);
  example.scenario.cgroups[2].weight = 300;
  const ShareLayers layers = example.layers();
  ASSERT_TRUE(layers.domains[0].entitled && layers.domains[1].entitled);
  EXPECT_DOUBLE_EQ(*layers.domains[0].entitled, 0.25);
  EXPECT_DOUBLE_EQ(*layers.domains[1].entitled, 0.75);
  example.history.domains[101].wanted_ns = 9 * kMs;
  EXPECT_FALSE(example.layers().domains[0].entitled);
  EXPECT_FALSE(example.layers().domains[1].entitled);
}

TEST(ShareLayers, DomainsThatAreNoCgroupsOfTheScenarioAreOneAndLeaveNobodyEntitled) {
  Example example(1, 2);
  example.history.domains[101].cpu_ns = {kMs, kMs};
  example.history.domains[7] = {.cpu_ns = {kMs, 0}, .wanted_ns = 20 * kMs};
  example.history.domains[900] = {.cpu_ns = {2 * kMs, 0}, .wanted_ns = 20 * kMs};
  const ShareLayers layers = example.layers();
  ASSERT_EQ(layers.domains.size(), 2U);
  EXPECT_EQ(layers.domains[1].name, "made on the way");
  EXPECT_TRUE(layers.domains[1].is_rest);
  EXPECT_EQ(layers.domains[1].share, (std::vector<double>{0.75, 0}));
  EXPECT_FALSE(layers.domains[0].entitled);
}

TEST(ShareLayers, OfTooManyTheSmallestAreOne) {
  Example example(30, 1);
  for (u32 i = 1; i <= 30; i++) example.history.domains[100 + i].cpu_ns = {i % 2 == 0 ? 3U : 1U};
  const ShareLayers layers = example.layers();
  ASSERT_EQ(layers.domains.size(), kLayersMax);
  // All fifteen that had three, the first four that had one, and eleven.
  EXPECT_EQ(layers.domains[0].name, "/g1");
  EXPECT_EQ(layers.domains[8].name, "/g10");
  EXPECT_EQ(layers.domains[18].name, "/g30");
  EXPECT_EQ(layers.domains[19].name, "all others");
  EXPECT_DOUBLE_EQ(layers.domains[19].mean, 11.0 / 60);
  EXPECT_FALSE(layers.domains[0].entitled);
}

TEST(ShareLayers, TwentyAreTwentyLayers) {
  const ShareLayers layers = Example(20, 1).layers();
  ASSERT_EQ(layers.domains.size(), 20U);
  EXPECT_EQ(layers.domains[19].name, "/g20");
}

}  // namespace
}  // namespace scx_pair
