// SPDX-License-Identifier: GPL-2.0-only
#include "host/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace scx_pair {
namespace {

using std::chrono::milliseconds;

TEST(StopSignals, NothingIsAskedWithoutASignal) {
  Result<StopSignals> signals = StopSignals::create();
  ASSERT_TRUE(signals.has_value());
  EXPECT_FALSE(signals->wait_for(milliseconds(0)));
  EXPECT_FALSE(signals->wait_for(milliseconds(5)));
}

TEST(StopSignals, EitherSignalAsksAndStaysAsked) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Result<StopSignals> signals = StopSignals::create();
    ASSERT_TRUE(signals.has_value());
    ASSERT_EQ(kill(getpid(), signal), 0);
    EXPECT_TRUE(signals->wait_for(milliseconds(60'000)));
    EXPECT_TRUE(signals->wait_for(milliseconds(0)));
  }
}

TEST(StopSignals, NewsEndTheWaitAndAreNoStop) {
  Result<StopSignals> signals = StopSignals::create();
  ASSERT_TRUE(signals.has_value());
  const int news = eventfd(1, EFD_CLOEXEC);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(signals->wait_for(milliseconds(60'000), news));
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(30'000));
  ASSERT_EQ(kill(getpid(), SIGINT), 0);
  EXPECT_TRUE(signals->wait_for(milliseconds(60'000), news));
  close(news);
}

TEST(StopSignals, IgnoredHangupNeitherAsksNorEndsTheProcess) {
  {
    Result<StopSignals> signals = StopSignals::create(Hangup::kIgnored);
    ASSERT_TRUE(signals.has_value());
    ASSERT_EQ(kill(getpid(), SIGHUP), 0);
    EXPECT_FALSE(signals->wait_for(milliseconds(5)));
    ASSERT_EQ(kill(getpid(), SIGHUP), 0);
  }
  SUCCEED();
}

TEST(StopSignals, HangupEndsTheProcessUnlessItIsIgnored) {
  EXPECT_EXIT(
      {
        const Result<StopSignals> signals = StopSignals::create();
        kill(getpid(), SIGHUP);
      },
      testing::KilledBySignal(SIGHUP), "");
}

TEST(StopSignals, SignalsNobodyWaitedForDoNotEndTheProcess) {
  {
    const Result<StopSignals> signals = StopSignals::create();
    ASSERT_TRUE(signals.has_value());
    ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  }
  SUCCEED();
}

TEST(StopSignals, DefaultEffectReturnsWithTheDestructor) {
  EXPECT_EXIT(
      {
        {
          const Result<StopSignals> signals = StopSignals::create();
        }
        kill(getpid(), SIGTERM);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace scx_pair
