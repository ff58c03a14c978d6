// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "audit/report.h"
#include "base/hostile_text.h"
#include "sim/packing_bound.h"
#include "sim/run_report.h"
#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

constexpr size_t kDomainsShown = 20;

// Work per second of the window: 1 is what one thread does that has its core to itself.
double rate(u64 work_ns, const WorkSummary& work) {
  if (work.window_ns == 0) return 0;
  return static_cast<double>(work_ns) / static_cast<double>(work.window_ns);
}

std::string percent_text(u64 part_ns, u64 whole_ns) {
  if (whole_ns == 0) return "-";
  return fmt::format("{:.2f} %",
                     100 * static_cast<double>(part_ns) / static_cast<double>(whole_ns));
}

std::string kept_text(const std::optional<double>& kept) {
  return kept ? fmt::format("{:.0f} %", 100 * *kept) : "-";
}

std::string latency_text(const LatencySummary& latency) {
  if (latency.count == 0 && latency.max_ns == 0) {
    return fmt::format("{:>10}{:>10}{:>10}", "-", "-", "-");
  }
  return fmt::format("{:>10}{:>10}{:>10}", duration_text(latency.p50_ns),
                     duration_text(latency.p99_ns), duration_text(latency.max_ns));
}

void print_head(std::string& out, const Scenario& scenario) {
  auto to = std::back_inserter(out);
  const size_t cores = pairs_of(scenario.shape).size();
  fmt::format_to(to, "scenario {}: {} cpus in {} {}, kernel {}, {:.3f} s, seed {}\n",
                 printable(scenario.name), cpu_count(scenario.shape), cores,
                 cores == 1 ? "core" : "cores", kernel_version_text(scenario.kernel.version),
                 static_cast<double>(scenario.duration_ns) / 1e9, scenario.seed);
  if (!scenario.description.empty()) {
    fmt::format_to(to, "  {}\n", printable(scenario.description));
  }
}

void print_domains(std::string& out, const RunOutcome& outcome, const ReportContext& context) {
  auto to = std::back_inserter(out);
  std::vector<DomainVerdict> domains = outcome.verdict.domains;
  std::ranges::sort(domains, [](const DomainVerdict& a, const DomainVerdict& b) {
    return a.cpu_ns != b.cpu_ns ? a.cpu_ns > b.cpu_ns : a.id < b.id;
  });
  fmt::format_to(to, "\n{:<26}{:>10}{:>9}{:>8} |{:>10}{:>10}{:>10} |{:>10}{:>10}{:>10}\n", "domain",
                 "CPU", "share", "work/s", "wake p50", "p99", "max", "wait p50", "p99", "max");
  for (size_t i = 0; i < std::min(domains.size(), kDomainsShown); i++) {
    const DomainVerdict& domain = domains[i];
    const auto work = outcome.work.domains.find(domain.id);
    const u64 work_ns = work == outcome.work.domains.end() ? 0 : work->second.work_ns;
    fmt::format_to(
        to, "{:<26}{:>10}{:>9}{:>8.2f} |{} |{}\n", domain_name(context, domain.id),
        duration_text(domain.cpu_ns), percent_text(domain.cpu_ns, outcome.work.users.cpu_ns),
        rate(work_ns, outcome.work), latency_text(domain.wake), latency_text(domain.wait));
  }
  if (domains.size() > kDomainsShown) {
    fmt::format_to(to, "... and {} more\n", domains.size() - kDomainsShown);
  }
}

void print_cpu_time(std::string& out, const RunOutcome& outcome) {
  auto to = std::back_inserter(out);
  const TotalVerdict& total = outcome.verdict.total;
  const auto row = [&](const char* name, u64 part_ns) {
    fmt::format_to(to, "{:<30}{:>12}{:>12}\n", name, duration_text(part_ns),
                   percent_text(part_ns, total.cpu_ns_available));
  };
  fmt::format_to(to, "\n{:<30}{:>12}{:>12}\n", "of the CPU time", "time", "share");
  row("busy", total.busy_ns);
  row("forced idle", total.forced_idle_ns);
  row("idle with own domain waiting", total.missed_idle_ns);
  row("violation (ordinary tasks)", total.overlap.violation.ns);
  row("violation while suspended", total.overlap.suspended.ns);
  row("higher (beside RT or DL)", total.overlap.higher.ns);
  row("move (moved while running)", total.overlap.move.ns);
}

void print_costs(std::string& out, const CostReport& costs) {
  auto to = std::back_inserter(out);
  const auto row = [&](const char* name, u64 part_ns) {
    fmt::format_to(to, "{:<30}{:>12}{:>12}\n", name, duration_text(part_ns),
                   percent_text(part_ns, costs.cpu_ns));
  };
  fmt::format_to(to, "\n{:<30}{:>12}{:>12}\n", "the scheduler's own", "time", "share");
  row("callbacks, locks and all", costs.overhead_ns());
  row("of that: holding locks", costs.hold_ns);
  row("fetching cache lines", costs.line_ns);
  row("waiting for locks and lines", costs.wait_ns);
  if (costs.switches > 0) {
    fmt::format_to(to, "{:<30}{:>12}\n", "for each context switch",
                   duration_text(costs.overhead_ns() / costs.switches));
  }
  if (costs.worst.empty()) return;
  fmt::format_to(to, "\n{:<30}{:>12}{:>12}{:>12}{:>12}{:>12}\n", "waited for", "time", "uses",
                 "busy", "waits", "longest");
  for (const ContendedThing& thing : costs.worst) {
    fmt::format_to(to, "{:<30}{:>12}{:>12}{:>12}{:>12}{:>12}\n", printable(thing.name),
                   duration_text(thing.wait_ns), thing.uses, duration_text(thing.busy_ns),
                   thing.waits, duration_text(thing.longest_ns));
  }
}

void print_placement(std::string& out, const RunReport& report) {
  auto to = std::back_inserter(out);
  const PlacementSummary& placement = report.outcome.placement;
  const auto row = [&](const std::string& name, u64 part_ns, u64 whole_ns) {
    fmt::format_to(to, "{:<30}{:>12}{:>12}\n", name, duration_text(part_ns),
                   percent_text(part_ns, whole_ns));
  };
  fmt::format_to(to, "\n{:<30}{:>12}{:>12}\n", "of the seats", "time", "share");
  row("forced idle", placement.forced_idle_ns, placement.seat_ns);
  row("idle beside work", placement.neglected_ns, placement.seat_ns);
  row("... for over " + duration_text(placement.tolerance_ns), placement.late_ns,
      placement.seat_ns);
  row("crowded beside an idle core", placement.crowded_ns, placement.spacious_ns);
  fmt::format_to(to, "\n{:<30}{:>12}{:>12}\n", "of the starts of tasks", placement.starts, "share");
  const auto crossing = [&](const char* name, u64 part) {
    fmt::format_to(to, "{:<30}{:>12}{:>12}\n", name, part, percent_text(part, placement.starts));
  };
  crossing("on another core", placement.other_core);
  crossing("on another LLC", placement.other_llc);
  crossing("on another socket", placement.other_socket);
  const auto least = least_forced_idle(report.scenario);
  if (!least) return;
  fmt::format_to(to, "\nforced idle {} of seat time, best possible {:.2f} %\n",
                 percent_text(placement.forced_idle_ns, placement.seat_ns), 100 * *least);
}

// Work by path: the same cgroup has the same path in every run.
std::map<std::string, u64> work_by_path(const RunOutcome& outcome) {
  std::map<std::string, u64> by_path;
  for (const auto& [domain, work] : outcome.work.domains) {
    const auto path = outcome.paths.find(domain);
    if (path != outcome.paths.end()) by_path[path->second] += work.work_ns;
  }
  return by_path;
}

void print_benefit(std::string& out, const RunReport& report) {
  auto to = std::back_inserter(out);
  const RunOutcome& on = report.baselines->smt_on;
  const RunOutcome& off = report.baselines->smt_off;
  const auto row = [&](const std::string& name, u64 ours_ns, u64 on_ns, u64 off_ns) {
    fmt::format_to(to, "{:<26}{:>10.2f}{:>10.2f}{:>10.2f}{:>10}\n", name, rate(on_ns, on.work),
                   rate(off_ns, off.work), rate(ours_ns, report.outcome.work),
                   kept_text(benefit_kept(ours_ns, on_ns, off_ns)));
  };
  fmt::format_to(to, "\n{:<26}{:>10}{:>10}{:>10}{:>10}\n", "work per second", "SMT on", "SMT off",
                 "scx_pair", "kept");
  row("all", report.outcome.work.users.work_ns, on.work.users.work_ns, off.work.users.work_ns);
  std::map<std::string, u64> ours_by_path = work_by_path(report.outcome);
  std::map<std::string, u64> off_by_path = work_by_path(off);
  size_t shown = 0;
  for (const auto& [path, on_ns] : work_by_path(on)) {
    if (shown++ == kDomainsShown) break;
    row(printable(path), ours_by_path[path], on_ns, off_by_path[path]);
  }
  for (const PublishedFigure& figure : report.scenario.published) {
    fmt::format_to(to, "{:<56}{:>10}\n", "published: " + printable(figure.who),
                   kept_text(figure.kept));
  }
}

}  // namespace

std::optional<double> benefit_kept(u64 ours, u64 on, u64 off) {
  const double gain = static_cast<double>(on) - static_cast<double>(off);
  const double least = static_cast<double>(off) / 100;
  if (gain <= 0 || gain < least) return std::nullopt;
  return (static_cast<double>(ours) - static_cast<double>(off)) / gain;
}

std::string run_report_text(const RunReport& report) {
  std::string out;
  auto to = std::back_inserter(out);
  const RunOutcome& outcome = report.outcome;
  const ReportContext context{.scheduler = {},
                              .paths = outcome.paths,
                              .command_status = {},
                              .scheduler_was_first = false,
                              .ansi = false};
  print_head(out, report.scenario);
  print_domains(out, outcome, context);
  print_cpu_time(out, outcome);
  print_placement(out, report);
  if (outcome.costs) print_costs(out, *outcome.costs);
  if (report.baselines) print_benefit(out, report);
  fmt::format_to(to,
                 "\n{} events, {} callbacks, {} switches, {} kicks, {} reloads, trace {:016x}\n",
                 outcome.events, outcome.callbacks, outcome.switches, outcome.kicks,
                 outcome.reloads, outcome.trace_hash);
  if (outcome.suspended_ns > 0) {
    fmt::format_to(to,
                   "for {} the kernel scheduled by itself (load, unload, bypass), and nobody was "
                   "kept apart\n",
                   duration_text(outcome.suspended_ns));
  }
  if (outcome.stopped_ns) {
    fmt::format_to(to, "stopped by a signal after {:.3f} s of {:.3f} s, and judged up to there\n",
                   static_cast<double>(*outcome.stopped_ns) / 1e9,
                   static_cast<double>(report.scenario.duration_ns) / 1e9);
  }
  if (!outcome.verdict.reason.empty()) {
    fmt::format_to(to, "{}: {}\n", ruling_name(outcome.verdict.ruling), outcome.verdict.reason);
  }
  if (!outcome.failure.empty()) fmt::format_to(to, "failed: {}\n", printable(outcome.failure));
  fmt::format_to(to, "{}\n", verdict_line(outcome.verdict));
  return out;
}

}  // namespace scx_pair
