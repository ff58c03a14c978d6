// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "cli/explore.h"
#include "cli/options.h"

namespace scx_pair {
namespace {

std::string refusal_of(std::vector<const char*> arguments) {
  CLI::App app;
  RunOptions run_options;
  ExploreOptions options;
  add_run_options(app, run_options);
  add_explore_command(app, options);
  arguments.insert(arguments.begin(), {"scx_pair", "explore"});
  Result<std::string> parsed =
      parse_command_line(app, static_cast<int>(arguments.size()), arguments.data());
  return parsed.has_value() ? "none" : parsed.error().what;
}

TEST(ExploreOptions, AWrongValueNamesTheOptionTheValueAndWhatIsAccepted) {
  EXPECT_EQ(refusal_of({"--preemptions", "11"}),
            "--preemptions: \"11\" is not accepted; it takes a whole number from 0 to 10 (see "
            "scx_pair --help)");
  EXPECT_NE(refusal_of({"--random", "-1"}).find("\"-1\" is not accepted"), std::string::npos);
}

TEST(ExploreOptions, OnlyOneThingIsDone) {
  EXPECT_NE(refusal_of({"--random", "5", "--list"}).find("does not go with"), std::string::npos);
  EXPECT_NE(refusal_of({"--list", "--replay", "wake/1.1"}).find("does not go with"),
            std::string::npos);
  EXPECT_NE(refusal_of({"--random", "5", "--model", "wake"}).find("does not go with"),
            std::string::npos);
  EXPECT_EQ(refusal_of({"--random", "5", "--seed", "7"}), "none");
}

TEST(RunExplore, AWrongNameIsEchoedOnOneLine) {
  ExploreOptions options;
  options.model = "no\nscx_pair: done";
  Result<ExitCode> explored = run_explore(options);
  ASSERT_FALSE(explored.has_value());
  EXPECT_EQ(explored.error().code, ExitCode::kUsage);
  EXPECT_EQ(explored.error().what,
            "--model no\\x0ascx_pair: done: there is none of this name; --list names them");
}

}  // namespace
}  // namespace scx_pair
