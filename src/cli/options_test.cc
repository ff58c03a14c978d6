// SPDX-License-Identifier: GPL-2.0-only
#include "cli/options.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <vector>

namespace scx_pair {
namespace {

using std::chrono::milliseconds;

class OptionsTest : public testing::Test {
 protected:
  OptionsTest() {
    add_run_options(app_, options_);
    CLI::App* audit = app_.add_subcommand("audit", "judge");
    audit->add_flag("--json", audit_json_);
    add_group_options(*audit, options_.groups);
    exclude_run_options(app_, *audit);
  }

  Result<std::string> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "scx_pair");
    return parse_command_line(app_, static_cast<int>(arguments.size()), arguments.data());
  }

  void expect_refusal(std::vector<const char*> arguments, const std::string& sentence) {
    Result<std::string> text = parse(std::move(arguments));
    ASSERT_FALSE(text.has_value()) << sentence;
    EXPECT_EQ(text.error().code, ExitCode::kUsage);
    EXPECT_NE(text.error().what.find(sentence), std::string::npos) << text.error().what;
  }

  CLI::App app_;
  RunOptions options_;
  bool audit_json_ = false;
};

TEST_F(OptionsTest, DefaultsAreTheRealSiblingsAndThirtyMillisecondTurns) {
  ASSERT_TRUE(parse({}).has_value());
  EXPECT_FALSE(options_.groups.by_stride);
  EXPECT_TRUE(options_.kthreads_trusted);
  EXPECT_EQ(options_.turn_max_ms, 40U);
  EXPECT_EQ(options_.turn_min_ms, 2U);
  EXPECT_EQ(options_.slice_us, 5000U);
  EXPECT_EQ(options_.interval, milliseconds(1000));
  EXPECT_FALSE(options_.json || options_.verbose || options_.print_pairs);
}

TEST_F(OptionsTest, EveryOptionIsTaken) {
  ASSERT_TRUE(parse({"-S", "3", "--kthreads=isolated", "--turn-max", "1000", "--slice-us=500",
                     "--interval", "0.25", "--json", "--verbose", "--print-pairs"})
                  .has_value());
  EXPECT_TRUE(options_.groups.by_stride);
  EXPECT_EQ(options_.groups.stride, 3U);
  EXPECT_FALSE(options_.kthreads_trusted);
  EXPECT_EQ(options_.turn_max_ms, 1000U);
  EXPECT_EQ(options_.slice_us, 500U);
  EXPECT_EQ(options_.interval, milliseconds(250));
  EXPECT_TRUE(options_.json && options_.verbose && options_.print_pairs);
}

TEST_F(OptionsTest, StrideWithoutAValueIsHalf) {
  for (const std::vector<const char*>& arguments :
       {std::vector<const char*>{"-S"}, {"--stride"}, {"-S", "half"}, {"-S", "--json"}}) {
    options_ = RunOptions();
    ASSERT_TRUE(parse(arguments).has_value());
    EXPECT_TRUE(options_.groups.by_stride);
    EXPECT_EQ(options_.groups.stride, std::nullopt);
  }
}

TEST_F(OptionsTest, DecimalNumbersWithLeadingZerosAreDecimal) {
  ASSERT_TRUE(parse({"--turn-max", "010"}).has_value());
  EXPECT_EQ(options_.turn_max_ms, 10U);
}

TEST_F(OptionsTest, WrongValuesNameOptionValueAndWhatIsAccepted) {
  for (const char* value : {"0", "1001", "-5", "5x", "x", "0x10", "1.5", "4294967297"}) {
    expect_refusal({"--turn-max", value}, "--turn-max: \"" + std::string(value) +
                                              "\" is not accepted; it takes a whole number from 1 "
                                              "to 1000");
  }
  for (const char* value : {"499", "100001"}) {
    expect_refusal({"--slice-us", value}, "a whole number from 500 to 100000");
  }
  for (const char* value : {"0", "0.09", "3600.5", "nan", "inf", "-1", "1s", "1e9"}) {
    expect_refusal({"--interval", value}, "--interval: \"" + std::string(value) +
                                              "\" is not accepted; it takes a number of seconds "
                                              "from 0.1 to 3600");
  }
  expect_refusal({"--kthreads=maybe"},
                 "--kthreads: \"maybe\" is not accepted; it takes trusted or isolated");
  for (const char* value : {"all", "1,2", "true", "99999999999"}) {
    expect_refusal({"-S", value}, "--stride: \"" + std::string(value) + "\" is not accepted");
  }
}

TEST_F(OptionsTest, ATurnIsNotAskedToBeShorterThanItsShortest) {
  expect_refusal({"--turn-min", "50", "--turn-max", "10"},
                 "--turn-min: 50 is above --turn-max, which is 10");
  options_ = RunOptions();
  expect_refusal({"--turn-min", "50"}, "--turn-min: 50 is above --turn-max, which is 40");
  // The default gives way.
  EXPECT_TRUE(parse({"--turn-max", "1"}).has_value());
}

TEST_F(OptionsTest, MissingValuesAndUnknownWordsAreRefused) {
  expect_refusal({"--turn-max"}, "--turn-max");
  expect_refusal({"--what"}, "--what");
  expect_refusal({"now"}, "now");
  expect_refusal({"--turn-max", "5", "--turn-max", "6"}, "--turn-max");
}

TEST_F(OptionsTest, SubcommandTakesStrideOnEitherSide) {
  ASSERT_TRUE(parse({"-S", "audit"}).has_value());
  EXPECT_TRUE(options_.groups.by_stride);
  EXPECT_EQ(options_.groups.stride, std::nullopt);
  ASSERT_TRUE(parse({"audit", "--json", "-S", "2"}).has_value());
  EXPECT_EQ(options_.groups.stride, 2U);
  EXPECT_TRUE(audit_json_);
  EXPECT_FALSE(options_.json);
}

TEST_F(OptionsTest, SubcommandRefusesTheSchedulersOptions) {
  expect_refusal({"--turn-max", "5", "audit"}, "--turn-max");
  expect_refusal({"--json", "audit"}, "audit does not go with --json");
}

TEST_F(OptionsTest, HelpTeachesThePromiseAndTheExitStatus) {
  Result<std::string> text = parse({"--help"});
  ASSERT_TRUE(text.has_value());
  EXPECT_NE(text->find("never run on the cpus of one core at the same time"), std::string::npos);
  EXPECT_NE(text->find("4  the kernel ended the scheduler"), std::string::npos);
  EXPECT_NE(text->find("--slice-us"), std::string::npos);
}

TEST_F(OptionsTest, VersionIsOneLine) {
  Result<std::string> text = parse({"--version"});
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->rfind("scx_pair ", 0), 0U);
  EXPECT_EQ(text->find('\n'), text->size() - 1);
}

}  // namespace
}  // namespace scx_pair
