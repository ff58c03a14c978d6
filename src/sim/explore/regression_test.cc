// SPDX-License-Identifier: GPL-2.0-only
//
// Random models in which the explorer once convicted the scheduler: what was wrong stays mended.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/check.h"
#include "scx_pair_native.h"
#include "scx_pair_watched_native.h"
#include "sim/explore/search.h"

namespace scx_pair {
namespace {

enum class Judged : u8 { kAll, kBreaches };

struct Found {
  u64 seed;
  Grain grain;
  Judged judged;
  const char* what;  // happened here once
};

constexpr Found kFound[] = {
    {6, Grain::kMemory, Judged::kAll,
     "a real-time task became an ordinary one where it ran, and its seat was spared for ever"},
    {41, Grain::kMemory, Judged::kAll,
     "the same, with the sibling joined to it as to a real-time task"},
    {88, Grain::kMemory, Judged::kAll,
     "a kernel thread preempted the owner, and a cpu that rested for want of work was not told"},
    {595, Grain::kMemory, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {709, Grain::kMemory, Judged::kBreaches,
     "a seat that was no longer real-time was spared by a deadline task of another domain"},
    {925, Grain::kMemory, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {326, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {595, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {925, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {1052, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {1468, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {2273, Grain::kSync, Judged::kBreaches,
     "of two higher-class tasks on three seats only the first sent the others away"},
    {2331, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {2366, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {2733, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {2873, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
};

NativeObject object_of(Grain grain) {
  auto object = NativeObject::from_bytes(grain == Grain::kMemory ? scx_pair_watched_native()
                                                                 : scx_pair_native());
  check(object.has_value(), "a native object can be loaded");
  return std::move(*object);
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
  NativeObject coarse = object_of(Grain::kSync);
  NativeObject fine = object_of(Grain::kMemory);
  FibrePool fibres;
  for (const Found& found : kFound) {
    expect_clean(found, found.grain == Grain::kMemory ? fine : coarse, fibres);
  }
}

}  // namespace
}  // namespace scx_pair
