// SPDX-License-Identifier: GPL-2.0-only
//
// Runs of a scenario, judged and measured.
#pragma once

#include <functional>
#include <ostream>

#include "base/result.h"
#include "sim/chrome_trace.h"
#include "sim/native_object.h"
#include "sim/run_report.h"
#include "sim/scenario.h"
#include "sim/share_meter.h"

namespace scx_pair {

// Who schedules.
enum class Contender : u8 {
  kScxPair,
  kReference,  // keeps nobody apart: reference/reference.bpf.c
};

Result<NativeObject> load_contender(Contender contender);

// Whether a run that has come to this time of its scenario is to go on. Asked again and again.
using GoOn = std::function<bool(u64 time_ns)>;

// What a caller wants of a run besides its outcome. Nothing has to be there.
struct RunWishes {
  std::ostream* trace = nullptr;   // gets a trace, which is ended whenever the run ends
  ShareHistory* shares = nullptr;  // gets the columns of a plot (share_plot.h)
  GoOn go_on{};
};

// One run under one scheduler. An error is one of writing the trace.
Result<RunOutcome> simulate(const Scenario& scenario, NativeObject& object,
                            const RunWishes& wishes = {});

// The same scenario under the reference, with SMT and without.
Result<Baselines> simulate_baselines(const Scenario& scenario, const GoOn& go_on = {});

}  // namespace scx_pair
