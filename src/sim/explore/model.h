// SPDX-License-Identifier: GPL-2.0-only
//
// What the explorer explores: a scenario small enough for every order of its events, or one that is
// made from a seed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/scenario.h"

namespace scx_pair {

struct Model {
  std::string name;
  std::string what;  // one line, for a person
  Scenario scenario;
  // Events closer in time than this happen in any order; others in the order of their times.
  u64 slack_ns = 2'000;
  // Once the scenario is over, and with it all that comes from outside, no task may wait longer
  // than this; 0: it is not looked at.
  u64 patience_ns = 0;
};

// The closed models: 2 or 3 cpus, 2 or 3 domains, a handful of tasks.
std::vector<Model> closed_models();

// The closed model of this name, or for "seed:N" the one that is made from seed N; nothing if there
// is none.
std::optional<Model> model_named(const std::string& name);

// Seeds from here on have limits, idle cgroups and all that GenerateLimits::controls adds. Those
// before are what they were when there was none of it: regression_seeds.h.
inline constexpr u64 kFirstSeedWithControls = 1'000'000;

// A scenario of up to 6 cpus with every kind of load and of fault in which the kernel asks the
// scheduler.
Model random_model(u64 seed);

}  // namespace scx_pair
