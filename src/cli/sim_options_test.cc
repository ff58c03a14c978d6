// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "cli/options.h"
#include "cli/sim.h"

namespace scx_pair {
namespace {

class SimOptionsTest : public testing::Test {
 protected:
  SimOptionsTest() {
    add_run_options(app_, run_options_);
    sim_ = add_sim_command(app_, options_);
  }

  Result<std::string> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"scx_pair", "sim"});
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
  SimOptions options_;
  CLI::App* sim_ = nullptr;
};

TEST_F(SimOptionsTest, EveryOptionIsTaken) {
  ASSERT_TRUE(parse({"a.json", "--seed", "9", "--duration", "0.5", "--kernel", "6.18", "--cpus",
                     "64", "--json", "--benefit", "--trace", "out.json", "--plot", "out.svg"})
                  .has_value());
  EXPECT_TRUE(sim_->parsed());
  EXPECT_EQ(options_.file, "a.json");
  EXPECT_EQ(options_.wishes.seed, 9U);
  EXPECT_EQ(options_.wishes.duration_ns, 500'000'000U);
  EXPECT_EQ(options_.wishes.kernel_version, 618U);
  EXPECT_EQ(options_.wishes.cpus, 64U);
  EXPECT_TRUE(options_.json);
  EXPECT_TRUE(options_.benefit);
  EXPECT_EQ(options_.trace, "out.json");
  EXPECT_EQ(options_.plot, "out.svg");
}

TEST_F(SimOptionsTest, AScenarioCanBeMadeUp) {
  ASSERT_TRUE(parse({"--generate", "42", "--print"}).has_value());
  EXPECT_EQ(options_.generated, 42U);
  EXPECT_TRUE(options_.print);
}

TEST_F(SimOptionsTest, AWrongValueNamesTheOptionTheValueAndWhatIsAccepted) {
  expect_refusal({"a.json", "--seed", "-1"},
                 "--seed: \"-1\" is not accepted; it takes a whole number from 0 to 9223372036854");
  expect_refusal({"a.json", "--duration", "nan"},
                 "--duration: \"nan\" is not accepted; it takes a number of seconds");
  expect_refusal({"a.json", "--kernel", "5.15"}, "--kernel: \"5.15\" is not accepted");
  expect_refusal({"a.json", "--cpus", "9000"}, "--cpus: \"9000\" is not accepted");
}

TEST_F(SimOptionsTest, AnEmptyValueIsRefused) {
  for (const char* option : {"--trace", "--plot", "--seed", "--duration"}) {
    expect_refusal({"a.json", option, ""},
                   std::string(option) + ": \"\" is not accepted; it takes ");
  }
  expect_refusal({"a.json", "--seed="}, "--seed");
}

TEST_F(SimOptionsTest, ARunHasExactlyOneScenario) {
  expect_refusal({}, "needs a FILE, or --generate");
  expect_refusal({"a.json", "--generate", "1"}, "FILE");
}

TEST_F(SimOptionsTest, WhatIsOnlyPrintedIsNotMeasured) {
  expect_refusal({"a.json", "--print", "--benefit"}, "--print");
  expect_refusal({"a.json", "--print", "--trace", "x"}, "--print");
  expect_refusal({"a.json", "--print", "--plot", "x"}, "--print");
}

TEST_F(SimOptionsTest, OptionsOfTheSchedulerDoNotGoWithIt) {
  const Result<std::string> text = [this] {
    std::vector<const char*> arguments = {"scx_pair", "--turn-max", "5", "sim", "a.json"};
    return parse_command_line(app_, static_cast<int>(arguments.size()), arguments.data());
  }();
  EXPECT_FALSE(text.has_value());
}

}  // namespace
}  // namespace scx_pair
