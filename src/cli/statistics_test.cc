// SPDX-License-Identifier: GPL-2.0-only
#include "cli/statistics.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace scx_pair {
namespace {

StatisticsInterval example() {
  StatisticsInterval interval;
  interval.before.kicks = 100;
  interval.now.kicks = 120;
  interval.before.forced_idle_ns = 1'000'000;
  interval.now.forced_idle_ns = 3'500'000;
  interval.seconds = 1;
  return interval;
}

TEST(Statistics, TableNamesEveryCounterOnce) {
  std::set<size_t> offsets;
  for (const scheduler_stat_name& name : scheduler_stat_names) offsets.insert(name.offset);
  EXPECT_EQ(offsets.size(), std::size(scheduler_stat_names));
  EXPECT_EQ(offsets.size() * sizeof(u64), sizeof(SchedulerStats));
}

TEST(Statistics, TextShowsTotalAndIncrease) {
  const std::string text = statistics_text(example(), "12:00:01");
  EXPECT_EQ(text.rfind("12:00:01  total (+ in the last 1.0 s)\n", 0), 0U) << text;
  EXPECT_NE(text.find("kicks                120 (+20) "), std::string::npos) << text;
  EXPECT_NE(text.find("forced_idle_ms       3.500 (+2.500)"), std::string::npos) << text;
}

TEST(Statistics, TextIsNarrowAndComplete) {
  const std::string text = statistics_text(example(), "12:00:01");
  for (const scheduler_stat_name& name : scheduler_stat_names) {
    std::string shown = name.name;
    if (shown.ends_with("_ns")) shown.replace(shown.size() - 2, 2, "ms");
    EXPECT_NE(text.find(shown + " "), std::string::npos) << shown;
  }
  EXPECT_EQ(text.find(" \n"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
}

TEST(Statistics, JsonIsOneFlatObjectOnOneLine) {
  const std::string line = statistics_json(example(), 1'000.5);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const nlohmann::json object = nlohmann::json::parse(line);
  EXPECT_EQ(object["time"], 1'000.5);
  EXPECT_EQ(object["interval_s"], 1.0);
  EXPECT_EQ(object["kicks"], 120);
  EXPECT_EQ(object["forced_idle_ns"], 3'500'000);
  EXPECT_EQ(object.size(), std::size(scheduler_stat_names) + 2);
}

}  // namespace
}  // namespace scx_pair
