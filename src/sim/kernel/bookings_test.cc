// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/bookings.h"

#include <gtest/gtest.h>

namespace scx_pair {
namespace {

TEST(Bookings, WhatIsFreeIsHadAtOnce) {
  Bookings bookings;
  EXPECT_EQ(bookings.book(1000, 100), 1000U);
  EXPECT_EQ(bookings.book(1100, 100), 1100U);
}

TEST(Bookings, TheSecondOfOneInstantWaitsForTheFirst) {
  Bookings bookings;
  EXPECT_EQ(bookings.book(1000, 100), 1000U);
  EXPECT_EQ(bookings.book(1000, 100), 1100U);
  EXPECT_EQ(bookings.book(1000, 100), 1200U);
}

TEST(Bookings, WhoIsEarlierGetsTheGapBeforeALaterStretch) {
  Bookings bookings;
  bookings.book(5000, 100);
  EXPECT_EQ(bookings.book(1000, 100), 1000U);
  EXPECT_EQ(bookings.book(4900, 100), 4900U);
}

TEST(Bookings, AGapThatIsTooShortIsPassedOver) {
  Bookings bookings;
  bookings.book(1000, 100);
  bookings.book(1350, 100);
  EXPECT_EQ(bookings.book(1050, 300), 1450U);
}

TEST(Bookings, AStretchThatLastsLongerTakesWhatComesAfterIt) {
  Bookings bookings;
  bookings.book(1000, 100);
  bookings.cover(1100, 1700, 100);
  EXPECT_EQ(bookings.book(1000, 100), 1700U);
}

TEST(Bookings, WhatIsOverIsForgotten) {
  Bookings bookings;
  bookings.book(1000, 100);
  bookings.book(3000, 100);
  bookings.forget_before(2000);
  EXPECT_EQ(bookings.book(1000, 100), 1000U);
  EXPECT_EQ(bookings.book(3000, 100), 3100U);
}

}  // namespace
}  // namespace scx_pair
