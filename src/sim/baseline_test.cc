// SPDX-License-Identifier: GPL-2.0-only
#include "sim/baseline.h"

#include <gtest/gtest.h>

#include "sim/generate.h"
#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

TEST(WithoutSmt, EveryCoreKeepsOneThreadAndTasksTheirCores) {
  Result<Scenario> on = parse_scenario(
      R"({"topology": {"cores": 2, "smt": 2, "speed": [1, 0.7], "offline": [1, 3]},
          "tasks": {"a": {"run": 1, "cpus": [0, 2]}, "b": {"run": 1}},
          "faults": [{"offline": [2], "for": 1}, {"offline": [2, 3], "for": 1}]})",
      "s.json");
  ASSERT_TRUE(on.has_value()) << on.error().what;
  const Scenario off = without_smt(*on);
  EXPECT_EQ(cpu_count(off.shape), 2U);
  EXPECT_EQ(off.shape.speed_permille, std::vector<u32>{1000});
  EXPECT_EQ(off.offline, std::vector<u32>{1});
  EXPECT_EQ(off.tasks[0].cpus, std::vector<u32>{0});
  EXPECT_TRUE(off.tasks[1].cpus.empty());
  ASSERT_EQ(off.faults.size(), 1U);
  EXPECT_EQ(off.faults[0].cpus, std::vector<u32>{1});
}

TEST(WithoutSmt, WhatIsMadeOfAValidScenarioIsValid) {
  for (u64 seed = 0; seed < 500; seed++) {
    const Scenario off = without_smt(generate_scenario(seed));
    Result<Scenario> read = parse_scenario(scenario_json(off), "off.json");
    // Deadline tasks may ask for more than the half that is left.
    if (!read && read.error().what.find("deadline tasks ask") != std::string::npos) continue;
    ASSERT_TRUE(read.has_value()) << seed << ": " << read.error().what;
    EXPECT_EQ(*read, off) << seed;
  }
}

}  // namespace
}  // namespace scx_pair
