// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/scheduler_times.h"
#include "base/types.h"

namespace CLI {
class App;
}

namespace scx_pair {

// Which cpus are to be pairs: the hardware's siblings, or those a stride apart.
struct GroupOptions {
  bool by_stride = false;
  std::optional<u32> stride;  // nothing: half the number of cpu ids
};

// What `scx_pair` without a subcommand is asked to do.
struct RunOptions {
  GroupOptions groups;
  bool kthreads_trusted = true;
  u32 turn_max_ms = kTurnNs / 1'000'000;
  u32 turn_min_ms = kTurnMinNs / 1'000'000;
  u32 slice_us = kSliceNs / 1'000;
  std::chrono::milliseconds interval{1000};
  bool json = false;
  bool verbose = false;
  bool print_pairs = false;
};

// Adds the options of the default command, its help and its version to `app`. Both arguments must
// outlive the parsing, which checks every value and fills `options`.
void add_run_options(CLI::App& app, RunOptions& options);

// Adds -S to a command. `options` as above.
void add_group_options(CLI::App& app, GroupOptions& options);

// Lets `command`, a subcommand of `app`, refuse the options of the default command but for -S.
void exclude_run_options(CLI::App& app, CLI::App& command);

// Reads the command line. The value is the text to print instead of doing anything (--help,
// --version), empty otherwise; the error is one sentence with ExitCode::kUsage.
Result<std::string> parse_command_line(CLI::App& app, int argc, const char* const* argv);

}  // namespace scx_pair
