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

// When the audit of a probe that was attached at `attached_ns` starts its command, and when its
// window opens. Who was on a cpu when the probe came is taken from one look at all tasks, which can
// be wrong until a switch proves it. A warm-up, or else half a second, gives every cpu that is not
// quiet time for one; what it corrects before the window opens is no loss.
struct AuditStart {
  u64 command_ns;
  u64 window_ns;
};
AuditStart audit_start(u64 attached_ns, u64 warmup_ns);

// What a command that judges ends with.
ExitCode exit_code_of(Ruling ruling);

// Judges whatever scheduler is running and prints the report. The value is exit_code_of() the
// ruling.
Result<ExitCode> run_audit(const AuditOptions& options);

}  // namespace scx_pair
