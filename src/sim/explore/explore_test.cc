// SPDX-License-Identifier: GPL-2.0-only
//
// The explorer convicts what it should, and the scheduler passes.
#include <gtest/gtest.h>

#include <cstddef>
#include <new>
#include <span>
#include <string>

#include "base/time_units.h"
#include "planted_arrival_missed_native.h"
#include "planted_claim_kept_native.h"
#include "planted_early_release_native.h"
#include "planted_endless_turn_native.h"
#include "planted_sibling_left_native.h"
#include "planted_task_dropped_native.h"
#include "planted_waiter_forgotten_native.h"
#include "scx_pair_native.h"
#include "scx_pair_unowned_native.h"
#include "scx_pair_watched_native.h"
#include "sim/explore/search.h"
#include "sim/explore/timeline.h"
#include "sim/native_object_test_support.h"
#include "sim/patience_test_support.h"

namespace scx_pair {
namespace {

SearchReport search(const char* model, NativeObject& object, const Bound& bound) {
  return search_all(*model_named(model), object, {}, bound);
}

// The scheduler as it is passes; with the defect the violation is found, shrunk, and happens again
// from its choices.
void expect_convicted(std::span<const std::byte> library, const char* model_name, Oracle oracle,
                      const Bound& bound) {
  const Model model = *model_named(model_name);
  NativeObject sound = object_of(scx_pair_native());
  const SearchReport acquitted = search_all(model, sound, {}, {bound.preemptions, 1'000});
  EXPECT_FALSE(acquitted.violation) << acquitted.violation->what;
  NativeObject object = object_of(library);
  const SearchReport report = search_all(model, object, {}, bound);
  ASSERT_TRUE(report.violation) << "not convicted in " << report.executions << " executions";
  EXPECT_EQ(name_of(report.violation->oracle), std::string(name_of(oracle)))
      << report.violation->what;
  const Deviations shortest = shrink(model, object, {}, report.deviations, oracle);
  EXPECT_LE(shortest.size(), report.deviations.size());
  FibrePool fibres;
  Replayer replayer(shortest);
  const Executed again = execute(model, object, fibres, replayer, {});
  ASSERT_TRUE(again.violation);
  EXPECT_EQ(again.violation->oracle, oracle);
}

TEST(Explorer, ConvictsASchedulerThatIgnoresWhoHoldsThePair) {
  expect_convicted(scx_pair_unowned_native(), "wake", Oracle::kIsolation, {1, 20'000});
}

TEST(Explorer, ConvictsASeatThatIsReleasedBeforeItsCpuHasLeftIt) {
  expect_convicted(planted_early_release_native(), "renice", Oracle::kIsolation, {1, 20'000});
}

TEST(Explorer, ConvictsAWaiterThatIsForgotten) {
  expect_convicted(planted_waiter_forgotten_native(), "wake", Oracle::kLostWakeup, {0, 10});
}

// Whoever waits in a cgroup with a limit may have used it up; a limit elsewhere, or one that the
// machine cannot reach, is no excuse.
TEST(Explorer, ExcusesAWaiterOnlyForALimitThatItIsUnder) {
  NativeObject object = object_of(planted_waiter_forgotten_native());
  const auto is_convicted = [&object](const auto& limit) {
    Model model = *model_named("wake");
    limit(model.scenario.cgroups);
    return search_all(model, object, {}, {0, 10}).violation.has_value();
  };
  const auto limit_all = [](u64 quota_ns) {
    return [quota_ns](std::vector<CgroupSpec>& cgroups) {
      for (size_t i = 1; i < cgroups.size(); i++) cgroups[i].quota_ns = quota_ns;
    };
  };
  EXPECT_FALSE(is_convicted(limit_all(50 * kMs)));
  EXPECT_TRUE(is_convicted(limit_all(800 * kMs)));
  EXPECT_TRUE(is_convicted([](std::vector<CgroupSpec>& cgroups) {
    cgroups.push_back({.path = "/other", .parent = 0, .quota_ns = 50 * kMs});
  }));
}

TEST(Explorer, ConvictsARestThatMissesAnArrival) {
  expect_convicted(planted_arrival_missed_native(), "arrival", Oracle::kIdleSibling, {1, 20'000});
}

TEST(Explorer, ConvictsASiblingThatIsLeftIdle) {
  expect_convicted(planted_sibling_left_native(), "spread", Oracle::kIdleSibling, {1, 20'000});
}

TEST(Explorer, ConvictsAQueueThatLosesTasks) {
  expect_convicted(planted_task_dropped_native(), "wake", Oracle::kLostTask, {0, 10});
}

TEST(Explorer, ConvictsAClaimThatIsNotGivenBack) {
  expect_convicted(planted_claim_kept_native(), "wake", Oracle::kBooks, {1, 20'000});
}

TEST(Explorer, ConvictsATurnThatNeverEnds) {
  expect_convicted(planted_endless_turn_native(), "slice", Oracle::kStarvation, {0, 10});
}

TEST(Explorer, DoesTheSameTwiceFromOneSeed) {
  NativeObject object = object_of(scx_pair_watched_native());
  FibrePool fibres;
  const ExecutionLimits limits{.grain = Grain::kMemory};
  for (u64 seed = 1; seed <= runs_of(20); seed++) {
    const Model model = random_model(seed);
    const Executed once = search_once(model, object, fibres, limits, seed);
    const Executed twice = search_once(model, object, fibres, limits, seed);
    EXPECT_EQ(once.trace_hash, twice.trace_hash) << "seed " << seed;
    EXPECT_EQ(once.accesses, twice.accesses) << "seed " << seed;
    // And from its choices alone.
    Replayer replayer(once.deviations);
    const Executed replayed = execute(model, object, fibres, replayer, limits);
    EXPECT_EQ(once.trace_hash, replayed.trace_hash) << "seed " << seed;
  }
}

TEST(Explorer, FindsNothingInAnyOrderOfTheSmallModels) {
  NativeObject object = object_of(scx_pair_native());
  for (const Model& model : closed_models()) {
    const SearchReport report = search_all(model, object, {}, {1, runs_of(1'000)});
    EXPECT_FALSE(report.violation) << model.name << ": " << report.violation->what << " --replay "
                                   << model.name << "/" << text_of(report.deviations);
  }
  const SearchReport whole = search("wake", object, {1, 20'000});
  EXPECT_TRUE(whole.complete);
  EXPECT_GT(whole.states, 5'000U);
}

TEST(Explorer, FindsNothingAtRandom) {
  NativeObject object = object_of(scx_pair_watched_native());
  FibrePool fibres;
  constexpr u64 kSeeds = runs_of(100);
  const ExecutionLimits limits{.grain = Grain::kMemory};
  for (u64 seed = 1; seed <= kSeeds; seed++) {
    const Executed executed = search_once(random_model(seed), object, fibres, limits, seed);
    EXPECT_FALSE(executed.violation)
        << "seed " << seed << ": " << name_of(executed.violation->oracle) << ": "
        << executed.violation->what;
  }
}

TEST(Explorer, FindsNothingAtRandomAmongLimitsAndIdleCgroups) {
  NativeObject object = object_of(scx_pair_watched_native());
  FibrePool fibres;
  constexpr u64 kEnd = kFirstSeedWithControls + runs_of(100);
  const ExecutionLimits limits{.grain = Grain::kMemory};
  for (u64 seed = kFirstSeedWithControls; seed < kEnd; seed++) {
    const Executed executed = search_once(random_model(seed), object, fibres, limits, seed);
    EXPECT_FALSE(executed.violation)
        << "seed " << seed << ": " << name_of(executed.violation->oracle) << ": "
        << executed.violation->what;
  }
}

TEST(Explorer, TellsWhatHappenedInColumns) {
  NativeObject object = object_of(scx_pair_native());
  const Model model = *model_named("wake");
  FibrePool fibres;
  Replayer replayer({});
  Timeline timeline(model.scenario);
  const Executed executed = execute(model, object, fibres, replayer, {}, &timeline);
  EXPECT_FALSE(executed.violation);
  const std::string text = timeline.text();
  EXPECT_NE(text.find("| cpu 0 "), std::string::npos);
  EXPECT_NE(text.find("SWITCH to red["), std::string::npos);
  EXPECT_NE(text.find("dispatch()"), std::string::npos);
}

TEST(Choices, AreWrittenAndReadBack) {
  const Deviations deviations = {{3, 1}, {17, 2}};
  EXPECT_EQ(text_of(deviations), "3.1,17.2");
  EXPECT_EQ(*parse_deviations("3.1,17.2"), deviations);
  EXPECT_TRUE(parse_deviations("-")->empty());
  for (const char* wrong : {"", "3", "3.", "3.1,", "a.1", "3.1 "}) {
    EXPECT_FALSE(parse_deviations(wrong)) << wrong;
  }
}

TEST(Fibre, GoesOnWhereItPaused) {
  Fibre fibre;
  std::string said;
  for (int round = 0; round < 2; round++) {
    fibre.start([&] {
      said += "a";
      fibre.pause();
      said += "c";
    });
    said += "b";
    EXPECT_TRUE(fibre.busy());
    fibre.resume();
    EXPECT_FALSE(fibre.busy());
  }
  EXPECT_EQ(said, "abcabc");
}

TEST(Fibre, WhatItsBodyThrowsReachesWhoeverResumedIt) {
  Fibre fibre;
  fibre.start([&fibre] {
    fibre.pause();
    throw std::bad_alloc();
  });
  EXPECT_THROW(fibre.resume(), std::bad_alloc);
  EXPECT_FALSE(fibre.busy());
  bool again = false;
  fibre.start([&again] { again = true; });
  EXPECT_TRUE(again);
}

TEST(Fibre, MayBeAbandoned) {
  Fibre fibre;
  int done = 0;
  fibre.start([&] {
    fibre.pause();
    done++;
  });
  fibre.abandon();
  fibre.start([&] { done += 10; });
  EXPECT_EQ(done, 10);
}

}  // namespace
}  // namespace scx_pair
