// SPDX-License-Identifier: GPL-2.0-only
#include "base/result.h"

#include <gtest/gtest.h>

namespace scx_pair {
namespace {

Result<int> half_of(int number) {
  if (number % 2 != 0) return Error{ExitCode::kUsage, "odd"};
  return number / 2;
}

TEST(Result, CarriesAValue) {
  Result<int> half = half_of(4);
  ASSERT_TRUE(half.has_value());
  EXPECT_EQ(half.value(), 2);
}

TEST(Result, CarriesAnErrorWithContextAddedOnTheWayUp) {
  Result<int> half = half_of(3);
  ASSERT_FALSE(half);
  const Error error = std::move(half.error()).in("halving");
  EXPECT_EQ(error.what, "halving: odd");
  EXPECT_EQ(error.code, ExitCode::kUsage);
}

TEST(ResultDeathTest, AbortsOnTheValueOfAnError) {
  EXPECT_DEATH((void)half_of(3).value(), "check failed: value\\(\\)");
}

}  // namespace
}  // namespace scx_pair
