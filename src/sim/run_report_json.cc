// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "audit/report.h"
#include "base/hostile_text.h"
#include "sim/packing_bound.h"
#include "sim/run_report.h"
#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

using Json = nlohmann::ordered_json;

Json work_json(const DomainWork& work) {
  return {{"cpu_ns", work.cpu_ns}, {"work_ns", work.work_ns}};
}

Json summary_json(const RunOutcome& outcome) {
  Json out = {{"window_ns", outcome.work.window_ns},
              {"all", work_json(outcome.work.users)},
              {"kernel", work_json(outcome.work.kernel)},
              {"domains", Json::array()}};
  for (const auto& [domain, work] : outcome.work.domains) {
    const auto path = outcome.paths.find(domain);
    Json entry = {{"id", domain},
                  {"path", path == outcome.paths.end() ? Json(nullptr) : Json(path->second)}};
    entry.update(work_json(work));
    out["domains"].push_back(std::move(entry));
  }
  return out;
}

Json costs_json(const CostReport& costs) {
  Json out = {{"cpu_ns", costs.cpu_ns},
              {"callbacks", costs.callbacks},
              {"switches", costs.switches},
              {"overhead_ns", costs.overhead_ns()},
              {"callback_ns", costs.callback_ns},
              {"hold_ns", costs.hold_ns},
              {"line_ns", costs.line_ns},
              {"wait_ns", costs.wait_ns},
              {"waits", costs.waits},
              {"worst", Json::array()}};
  for (const ContendedThing& thing : costs.worst) {
    out["worst"].push_back({{"name", thing.name},
                            {"uses", thing.uses},
                            {"waits", thing.waits},
                            {"busy_ns", thing.busy_ns},
                            {"wait_ns", thing.wait_ns},
                            {"longest_ns", thing.longest_ns}});
  }
  return out;
}

Json placement_json(const PlacementSummary& placement) {
  return {{"seat_ns", placement.seat_ns},           {"forced_idle_ns", placement.forced_idle_ns},
          {"neglected_ns", placement.neglected_ns}, {"late_ns", placement.late_ns},
          {"tolerance_ns", placement.tolerance_ns}, {"spacious_ns", placement.spacious_ns},
          {"crowded_ns", placement.crowded_ns},     {"starts", placement.starts},
          {"other_core", placement.other_core},     {"other_llc", placement.other_llc},
          {"other_socket", placement.other_socket}};
}

Json outcome_json(const RunOutcome& outcome, const std::string& scheduler) {
  const ReportContext context{.scheduler = scheduler,
                              .paths = outcome.paths,
                              .command_status = {},
                              .scheduler_was_first = false,
                              .ansi = false};
  return {{"trace_hash", fmt::format("{:016x}", outcome.trace_hash)},
          {"stopped_ns", outcome.stopped_ns ? Json(*outcome.stopped_ns) : Json(nullptr)},
          {"failure", outcome.failure.empty() ? Json(nullptr) : Json(outcome.failure)},
          {"events", outcome.events},
          {"callbacks", outcome.callbacks},
          {"switches", outcome.switches},
          {"kicks", outcome.kicks},
          {"reloads", outcome.reloads},
          {"suspended_ns", outcome.suspended_ns},
          {"work", summary_json(outcome)},
          {"costs", outcome.costs ? costs_json(*outcome.costs) : Json(nullptr)},
          {"placement", placement_json(outcome.placement)},
          {"audit", Json::parse(report_json(outcome.verdict, context))}};
}

Json benefit_json(const RunReport& report) {
  const u64 ours = report.outcome.work.users.work_ns;
  const u64 on = report.baselines->smt_on.work.users.work_ns;
  const u64 off = report.baselines->smt_off.work.users.work_ns;
  const auto kept = benefit_kept(ours, on, off);
  Json out = {{"kept", kept ? Json(*kept) : Json(nullptr)}, {"published", Json::array()}};
  for (const PublishedFigure& figure : report.scenario.published) {
    out["published"].push_back({{"who", figure.who}, {"kept", figure.kept}});
  }
  out["smt_on"] = outcome_json(report.baselines->smt_on, "reference, SMT on");
  out["smt_off"] = outcome_json(report.baselines->smt_off, "reference, SMT off");
  return out;
}

}  // namespace

std::string run_report_json(const RunReport& report) {
  const Scenario& scenario = report.scenario;
  Json out = {{"scenario", scenario.name},
              {"seed", scenario.seed},
              {"kernel", kernel_version_text(scenario.kernel.version)},
              {"cpus", cpu_count(scenario.shape)},
              {"cores", pairs_of(scenario.shape).size()},
              {"duration_ns", scenario.duration_ns},
              {"warmup_ns", scenario.warmup_ns}};
  out.update(outcome_json(report.outcome, "scx_pair"));
  const auto least = least_forced_idle(scenario);
  out["least_forced_idle"] = least ? Json(*least) : Json(nullptr);
  out["benefit"] = report.baselines ? benefit_json(report) : Json(nullptr);
  return json_text(out);
}

}  // namespace scx_pair
