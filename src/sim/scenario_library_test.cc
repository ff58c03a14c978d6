// SPDX-License-Identifier: GPL-2.0-only
// Every file of scenarios/ is one that can be run.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "sim/baseline.h"
#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

std::vector<std::filesystem::path> scenario_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SCX_PAIR_SCENARIOS)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST(ScenarioLibrary, EveryFileIsValidNamedAsItsFileAndSaysWhatItIs) {
  EXPECT_GE(scenario_files().size(), 28U);
  for (const auto& file : scenario_files()) {
    Result<Scenario> scenario = read_scenario(file);
    ASSERT_TRUE(scenario.has_value()) << scenario.error().what;
    EXPECT_EQ(scenario->name, file.stem());
    EXPECT_FALSE(scenario->description.empty()) << file;
  }
}

TEST(ScenarioLibrary, WhatMeasuresTheBenefitSlowsThreadsDownAndCanDoWithoutSmt) {
  for (const auto& file : scenario_files()) {
    if (file.parent_path().filename() != "benefit") continue;
    Result<Scenario> scenario = read_scenario(file);
    ASSERT_TRUE(scenario.has_value()) << scenario.error().what;
    EXPECT_EQ(scenario->shape.speed_permille, (std::vector<u32>{1000, 600})) << file;
    EXPECT_EQ(2 * cpu_count(without_smt(*scenario).shape), cpu_count(scenario->shape)) << file;
  }
}

TEST(ScenarioLibrary, TheLargestIsAsLargeAsItSays) {
  Result<Scenario> scenario =
      read_scenario(std::filesystem::path(SCX_PAIR_SCENARIOS) / "large" / "1024-cpus.json");
  ASSERT_TRUE(scenario.has_value()) << scenario.error().what;
  EXPECT_EQ(cpu_count(scenario->shape), 1'024U);
  EXPECT_GE(scenario->cgroups.size(), 10'000U);
  u64 tasks = 0;
  for (const TaskSpec& task : scenario->tasks) tasks += task.instances;
  EXPECT_EQ(tasks, 50'000U);
}

}  // namespace
}  // namespace scx_pair
