// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "scx_pair_native.h"
#include "sim/fairness_judges.h"
#include "sim/liveness_judges.h"
#include "sim/restricted_judges.h"

namespace scx_pair {
namespace {

class Fairness : public testing::TestWithParam<FairnessJudge> {};

TEST_P(Fairness, IsKept) {
  auto object = NativeObject::from_bytes(scx_pair_native());
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(GetParam().judge(*object).value_or(""), "");
}

INSTANTIATE_TEST_SUITE_P(Every, Fairness, testing::ValuesIn(fairness_judges()),
                         [](const auto& judged) { return judged.param.name; });

INSTANTIATE_TEST_SUITE_P(Liveness, Fairness, testing::ValuesIn(liveness_judges()),
                         [](const auto& judged) { return judged.param.name; });

INSTANTIATE_TEST_SUITE_P(Restricted, Fairness, testing::ValuesIn(restricted_judges()),
                         [](const auto& judged) { return judged.param.name; });

}  // namespace
}  // namespace scx_pair
