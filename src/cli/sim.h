// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "sim/scenario_file.h"

namespace CLI {
class App;
}

namespace scx_pair {

// What `scx_pair sim` is asked to do. Exactly one of `file` and `generated` is there.
struct SimOptions {
  std::string file;
  std::optional<u64> generated;  // the seed of a scenario that is made up
  ScenarioWishes wishes;
  bool json = false;
  bool print = false;    // the scenario, instead of running it
  bool benefit = false;  // two more runs, to say how much of SMT's benefit is kept
  std::string trace;     // a file to write; empty: none
  std::string plot;      // another
};

// Adds the subcommand to `app`. Requires: `options` outlives the parsing, and the options of the
// default command were added before.
CLI::App* add_sim_command(CLI::App& app, SimOptions& options);

// Runs the scenario in the simulated machine and prints what came of it. The value is kBroken where
// the promise was broken, the run could not be judged or did not come to its end; kOk otherwise.
Result<ExitCode> run_sim(const SimOptions& options);

}  // namespace scx_pair
