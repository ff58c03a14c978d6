// SPDX-License-Identifier: GPL-2.0-only
//
// Runs of a scenario, judged and measured.
#pragma once

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

// One run under one scheduler. `trace` may be nullptr; its file is ended. `shares` may be nullptr;
// it gets the columns of a plot (share_plot.h). An error is one of writing the trace.
Result<RunOutcome> simulate(const Scenario& scenario, NativeObject& object, std::ostream* trace,
                            ShareHistory* shares = nullptr);

// The same scenario under the reference, with SMT and without.
Result<Baselines> simulate_baselines(const Scenario& scenario);

}  // namespace scx_pair
