// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "sim/scenario.h"

namespace scx_pair {

// How large a generated scenario may become, and how rough.
struct GenerateLimits {
  u32 cpus = 16;   // at least 1
  u32 tasks = 40;  // alive at the start, at least 1
  u64 duration_ns = 200'000'000;
  bool faults = true;       // things that happen from outside
  bool higher = true;       // real-time and deadline tasks
  bool kthreads = true;     // kernel threads
  u32 version_least = 616;  // kernels to choose from
  // Limits and idle cgroups, deeper nesting, more tasks that give way, and the faults that change
  // these. They are added from a stream of luck of their own: without them a seed gives what it
  // gave before there were any.
  bool controls = true;
};

// A valid scenario that is a function of its seed: a machine of any shape within the limits, any
// supported kernel, cgroups of any weight and depth, every kind of task and of fault. Small ones
// are as likely as large ones, because most bugs need little.
Scenario generate_scenario(u64 seed, const GenerateLimits& limits = {});

// Adds one to four faults of random kinds. Requires: tasks and cgroups are there.
void generate_faults(Random& random, const GenerateLimits& limits, Scenario& scenario);

// Adds what GenerateLimits::controls says. Requires: tasks and cgroups are there.
void generate_controls(Random& random, const GenerateLimits& limits, Scenario& scenario);

// Some of the scenario's cgroups from index `first` on, at least one. Requires: there is one.
std::vector<u32> some_cgroups(Random& random, const Scenario& scenario, u32 first);

// A time that is anything from `least` to `most`, each order of magnitude as likely, rounded to a
// microsecond above 10 us. Requires: 0 < least <= most.
u64 random_time_ns(Random& random, u64 least, u64 most);

// A draw around such a time, of any law.
Draw random_time_draw(Random& random, u64 least, u64 most);

// One to all of the scenario's cpus, at least one of which is online; ascending.
std::vector<u32> random_cpus(Random& random, const Scenario& scenario);

}  // namespace scx_pair
