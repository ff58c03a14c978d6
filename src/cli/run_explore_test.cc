// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "cli/explore.h"

namespace scx_pair {
namespace {

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
