// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "audit/verdict.h"
#include "base/result.h"
#include "base/types.h"
#include "cli/options.h"

namespace CLI {
class App;
}

namespace scx_pair {

// What `scx_pair audit` is asked to do.
struct AuditOptions {
  GroupOptions groups;
  double seconds = 0;  // 0: ten seconds, or as long as the command runs
  double warmup = 0;
  bool json = false;
  double timeline_ms = 0;  // 0: none
  u32 timeline_pair = 0;
  u32 columns = 0;  // 0: as wide as the terminal
  s32 tasks = 0;
  double move_bound_ms = 10;
  double higher_bound_ms = 100;
  std::string record;  // a file to write what was seen to; empty: none
  std::vector<std::string> command;
};

// Adds the subcommand to `app`. Requires: `options` outlives the parsing, and the options of the
// default command were added before.
CLI::App* add_audit_command(CLI::App& app, AuditOptions& options);

// What a command that judges ends with.
ExitCode exit_code_of(Ruling ruling);

// Judges whatever scheduler is running and prints the report. The value is exit_code_of() the
// ruling.
Result<ExitCode> run_audit(const AuditOptions& options);

}  // namespace scx_pair
