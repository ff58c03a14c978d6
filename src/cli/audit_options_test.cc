// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "cli/audit.h"

namespace scx_pair {
namespace {

class AuditOptionsTest : public testing::Test {
 protected:
  AuditOptionsTest() {
    add_run_options(app_, run_options_);
    audit_ = add_audit_command(app_, options_);
  }

  Result<std::string> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"scx_pair", "audit"});
    return parse_command_line(app_, static_cast<int>(arguments.size()), arguments.data());
  }

  void expect_refusal(std::vector<const char*> arguments, const std::string& sentence) {
    Result<std::string> text = parse(std::move(arguments));
    ASSERT_FALSE(text.has_value()) << sentence;
    EXPECT_EQ(text.error().code, ExitCode::kUsage);
    EXPECT_NE(text.error().what.find(sentence), std::string::npos) << text.error().what;
  }

  CLI::App app_;
  RunOptions run_options_;
  AuditOptions options_;
  CLI::App* audit_ = nullptr;
};

TEST_F(AuditOptionsTest, EveryOptionIsTaken) {
  ASSERT_TRUE(parse({"-S",
                     "2",
                     "--seconds",
                     "1.5",
                     "--warmup",
                     "3",
                     "--move-bound",
                     "20",
                     "--higher-bound",
                     "30",
                     "--timeline",
                     "200",
                     "--timeline-pair",
                     "1",
                     "--columns",
                     "60",
                     "--tasks",
                     "-1",
                     "--record",
                     "r"})
                  .has_value());
  EXPECT_TRUE(audit_->parsed());
  EXPECT_EQ(options_.groups.stride, 2U);
  EXPECT_DOUBLE_EQ(options_.seconds, 1.5);
  EXPECT_DOUBLE_EQ(options_.warmup, 3);
  EXPECT_DOUBLE_EQ(options_.move_bound_ms, 20);
  EXPECT_DOUBLE_EQ(options_.higher_bound_ms, 30);
  EXPECT_DOUBLE_EQ(options_.timeline_ms, 200);
  EXPECT_EQ(options_.timeline_pair, 1U);
  EXPECT_EQ(options_.columns, 60U);
  EXPECT_EQ(options_.tasks, -1);
  EXPECT_EQ(options_.record, "r");
}

TEST_F(AuditOptionsTest, WhatFollowsTheDashesIsTheCommandWithItsOwnOptions) {
  ASSERT_TRUE(parse({"--json", "--", "hackbench", "--json", "-g", "4"}).has_value());
  EXPECT_TRUE(options_.json);
  EXPECT_EQ(options_.command, (std::vector<std::string>{"hackbench", "--json", "-g", "4"}));
}

TEST_F(AuditOptionsTest, AWordThatIsNoOptionIsRefused) {
  expect_refusal({"bogus"},
                 "audit: \"bogus\" is not accepted; a command to run follows two dashes");
  expect_refusal({"--json", "bogus", "--seconds", "1"}, "\"bogus\" is not accepted");
  EXPECT_FALSE(parse({"bogus", "--", "sleep", "1"}).has_value());
  EXPECT_TRUE(parse({"--"}).has_value());
}

TEST_F(AuditOptionsTest, AStrideWithoutANumberLeavesTheCommandAlone) {
  ASSERT_TRUE(parse({"-S", "--", "sleep", "1"}).has_value());
  EXPECT_TRUE(options_.groups.by_stride);
  EXPECT_FALSE(options_.groups.stride.has_value());
  EXPECT_EQ(options_.command, (std::vector<std::string>{"sleep", "1"}));
}

TEST_F(AuditOptionsTest, AWrongValueNamesTheOptionTheValueAndWhatIsAccepted) {
  expect_refusal({"--seconds", "soon"},
                 "--seconds: \"soon\" is not accepted; it takes a number from 0.01 to 86400");
  expect_refusal({"--seconds", "nan"}, "--seconds: \"nan\" is not accepted");
  expect_refusal({"--warmup", "-1"}, "--warmup: \"-1\" is not accepted");
  expect_refusal({"--tasks", "-2"}, "--tasks: \"-2\" is not accepted");
  expect_refusal({"--timeline", "5", "--columns", "1"}, "--columns: \"1\" is not accepted");
}

TEST_F(AuditOptionsTest, ADrawingDoesNotGoWithJson) {
  expect_refusal({"--json", "--timeline", "5"}, "--timeline");
}

constexpr u64 kMs = 1'000'000;

TEST(AuditStart, IsLateEnoughForASwitchToProveWhoRuns) {
  for (const u64 warmup_ns : {0 * kMs, 1 * kMs, 499 * kMs, 500 * kMs}) {
    EXPECT_EQ(audit_start(7, warmup_ns).window_ns, 7 + 500 * kMs) << warmup_ns;
  }
}

TEST(AuditStart, GivesTheCommandAllOfItsWarmup) {
  for (const u64 warmup_ns : {0 * kMs, 200 * kMs, 500 * kMs, 3000 * kMs}) {
    const AuditStart start = audit_start(7, warmup_ns);
    EXPECT_EQ(start.window_ns - start.command_ns, warmup_ns);
  }
  EXPECT_EQ(audit_start(7, 3000 * kMs).command_ns, 7U);
}

TEST(AuditExit, NothingToJudgeIsNeitherKeptNorBroken) {
  EXPECT_EQ(exit_code_of(Ruling::kKept), ExitCode::kOk);
  EXPECT_EQ(exit_code_of(Ruling::kBroken), ExitCode::kBroken);
  EXPECT_EQ(exit_code_of(Ruling::kInconclusive), ExitCode::kBroken);
  EXPECT_EQ(exit_code_of(Ruling::kNothing), ExitCode::kNothing);
}

}  // namespace
}  // namespace scx_pair
