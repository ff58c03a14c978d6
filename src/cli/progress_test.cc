// SPDX-License-Identifier: GPL-2.0-only
#include "cli/progress.h"

#include <gtest/gtest.h>

#include <vector>

namespace scx_pair {
namespace {

using std::chrono::seconds;

TEST(ProgressLine, ALineEveryTenSecondsSaysHowLongItGoesOn) {
  const ProgressLine::Clock::time_point begin{};
  std::vector<std::string> lines;
  ProgressLine progress([&lines](const std::string& line) { lines.push_back(line); }, begin);
  for (int second = 1; second <= 25; second++) {
    progress.report(second / 100.0, "part", begin + seconds(second));
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"part after 10 s, about 90 s left",
                                             "part after 20 s, about 80 s left"}));
}

TEST(ProgressLine, LongTimesAreMinutes) {
  const ProgressLine::Clock::time_point begin{};
  std::string said;
  ProgressLine progress([&said](const std::string& line) { said = line; }, begin);
  progress.report(0, "nothing", begin + seconds(10));
  EXPECT_EQ(said, "nothing after 10 s, no end yet");
  progress.report(0.5, "half", begin + seconds(600));
  EXPECT_EQ(said, "half after 10 min, about 10 min left");
}

}  // namespace
}  // namespace scx_pair
