// SPDX-License-Identifier: GPL-2.0-only
#include "cli/sim.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

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

// Opens a file for writing, before anything runs; an empty path is none.
Status open_output(std::ofstream& file, const std::string& path) {
  if (path.empty()) return Done{};
  file.open(path);
  if (file) return Done{};
  return Error{ExitCode::kUsage, fmt::format("{}: {}", path, std::strerror(errno))};
}

Result<RunReport> run_all(const SimOptions& options, Scenario scenario) {
  std::ofstream trace;
  std::ofstream plot;
  Status opened = open_output(trace, options.trace);
  if (opened) opened = open_output(plot, options.plot);
  if (!opened) return std::move(opened.error());
  Result<NativeObject> object = load_contender(Contender::kScxPair);
  if (!object) return std::move(object.error());
  ShareHistory shares;
  Result<RunOutcome> outcome = simulate(scenario, *object, options.trace.empty() ? nullptr : &trace,
                                        options.plot.empty() ? nullptr : &shares);
  if (!outcome) return std::move(outcome.error()).in(options.trace);
  if (!options.plot.empty()) {
    plot << share_plot_svg(scenario, outcome->paths, shares) << std::flush;
    if (!plot) return Error{ExitCode::kInternal, options.plot + ": the plot cannot be written"};
  }
  RunReport report{.scenario = std::move(scenario), .outcome = std::move(*outcome)};
  if (options.benefit) {
    Result<Baselines> baselines = simulate_baselines(report.scenario);
    if (!baselines) return std::move(baselines.error());
    report.baselines = std::move(*baselines);
  }
  return report;
}

}  // namespace

Result<ExitCode> run_sim(const SimOptions& options) {
  Result<Scenario> scenario = load_scenario(options);
  if (!scenario) return std::move(scenario.error());
  if (options.print) {
    fmt::print("{}", scenario_json(*scenario));
    return ExitCode::kOk;
  }
  Result<RunReport> report = run_all(options, std::move(*scenario));
  if (!report) return std::move(report.error());
  fmt::print("{}", options.json ? run_report_json(*report) + "\n" : run_report_text(*report));
  if (std::fflush(stdout) != 0) return Error{ExitCode::kInternal, "the report cannot be written"};
  const RunOutcome& outcome = report->outcome;
  const bool kept = outcome.verdict.ruling == Ruling::kKept && outcome.failure.empty();
  return kept ? ExitCode::kOk : ExitCode::kBroken;
}

}  // namespace scx_pair
