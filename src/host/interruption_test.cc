// SPDX-License-Identifier: GPL-2.0-only
#include "host/interruption.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace scx_pair {
namespace {

TEST(Interruption, EachSignalThatEndsAProcessAsksInstead) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Interruption interruption;
    EXPECT_FALSE(Interruption::asked());
    ASSERT_EQ(raise(signal), 0);
    EXPECT_TRUE(Interruption::asked());
  }
}

TEST(Interruption, WhatWasIgnoredStaysIgnored) {
  struct sigaction before{};
  struct sigaction ignored{};
  ignored.sa_handler = SIG_IGN;
  ASSERT_EQ(sigaction(SIGHUP, &ignored, &before), 0);
  {
    const Interruption interruption;
    ASSERT_EQ(raise(SIGHUP), 0);
    EXPECT_FALSE(Interruption::asked());
  }
  sigaction(SIGHUP, &before, nullptr);
}

TEST(Interruption, AReaderThatHasGoneIsAnErrorOfWriting) {
  const Interruption interruption;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
}

TEST(Interruption, DefaultEffectReturnsWithTheDestructor) {
  EXPECT_EXIT(
      {
        {
          const Interruption interruption;
        }
        raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace scx_pair
