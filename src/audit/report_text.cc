// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "audit/report.h"
#include "base/hostile_text.h"

namespace scx_pair {
namespace {

constexpr size_t kDomainsShown = 20;

std::string share_text(u64 part_ns, u64 whole_ns) {
  if (whole_ns == 0) return "-";
  return fmt::format("{:.2f} %",
                     100.0 * static_cast<double>(part_ns) / static_cast<double>(whole_ns));
}

std::string cpus_text(const std::vector<u32>& cpus) {
  return fmt::format("{}", fmt::join(cpus, ","));
}

void print_head(std::string& out, const Verdict& verdict, const ReportContext& context) {
  fmt::format_to(std::back_inserter(out), "audited {:.3f} s of {} {} under {}\n\n",
                 static_cast<double>(verdict.window_ns) / 1e9, verdict.pairs.size(),
                 verdict.pairs.size() == 1 ? "pair" : "pairs", printable(context.scheduler));
}

void print_pairs(std::string& out, const Verdict& verdict) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, "{:<6}{:<14}{:>10}{:>12}{:>12}{:>12}{:>12}{:>12}\n", "pair", "cpus", "busy",
                 "both busy", "violation", "higher", "move", "forced idle");
  for (size_t index = 0; index < verdict.pairs.size(); ++index) {
    const PairVerdict& pair = verdict.pairs[index];
    u64 busy_ns = 0;
    for (const u64 cpu_busy_ns : pair.busy_ns) busy_ns += cpu_busy_ns;
    const u64 available_ns = verdict.window_ns * pair.cpus.size();
    fmt::format_to(to, "{:<6}{:<14}{:>10}{:>12}{:>12}{:>12}{:>12}{:>12}\n", index,
                   cpus_text(pair.cpus), share_text(busy_ns, available_ns),
                   share_text(pair.both_busy_ns, verdict.window_ns),
                   duration_text(pair.overlap.violation.ns), duration_text(pair.overlap.higher.ns),
                   duration_text(pair.overlap.move.ns), duration_text(pair.forced_idle_ns));
  }
}

void print_kind(std::string& out, const char* name, const EpisodeStats& stats, u64 both_busy_ns) {
  fmt::format_to(std::back_inserter(out), "{:<30}{:>12}{:>16}{:>10}{:>12}\n", name,
                 duration_text(stats.ns), share_text(stats.ns, both_busy_ns), stats.count,
                 duration_text(stats.longest ? stats.longest->length_ns : 0));
}

void print_overlaps(std::string& out, const TotalVerdict& total) {
  auto to = std::back_inserter(out);
  const u64 both_ns = total.both_busy_ns;
  fmt::format_to(to, "\n{:<30}{:>12}{:>16}{:>10}{:>12}\n", "two domains on one pair", "time",
                 "of both busy", "episodes", "longest");
  print_kind(out, "violation (ordinary tasks)", total.overlap.violation, both_ns);
  if (total.overlap.suspended.ns > 0) {
    print_kind(out, "violation while suspended", total.overlap.suspended, both_ns);
  }
  print_kind(out, "higher (beside RT or DL)", total.overlap.higher, both_ns);
  print_kind(out, "... both of them RT or DL", total.overlap.both_higher, both_ns);
  print_kind(out, "move (moved while running)", total.overlap.move, both_ns);
  fmt::format_to(to, "{:<30}{:>12}{:>16}\n", "kernel (beside a kthread)",
                 duration_text(total.overlap.kernel_ns),
                 share_text(total.overlap.kernel_ns, both_ns));
  fmt::format_to(to, "{:<30}{:>12}{:>16}  of the CPU time\n", "forced idle",
                 duration_text(total.forced_idle_ns),
                 share_text(total.forced_idle_ns, total.cpu_ns_available));
  fmt::format_to(to, "{:<30}{:>12}{:>16}  of the CPU time\n", "idle with own domain waiting",
                 duration_text(total.missed_idle_ns),
                 share_text(total.missed_idle_ns, total.cpu_ns_available));
  fmt::format_to(to, "{:<30}{:>12}{:>16}  of the time with two tasks on cpus\n",
                 "crowded beside an idle pair", duration_text(total.crowded_ns),
                 share_text(total.crowded_ns, total.parallel_ns));
}

std::string sight_text(const TaskSight& task, const ReportContext& context) {
  return fmt::format("cpu {} {}[{}] of {}", task.cpu, printable(task.comm), task.pid,
                     domain_name(context, task.domain));
}

void print_histogram(std::string& out, const EpisodeStats& stats) {
  const u64 most = *std::ranges::max_element(stats.histogram);
  for (size_t bucket = 0; bucket < kEpisodeBuckets; ++bucket) {
    const u64 count = stats.histogram[bucket];
    if (count == 0) continue;
    const u64 stars = 1 + 40 * (count - 1) / most;
    fmt::format_to(std::back_inserter(out), "  {:>9} and more {:>8}  {}\n",
                   duration_text(u64{1} << bucket), count, std::string(stars, '*'));
  }
}

void print_episodes(std::string& out, const char* name, const EpisodeStats& stats,
                    const ReportContext& context) {
  if (!stats.longest) return;
  const Episode& longest = *stats.longest;
  fmt::format_to(std::back_inserter(out), "\nlongest {}: {} at {:.6f} s, {} beside {}\n", name,
                 duration_text(longest.length_ns), static_cast<double>(longest.at_ns) / 1e9,
                 sight_text(longest.tasks[0], context), sight_text(longest.tasks[1], context));
  print_histogram(out, stats);
}

std::string latency_text(const LatencySummary& latency) {
  if (latency.count == 0 && latency.max_ns == 0)
    return fmt::format("{:>10}{:>10}{:>10}", "-", "-", "-");
  return fmt::format("{:>10}{:>10}{:>10}", duration_text(latency.p50_ns),
                     duration_text(latency.p99_ns), duration_text(latency.max_ns));
}

void print_domains(std::string& out, const Verdict& verdict, const ReportContext& context) {
  auto to = std::back_inserter(out);
  std::vector<DomainVerdict> domains = verdict.domains;
  std::ranges::sort(domains, [](const DomainVerdict& a, const DomainVerdict& b) {
    return a.cpu_ns != b.cpu_ns ? a.cpu_ns > b.cpu_ns : a.id < b.id;
  });
  fmt::format_to(to, "\n{:<32}{:>10} |{:>10}{:>10}{:>10} |{:>10}{:>10}{:>10}\n", "domain", "CPU",
                 "wake p50", "p99", "max", "wait p50", "p99", "max");
  for (size_t index = 0; index < std::min(domains.size(), kDomainsShown); ++index) {
    const DomainVerdict& domain = domains[index];
    fmt::format_to(to, "{:<32}{:>10} |{} |{}\n", domain_name(context, domain.id),
                   duration_text(domain.cpu_ns), latency_text(domain.wake),
                   latency_text(domain.wait));
  }
  if (domains.size() > kDomainsShown) {
    fmt::format_to(to, "... and {} more\n", domains.size() - kDomainsShown);
  }
}

void print_tasks(std::string& out, const Verdict& verdict, const ReportContext& context) {
  if (verdict.tasks.empty()) return;
  auto to = std::back_inserter(out);
  fmt::format_to(to, "\n{:>8}  {:<16}{:>10}{:>14}  {}\n", "task", "name", "CPU", "longest wait",
                 "domain");
  for (const TaskVerdict& task : verdict.tasks) {
    fmt::format_to(to, "{:>8}  {:<16}{:>10}{:>14}  {}\n", task.pid, printable(task.comm),
                   duration_text(task.cpu_ns), duration_text(task.longest_wait_ns),
                   domain_name(context, task.domain));
  }
}

void print_notes(std::string& out, const Verdict& verdict, const ReportContext& context) {
  auto to = std::back_inserter(out);
  if (!verdict.sees_moves) {
    out +=
        "\nnote: this kernel does not tell when a running task changes its cgroup; such a task\n"
        "      is judged by its old domain until it is switched in again\n";
  }
  for (const std::string& note : context.notes) {
    fmt::format_to(to, "\nnote: {}\n", printable(note));
  }
  if (context.scheduler_was_first && verdict.total.overlap.violation.ns > 0) {
    out +=
        "\nnote: the scheduler was loaded before this audit, so a switch is stamped only after "
        "the\n"
        "      scheduler has acted on it; where a host can stop a virtual cpu in between, that "
        "can\n"
        "      look like an overlap. For an exact answer start the audit first, with --warmup\n";
  }
  if (verdict.lost > 0) fmt::format_to(to, "\nnote: {} records were lost\n", verdict.lost);
  if (!verdict.unjudged_cpus.empty()) {
    fmt::format_to(to, "\nnote: cpus {} are in no pair that was judged\n",
                   cpus_text(verdict.unjudged_cpus));
  }
  if (!verdict.reason.empty()) {
    fmt::format_to(to, "\nnote: {}: {}\n", ruling_name(verdict.ruling), verdict.reason);
  }
  if (context.command_status) {
    fmt::format_to(to, "\nthe command ended with status {}\n", *context.command_status);
  }
}

}  // namespace

const char* ruling_name(Ruling ruling) {
  switch (ruling) {
    case Ruling::kKept:
      return "kept";
    case Ruling::kBroken:
      return "broken";
    case Ruling::kInconclusive:
      return "inconclusive";
    case Ruling::kNothing:
      return "nothing to judge";
  }
  return "inconclusive";
}

std::string domain_name(const ReportContext& context, u64 domain) {
  if (domain == 0) return "(other)";
  const auto found = context.paths.find(domain);
  return found != context.paths.end() ? printable(found->second) : fmt::format("cgroup {}", domain);
}

std::string duration_text(u64 duration_ns) {
  const auto value = static_cast<double>(duration_ns);
  if (duration_ns < 1'000) return fmt::format("{} ns", duration_ns);
  if (duration_ns < 999'500) return fmt::format("{:.3g} us", value / 1e3);
  if (duration_ns < 999'500'000) return fmt::format("{:.3g} ms", value / 1e6);
  return fmt::format("{:.2f} s", value / 1e9);
}

std::string report_text(const Verdict& verdict, const ReportContext& context) {
  std::string out;
  print_head(out, verdict, context);
  print_pairs(out, verdict);
  print_overlaps(out, verdict.total);
  print_episodes(out, "violation", verdict.total.overlap.violation, context);
  print_episodes(out, "overlap with a higher class", verdict.total.overlap.higher, context);
  print_episodes(out, "overlap by a move", verdict.total.overlap.move, context);
  print_domains(out, verdict, context);
  print_tasks(out, verdict, context);
  print_notes(out, verdict, context);
  return out;
}

std::string verdict_line(const Verdict& verdict) {
  const TotalVerdict& total = verdict.total;
  return fmt::format(
      "verdict: {} violation_ns={} both_busy_ns={} higher_ns={} move_ns={} lost={} "
      "both_higher_ns={} suspended_violation_ns={} suspended_ns={}",
      ruling_name(verdict.ruling), total.overlap.violation.ns, total.both_busy_ns,
      total.overlap.higher.ns, total.overlap.move.ns, verdict.lost, total.overlap.both_higher.ns,
      total.overlap.suspended.ns, verdict.suspended_ns);
}

}  // namespace scx_pair
