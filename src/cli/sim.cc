// SPDX-License-Identifier: GPL-2.0-only
#include "cli/sim.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "cli/audit.h"
#include "cli/progress.h"
#include "host/interruption.h"
#include "host/output_file.h"
#include "host/text_output.h"
#include "sim/generate.h"
#include "sim/recording.h"
#include "sim/replay.h"
#include "sim/run_report.h"
#include "sim/scenario_file.h"
#include "sim/share_plot.h"
#include "sim/simulate.h"

namespace scx_pair {
namespace {

// The text of the scenario. One that is made up, or made of a recording, goes through its text like
// any other, so that wishes are applied and checked.
Result<std::string> scenario_text(const SimOptions& options) {
  if (options.generated) return scenario_json(generate_scenario(*options.generated));
  Result<std::string> content = read_bytes(options.file);
  if (!content || !is_recording(*content)) return content;
  Result<Recording> recording = parse_recording(*content, options.file);
  if (!recording) return std::move(recording.error());
  Result<Scenario> scenario = scenario_of_recording(*recording, options.file);
  if (!scenario) return std::move(scenario.error());
  return scenario_json(*scenario);
}

Result<Scenario> load_scenario(const SimOptions& options) {
  Result<std::string> text = scenario_text(options);
  if (!text) return std::move(text.error());
  const std::string name =
      options.generated ? fmt::format("generated {}", *options.generated) : options.file;
  return parse_scenario(*text, name, options.wishes);
}

// The files that a run writes beside its report; those not asked for are not there.
struct Outputs {
  std::unique_ptr<OutputFile> trace{};
  std::unique_ptr<OutputFile> plot{};
};

Status open_output(const std::string& path, std::unique_ptr<OutputFile>& output) {
  if (path.empty()) return Done{};
  Result<std::unique_ptr<OutputFile>> created = OutputFile::create(path);
  if (!created) return std::move(created.error());
  output = std::move(*created);
  return Done{};
}

// Before anything runs, and before any of them is opened.
Result<Outputs> open_outputs(const SimOptions& options) {
  Outputs outputs;
  Status opened = open_output(options.trace, outputs.trace);
  if (opened) opened = open_output(options.plot, outputs.plot);
  if (!opened) return std::move(opened.error());
  return outputs;
}

Status commit(const std::unique_ptr<OutputFile>& output) {
  return output ? output->commit() : Done{};
}

// Tells how far a run is, and ends it when that is asked for.
GoOn watched(const Scenario& scenario, const char* what) {
  return [progress = progress_on_stderr(), what,
          duration_ns = scenario.duration_ns](u64 time_ns) mutable {
    const double whole = static_cast<double>(duration_ns) / 1e9;
    const double done = static_cast<double>(time_ns) / 1e9;
    progress.report(done / whole, fmt::format("{:.3f} s of {:.3f} s {}", done, whole, what),
                    ProgressLine::Clock::now());
    return !Interruption::asked();
  };
}

Result<RunReport> run_all(const SimOptions& options, Scenario scenario) {
  Result<Outputs> outputs = open_outputs(options);
  if (!outputs) return std::move(outputs.error());
  Result<NativeObject> object = load_contender(Contender::kScxPair);
  if (!object) return std::move(object.error());
  ShareHistory shares;
  Result<RunOutcome> outcome =
      simulate(scenario, *object,
               {.trace = outputs->trace ? &outputs->trace->stream() : nullptr,
                .shares = outputs->plot ? &shares : nullptr,
                .go_on = watched(scenario, "simulated")});
  // An error of writing has its reason in the file.
  Status written = commit(outputs->trace);
  if (!written) return std::move(written.error());
  if (!outcome) return std::move(outcome.error());
  if (outputs->plot) {
    outputs->plot->stream() << share_plot_svg(scenario, outcome->paths, shares);
    written = commit(outputs->plot);
    if (!written) return std::move(written.error());
  }
  RunReport report{.scenario = std::move(scenario), .outcome = std::move(*outcome)};
  if (options.benefit && !report.outcome.stopped_ns) {
    Result<Baselines> baselines =
        simulate_baselines(report.scenario, watched(report.scenario, "without isolation"));
    if (!baselines) return std::move(baselines.error());
    // Parts of different lengths do not compare.
    const bool whole = !baselines->smt_on.stopped_ns && !baselines->smt_off.stopped_ns;
    if (whole) report.baselines = std::move(*baselines);
  }
  return report;
}

std::string report_text(const SimOptions& options, const RunReport& report) {
  return options.json ? run_report_json(report) + "\n" : run_report_text(report);
}

}  // namespace

Result<ExitCode> run_sim(const SimOptions& options) {
  Status distinct = refuse_equal_paths({{"FILE", options.file}},
                                       {{"--trace", options.trace}, {"--plot", options.plot}});
  if (!distinct) return std::move(distinct.error());
  Result<Scenario> scenario = load_scenario(options);
  if (!scenario) return std::move(scenario.error());
  const Interruption interruption;
  TextOutput output(stdout);
  ExitCode code = ExitCode::kOk;
  if (options.print) {
    output.print(scenario_json(*scenario));
  } else {
    Result<RunReport> report = run_all(options, std::move(*scenario));
    if (!report) return std::move(report.error());
    output.print(report_text(options, *report));
    if (Interruption::asked()) fmt::print(stderr, "scx_pair: stopped by a signal\n");
    const RunOutcome& outcome = report->outcome;
    code = outcome.failure.empty() ? exit_code_of(outcome.verdict.ruling) : ExitCode::kBroken;
  }
  Status written = output.finish();
  if (!written) return std::move(written.error());
  return code;
}

}  // namespace scx_pair
