// SPDX-License-Identifier: GPL-2.0-only
//
// What came of a run, for a person and for a program.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/verdict.h"
#include "base/types.h"
#include "sim/cost_report.h"
#include "sim/placement_meter.h"
#include "sim/scenario.h"
#include "sim/smt_meter.h"

namespace scx_pair {

// What one run of a scenario under one scheduler gave.
struct RunOutcome {
  Verdict verdict{};
  WorkSummary work{};
  PlacementSummary placement{};
  std::map<u64, std::string> paths{};  // domain to the path of its cgroup
  u64 trace_hash = 0;
  u64 events = 0;
  u64 callbacks = 0;  // of the scheduler
  u64 switches = 0;
  u64 kicks = 0;
  u64 reloads = 0;
  u64 suspended_ns = 0;  // of the window: the kernel scheduled by itself (load, unload, bypass)
  std::optional<CostReport> costs{};  // where the scenario has costs
  std::optional<u64> stopped_ns{};    // the caller ended the run at this time of the scenario
  std::string failure{};              // why the run ended before its time; empty if it did not
};

// The same scenario with siblings in use and nobody kept apart, and with one thread a core.
struct Baselines {
  RunOutcome smt_on{};
  RunOutcome smt_off{};
};

struct RunReport {
  Scenario scenario{};
  RunOutcome outcome{};
  std::optional<Baselines> baselines{};
};

// How much of what SMT gives is kept: (ours - off) / (on - off), all in work. Nothing where SMT
// makes less than 1 % of difference, so that there is nothing to keep.
std::optional<double> benefit_kept(u64 ours, u64 on, u64 off);

// Tables, ending with the line for scripts: "verdict: kept violation_ns=0 ...".
std::string run_report_text(const RunReport& report);

// One JSON object without a newline; docs/sim-json.md.
std::string run_report_json(const RunReport& report);

}  // namespace scx_pair
