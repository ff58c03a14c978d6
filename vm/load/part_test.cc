// SPDX-License-Identifier: GPL-2.0-only
#include "part.h"

#include <gtest/gtest.h>

namespace scx_pair {
namespace {

TEST(Part, SpinnersHaveAKindACgroupAndACount) {
  const auto part = parse_part("spin:a/b:2");
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part.value().kind, Kind::kSpin);
  EXPECT_EQ(part.value().cgroup, "a/b");
  EXPECT_EQ(part.value().count, 2U);
  EXPECT_FALSE(part.value().cpu.has_value());
  EXPECT_EQ(part.value().text, "spin:a/b:2");
}

TEST(Part, SleepersHaveTimes) {
  const auto part = parse_part("sleep:b:2:100/900");
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part.value().run_us, 100U);
  EXPECT_EQ(part.value().rest_us, 900U);
}

TEST(Part, ATaskCanBePinned) {
  const auto part = parse_part("fifo:rt:1:1000/9000@3");
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part.value().cpu, 3U);
}

TEST(Part, YieldersHaveATimeToRun) {
  const auto part = parse_part("yield:b:2:100");
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part.value().kind, Kind::kYield);
  EXPECT_EQ(part.value().run_us, 100U);
  EXPECT_EQ(part.value().rest_us, 0U);
}

TEST(Part, OrdinaryTasksHaveAPolicyAndANiceValue) {
  const auto plain = parse_part("spin:a:2");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain.value().policy, Policy::kOther);
  EXPECT_EQ(plain.value().nice, 0);
  const auto batch = parse_part("sleep:a/b:2:100/900,batch,nice=-7@1");
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch.value().policy, Policy::kBatch);
  EXPECT_EQ(batch.value().nice, -7);
  EXPECT_EQ(batch.value().rest_us, 900U);
  EXPECT_EQ(batch.value().cpu, 1U);
  const auto idle = parse_part("spin:a:2,idle");
  ASSERT_TRUE(idle.has_value());
  EXPECT_EQ(idle.value().policy, Policy::kIdle);
}

TEST(Part, TheRootIsADash) {
  const auto part = parse_part("move:-:100");
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part.value().cgroup, "");
}

TEST(Part, OneMoverMakesAllMovesOfItsPart) {
  EXPECT_EQ(part_tasks(parse_part("move:-:100").value()), 1U);
  EXPECT_EQ(part_tasks(parse_part("spin:a:5").value()), 5U);
}

class WrongPart : public testing::TestWithParam<const char*> {};

TEST_P(WrongPart, IsRefusedAsWrongUsageAndNamed) {
  auto part = parse_part(GetParam());
  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().code, ExitCode::kUsage);
  EXPECT_NE(part.error().what.find(GetParam()), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongPart,
    testing::Values("", "spin", "spin:a", "hop:a:1", "spin::1", "spin:a:0", "spin:a:x",
                    "spin:a:10001", "spin:a:1:100/900", "sleep:a:1", "sleep:a:1:100",
                    "sleep:a:1:x/1", "spin:a:1@", "spin:a:1@8192", "spin:/a:1", "spin:../a:1",
                    "sleep:a:1:1/1:2", "yield:a:1", "yield:a:1:0", "yield:a:1:1/2", "spin:a:1,",
                    "spin:a:1,rr", "spin:a:1,nice=", "spin:a:1,nice=20", "spin:a:1,nice=-21",
                    "spin:a:1,nice=5x", "fifo:rt:1:1/9,idle", "run:a:1,nice=1", "spin:a,idle:1"));

}  // namespace
}  // namespace scx_pair
