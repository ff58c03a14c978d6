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

TEST(Statistics, WhoKeptWhomWaitingIsShownTheWorstFirst) {
  StatisticsInterval interval = example();
  interval.paths = {{7, "/red"}, {8, "/blue"}};
  interval.forced = {{7, 8, 1'000'000}, {8, 7, 2'500'000}, {7, 99, 10}};
  const std::string text = statistics_text(interval, "12:00:01");
  const size_t worst = text.find("/blue kept /red waiting: 2.500 ms of idle seats\n");
  const size_t next = text.find("/red kept /blue waiting: 1.000 ms");
  EXPECT_NE(worst, std::string::npos) << text;
  EXPECT_LT(worst, next);
  EXPECT_NE(text.find("/red kept cgroup 99 waiting"), std::string::npos) << text;
  const auto array = nlohmann::json::parse(statistics_json(interval, 0))["forced_idle"];
  ASSERT_EQ(array.size(), 3U);
  EXPECT_EQ(array[0]["holder"], "/blue");
  EXPECT_EQ(array[0]["waiter"], "/red");
  EXPECT_EQ(array[0]["ns"], 2'500'000);
}

// Whoever has a delegated cgroup names it: a name must neither end the scheduler nor forge a line.
TEST(Statistics, NamesOfTenantsAreEscapedInTheTextAndReplacedInTheJson) {
  StatisticsInterval interval = example();
  interval.paths = {{7, "/\nverdict: kept\x1b[2J\xff"}, {8, "/blue\xc3"}};
  interval.forced = {{7, 8, 1'000'000}};
  interval.limits = {{7, 10, 4, 12'000'000}};
  const std::string text = statistics_text(interval, "12:00:01");
  EXPECT_NE(text.find(R"(  /\x0averdict: kept\x1b[2J\xff kept /blue\xc3 waiting)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(  /\x0averdict: kept\x1b[2J\xff used up its limit)"), std::string::npos)
      << text;
  const std::string line = statistics_json(interval, 0);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto object = nlohmann::json::parse(line);
  EXPECT_EQ(object["forced_idle"][0]["waiter"], "/blue\xef\xbf\xbd");
  EXPECT_EQ(object["limits"][0]["cgroup"], "/\nverdict: kept\x1b[2J\xef\xbf\xbd");
}

TEST(Statistics, OnlyTheWorstFewAreShownButAllAreInTheJson) {
  StatisticsInterval interval = example();
  for (u64 i = 1; i <= 9; i++) interval.forced.push_back({i, 100, i * 1'000'000});
  const std::string text = statistics_text(interval, "12:00:01");
  EXPECT_NE(text.find("cgroup 9 kept"), std::string::npos);
  EXPECT_EQ(text.find("cgroup 4 kept"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(statistics_json(interval, 0))["forced_idle"].size(), 9U);
}

TEST(Statistics, LimitsTellHowOftenTheyWereUsedUp) {
  StatisticsInterval interval = example();
  interval.paths = {{7, "/capped"}};
  interval.limits = {{7, 10, 4, 12'000'000}};
  EXPECT_NE(statistics_text(interval, "12:00:01")
                .find("/capped used up its limit in 4 of 10 periods, and waited 12.000 ms\n"),
            std::string::npos);
  const auto limit = nlohmann::json::parse(statistics_json(interval, 0))["limits"][0];
  EXPECT_EQ(limit["cgroup"], "/capped");
  EXPECT_EQ(limit["throttled_periods"], 4);
  EXPECT_EQ(limit["throttled_ns"], 12'000'000);
}

TEST(Statistics, JsonIsOneObjectOnOneLine) {
  const std::string line = statistics_json(example(), 1'000.5);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const nlohmann::json object = nlohmann::json::parse(line);
  EXPECT_EQ(object["time"], 1'000.5);
  EXPECT_EQ(object["interval_s"], 1.0);
  EXPECT_EQ(object["kicks"], 120);
  EXPECT_EQ(object["forced_idle_ns"], 3'500'000);
  EXPECT_EQ(object.size(), std::size(scheduler_stat_names) + 6);
}

TEST(Statistics, WhatWasLostIsShownOnceThereIsSome) {
  StatisticsInterval interval = example();
  EXPECT_EQ(statistics_text(interval, "12:00:01").find("lost"), std::string::npos);
  interval.output_dropped = 3;
  interval.reads_failed = 1;
  const std::string text = statistics_text(interval, "12:00:01");
  EXPECT_NE(text.find("  lost: 3 outputs that could not be written, 1 statistics not read\n"),
            std::string::npos)
      << text;
  const auto object = nlohmann::json::parse(statistics_json(interval, 0));
  EXPECT_EQ(object["output_dropped"], 3);
  EXPECT_EQ(object["reads_failed"], 1);
}

}  // namespace
}  // namespace scx_pair
