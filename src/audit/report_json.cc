// SPDX-License-Identifier: GPL-2.0-only
#include <nlohmann/json.hpp>

#include "audit/report.h"
#include "base/hostile_text.h"

namespace scx_pair {
namespace {

using Json = nlohmann::ordered_json;

u64 longest_ns(const EpisodeStats& stats) {
  return stats.longest ? stats.longest->length_ns : 0;
}

void put_episodes(Json& out, const std::string& name, const EpisodeStats& stats) {
  out[name + "_ns"] = stats.ns;
  out[name + "_count"] = stats.count;
  out[name + "_longest_ns"] = longest_ns(stats);
  out[name + "_histogram"] = stats.histogram;
}

void put_overlap(Json& out, const OverlapStats& overlap) {
  put_episodes(out, "violation", overlap.violation);
  put_episodes(out, "suspended_violation", overlap.suspended);
  put_episodes(out, "higher", overlap.higher);
  put_episodes(out, "both_higher", overlap.both_higher);
  put_episodes(out, "move", overlap.move);
  out["kernel_ns"] = overlap.kernel_ns;
}

Json total_json(const TotalVerdict& total) {
  Json out;
  out["cpu_ns_available"] = total.cpu_ns_available;
  out["busy_ns"] = total.busy_ns;
  out["both_busy_ns"] = total.both_busy_ns;
  out["company_ns"] = total.company_ns;
  out["turns"] = total.turns;
  put_overlap(out, total.overlap);
  out["forced_idle_ns"] = total.forced_idle_ns;
  out["missed_idle_ns"] = total.missed_idle_ns;
  out["kernel_cpu_ns"] = total.kernel_cpu_ns;
  out["crowded_ns"] = total.crowded_ns;
  out["parallel_ns"] = total.parallel_ns;
  return out;
}

Json pair_json(const PairVerdict& pair, u64 window_ns) {
  Json out;
  u64 busy_ns = 0;
  for (const u64 cpu_busy_ns : pair.busy_ns) busy_ns += cpu_busy_ns;
  out["cpus"] = pair.cpus;
  out["cpu_ns_available"] = window_ns * pair.cpus.size();
  out["busy_ns"] = busy_ns;
  out["cpu_busy_ns"] = pair.busy_ns;
  out["both_busy_ns"] = pair.both_busy_ns;
  out["company_ns"] = pair.company_ns;
  out["turns"] = pair.turns;
  put_overlap(out, pair.overlap);
  out["forced_idle_ns"] = pair.forced_idle_ns;
  out["missed_idle_ns"] = pair.missed_idle_ns;
  return out;
}

Json latency_json(const LatencySummary& latency) {
  return {{"count", latency.count},
          {"p50_ns", latency.p50_ns},
          {"p99_ns", latency.p99_ns},
          {"max_ns", latency.max_ns}};
}

// A name of a cgroup or a task is any bytes; JSON is UTF-8. The bytes that are not are replaced
// when the object is printed.
Json path_json(const ReportContext& context, u64 domain) {
  const auto found = context.paths.find(domain);
  return found != context.paths.end() ? Json(found->second) : Json(nullptr);
}

Json longest_json(const EpisodeStats& stats, const ReportContext& context) {
  if (!stats.longest) return nullptr;
  Json out = {{"at_ns", stats.longest->at_ns}, {"length_ns", stats.longest->length_ns}};
  out["cpus"] = {stats.longest->tasks[0].cpu, stats.longest->tasks[1].cpu};
  for (const TaskSight& task : stats.longest->tasks) {
    out["tasks"].push_back({{"pid", task.pid},
                            {"comm", task.comm},
                            {"domain", task.domain},
                            {"path", path_json(context, task.domain)},
                            {"cpu", task.cpu}});
  }
  return out;
}

Json domains_json(const Verdict& verdict, const ReportContext& context) {
  Json out = Json::array();
  for (const DomainVerdict& domain : verdict.domains) {
    out.push_back({{"id", domain.id},
                   {"path", path_json(context, domain.id)},
                   {"cpu_ns", domain.cpu_ns},
                   {"turns", domain.turns},
                   {"wake", latency_json(domain.wake)},
                   {"wait", latency_json(domain.wait)}});
  }
  return out;
}

Json tasks_json(const Verdict& verdict, const ReportContext& context) {
  Json out = Json::array();
  for (const TaskVerdict& task : verdict.tasks) {
    out.push_back({{"pid", task.pid},
                   {"comm", task.comm},
                   {"domain", task.domain},
                   {"path", path_json(context, task.domain)},
                   {"cpu_ns", task.cpu_ns},
                   {"longest_wait_ns", task.longest_wait_ns}});
  }
  return out;
}

}  // namespace

std::string report_json(const Verdict& verdict, const ReportContext& context) {
  Json out;
  out["verdict"] = ruling_name(verdict.ruling);
  out["reason"] = verdict.reason.empty() ? Json(nullptr) : Json(verdict.reason);
  out["seconds"] = static_cast<double>(verdict.window_ns) / 1e9;
  out["scheduler"] = context.scheduler;
  out["scheduler_was_first"] = context.scheduler_was_first;
  out["lost"] = verdict.lost;
  out["sees_moves"] = verdict.sees_moves;
  out["notes"] = context.notes;
  out["suspended_ns"] = verdict.suspended_ns;
  out["unjudged_cpus"] = verdict.unjudged_cpus;
  out["command_status"] = context.command_status ? Json(*context.command_status) : Json(nullptr);
  out["total"] = total_json(verdict.total);
  out["pairs"] = Json::array();
  for (const PairVerdict& pair : verdict.pairs) {
    out["pairs"].push_back(pair_json(pair, verdict.window_ns));
  }
  out["domains"] = domains_json(verdict, context);
  out["longest"] = longest_json(verdict.total.overlap.violation, context);
  out["longest_higher"] = longest_json(verdict.total.overlap.higher, context);
  out["longest_move"] = longest_json(verdict.total.overlap.move, context);
  out["tasks"] = tasks_json(verdict, context);
  return json_text(out);
}

}  // namespace scx_pair
