// SPDX-License-Identifier: GPL-2.0-only
//
// Random models in which the explorer once convicted the scheduler: what was wrong stays mended.
#include <gtest/gtest.h>

#include <cstddef>
#include <iterator>
#include <string>

#include "scx_pair_native.h"
#include "scx_pair_watched_native.h"
#include "sim/explore/regression_seeds.h"
#include "sim/explore/search.h"
#include "sim/native_object_test_support.h"
#include "sim/patience_test_support.h"

namespace scx_pair {
namespace {

// A case for each index of kFoundOnce, so that they can be run at the same time.
class Regression : public testing::TestWithParam<size_t> {};

// In the order in which things happen by themselves, and in one at random.
TEST_P(Regression, StaysMended) {
  const Found& found = kFoundOnce[GetParam()];
  NativeObject object =
      object_of(found.grain == Grain::kMemory ? scx_pair_watched_native() : scx_pair_native());
  FibrePool fibres;
  const ExecutionLimits limits{.grain = found.grain, .conserving = found.judged == Judged::kAll};
  const Model model = random_model(found.seed);
  Replayer plain({});
  const Executed by_itself = execute(model, object, fibres, plain, limits);
  EXPECT_FALSE(by_itself.violation) << by_itself.violation->what << "; once, " << found.what;
  const Executed at_random = search_once(model, object, fibres, limits, found.seed);
  EXPECT_FALSE(at_random.violation) << at_random.violation->what << "; once, " << found.what;
}

std::string name_of_case(const testing::TestParamInfo<size_t>& info) {
  const Found& found = kFoundOnce[info.param];
  return std::to_string(found.seed) + (found.grain == Grain::kMemory ? "Fine" : "Coarse");
}

INSTANTIATE_TEST_SUITE_P(Seed, Regression,
                         testing::Range<size_t>(0, runs_of(std::size(kFoundOnce))), name_of_case);

}  // namespace
}  // namespace scx_pair
