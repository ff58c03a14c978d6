// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "base/result.h"
#include "base/types.h"

namespace CLI {
class App;
}

namespace scx_pair {

// What `scx_pair explore` is asked to do.
struct ExploreOptions {
  std::string model;        // of the closed ones; empty: all of them
  u32 preemptions = 1;      // the bound of the exhaustive search
  u64 executions = 20'000;  // of it, per model and number of preemptions
  u64 random = 0;           // how many seeds, instead of it
  u64 seed = 1;             // the first of them
  bool breaches_only = false;
  bool sync = false;
  bool list = false;
  std::string replay;  // "MODEL/CHOICES"
};

// Adds the subcommand to `app`. Requires: `options` outlives the parsing, and the options of the
// default command were added before.
CLI::App* add_explore_command(CLI::App& app, ExploreOptions& options);

// Explores and prints what came of it. The value is kBroken where a violation was found.
Result<ExitCode> run_explore(const ExploreOptions& options);

}  // namespace scx_pair
