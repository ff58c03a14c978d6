// SPDX-License-Identifier: GPL-2.0-only
#include "host/reload.h"

#include <gtest/gtest.h>

#include <vector>

namespace scx_pair {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Failures = std::vector<std::chrono::steady_clock::time_point>;

constexpr std::chrono::steady_clock::time_point kStart(std::chrono::hours(9));

TEST(Reload, FirstFailureIsAnsweredAtOnce) {
  const Failures failures{kStart};
  const Reload reload = reload_after(failures);
  EXPECT_TRUE(reload.again);
  EXPECT_EQ(reload.wait, milliseconds(0));
}

TEST(Reload, EveryFurtherFailureWaitsTwiceAsLong) {
  Failures failures{kStart};
  for (const milliseconds wait : {milliseconds(250), milliseconds(500), milliseconds(1000)}) {
    failures.push_back(failures.back() + seconds(1));
    const Reload reload = reload_after(failures);
    EXPECT_TRUE(reload.again);
    EXPECT_EQ(reload.wait, wait);
  }
}

TEST(Reload, FifthFailureInTenMinutesIsTheLast) {
  Failures failures;
  for (int i = 0; i < 5; i++) failures.push_back(kStart + i * minutes(2));
  EXPECT_FALSE(reload_after(failures).again);
}

TEST(Reload, FailuresLongAgoAreForgotten) {
  Failures failures;
  for (int i = 0; i < 4; i++) failures.push_back(kStart + i * seconds(1));
  failures.push_back(kStart + minutes(10));
  const Reload one_is_old = reload_after(failures);
  EXPECT_TRUE(one_is_old.again);
  EXPECT_EQ(one_is_old.wait, milliseconds(1000));
  failures.push_back(kStart + minutes(30));
  EXPECT_EQ(reload_after(failures).wait, milliseconds(0));
}

}  // namespace
}  // namespace scx_pair
