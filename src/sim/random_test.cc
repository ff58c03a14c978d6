// SPDX-License-Identifier: GPL-2.0-only
#include "sim/random.h"

#include <gtest/gtest.h>

#include <vector>

namespace scx_pair {
namespace {

TEST(Random, TheSameSeedGivesTheSameNumbersOnEveryMachine) {
  Random random(42);
  // Written down once: a library or compiler that gives others would break every recorded seed.
  EXPECT_EQ(random.next(), 8'065'756'297'543'001'477U);
  EXPECT_EQ(random.below(1000), 495U);
  EXPECT_EQ(random.exponential(1'000'000), 379'928U);
}

TEST(Random, StreamsOfOneSeedDiffer) {
  Random first(7, 0);
  Random second(7, 1);
  int same = 0;
  for (int i = 0; i < 1000; i++) same += first.next() == second.next() ? 1 : 0;
  EXPECT_EQ(same, 0);
}

TEST(Random, ASplitSequenceDoesNotDependOnWhatItsOriginDrawsLater) {
  Random first(7);
  Random second(7);
  Random first_child = first.split();
  first.next();
  Random second_child = second.split();
  EXPECT_EQ(first_child.next(), second_child.next());
}

TEST(Random, EveryNumberOfASmallRangeIsAboutAsLikely) {
  Random random(3);
  std::vector<int> counts(10);
  for (int i = 0; i < 100'000; i++) counts[random.below(10)]++;
  for (const int count : counts) {
    EXPECT_GT(count, 9'500);
    EXPECT_LT(count, 10'500);
  }
}

TEST(Random, RangesAreClosedAndMayBeEverything) {
  Random random(3);
  EXPECT_EQ(random.between(5, 5), 5U);
  EXPECT_NE(random.between(0, ~u64{0}), random.between(0, ~u64{0}));
}

TEST(Random, ExponentialNumbersHaveTheirMeanAndTheirShape) {
  Random random(9);
  constexpr u64 kMean = 1'000'000;
  constexpr int kDraws = 100'000;
  u64 sum = 0;
  int above = 0;
  for (int i = 0; i < kDraws; i++) {
    const u64 drawn = random.exponential(kMean);
    sum += drawn;
    above += drawn > kMean ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(sum) / kDraws, 1e6, 2e4);
  // e^-1 of all are above the mean.
  EXPECT_NEAR(static_cast<double>(above) / kDraws, 0.3679, 0.01);
}

TEST(Random, AnExponentialNumberIsBounded) {
  Random random(11);
  for (int i = 0; i < 100'000; i++) EXPECT_LE(random.exponential(1000), 45'000U);
  EXPECT_EQ(random.exponential(0), 0U);
}

}  // namespace
}  // namespace scx_pair
