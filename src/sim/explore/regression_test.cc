// SPDX-License-Identifier: GPL-2.0-only
//
// Random models in which the explorer once convicted the scheduler: what was wrong stays mended.
#include <gtest/gtest.h>

#include <iterator>
#include <span>
#include <string>

#include "scx_pair_native.h"
#include "scx_pair_watched_native.h"
#include "sim/explore/regression_seeds.h"
#include "sim/explore/search.h"
#include "sim/native_object_test_support.h"
#include "sim/patience_test_support.h"

namespace scx_pair {
namespace {

NativeObject object_for(Grain grain) {
  return object_of(grain == Grain::kMemory ? scx_pair_watched_native() : scx_pair_native());
}

// The order in which things happen by themselves, and one at random.
void expect_clean(const Found& found, NativeObject& object, FibrePool& fibres) {
  const ExecutionLimits limits{.grain = found.grain, .conserving = found.judged == Judged::kAll};
  const Model model = random_model(found.seed);
  Replayer plain({});
  const Executed by_itself = execute(model, object, fibres, plain, limits);
  EXPECT_FALSE(by_itself.violation)
      << found.seed << ": " << by_itself.violation->what << "; once, " << found.what;
  const Executed at_random = search_once(model, object, fibres, limits, found.seed);
  EXPECT_FALSE(at_random.violation)
      << found.seed << ": " << at_random.violation->what << "; once, " << found.what;
}

TEST(Regression, WhatWasFoundStaysMended) {
  NativeObject coarse = object_for(Grain::kSync);
  NativeObject fine = object_for(Grain::kMemory);
  FibrePool fibres;
  for (const Found& found : std::span(kFoundOnce).first(runs_of(std::size(kFoundOnce)))) {
    expect_clean(found, found.grain == Grain::kMemory ? fine : coarse, fibres);
  }
}

}  // namespace
}  // namespace scx_pair
