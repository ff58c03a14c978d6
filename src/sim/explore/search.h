// SPDX-License-Identifier: GPL-2.0-only
//
// Two ways through the executions of a model: all of them up to a bound, and many at random.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sim/explore/execution.h"

namespace scx_pair {

struct Bound {
  // How often, in one execution, an activity may be left although it could go on.
  u32 preemptions = 2;
  // More executions than this are not tried, per number of preemptions.
  u64 executions = 1'000'000;
  // Asked before each execution, if it is there: the search ends incomplete where it says no.
  std::function<bool()> go_on{};
};

struct SearchReport {
  std::optional<Violation> violation;
  Deviations deviations;  // that lead to it
  u64 executions = 0;
  u64 states = 0;         // different ones, at decisions
  u64 transitions = 0;    // decisions taken, those on the way to a new state not counted again
  u64 depth = 0;          // decisions of the longest execution
  u64 merged = 0;         // executions that ended in a state that was known
  u64 left_out = 0;       // options not taken because they were one preemption too many
  bool complete = false;  // all executions within the bound were covered
};

// Every execution with up to so many preemptions: those with none, then those with one, and so on,
// so that the first violation is one of the simplest. Requires: the model's draws are fixed.
SearchReport search_all(const Model& model, NativeObject& object, const ExecutionLimits& limits,
                        const Bound& bound);

// One execution at random, a function of the seed. Every third is a random walk; the others keep
// to priorities of cpus that change at up to `changes` points: Burckhardt et al., A Randomized
// Scheduler with Probabilistic Guarantees of Finding Bugs, 2010.
Executed search_once(const Model& model, NativeObject& object, FibrePool& fibres,
                     const ExecutionLimits& limits, u64 seed, u32 changes = 4);

// The fewest deviations that still lead to a violation of the same oracle: delta debugging, until
// none can be left out, or the executions tried came to so many callbacks. Requires: these do.
inline constexpr u64 kShrinkCallbacks = 300'000;
Deviations shrink(const Model& model, NativeObject& object, const ExecutionLimits& limits,
                  const Deviations& deviations, Oracle oracle);

}  // namespace scx_pair
