// SPDX-License-Identifier: GPL-2.0-only
#include "cli/run.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "base/hostile_text.h"
#include "cli/groups.h"
#include "cli/statistics.h"
#include "host/cgroup_paths.h"
#include "host/environment.h"
#include "host/scheduler.h"
#include "host/signals.h"

namespace scx_pair {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// With --json the standard output is for the objects alone.
std::FILE* talk(const RunOptions& options) {
  return options.json ? stderr : stdout;
}

void print_groups(const RunOptions& options, const Groups& groups) {
  if (!groups.warning.empty()) fmt::print(stderr, "scx_pair: warning: {}\n", groups.warning);
  fmt::print(talk(options), "{}", groups.topology.text());
  std::fflush(talk(options));
}

SchedulerConfig make_config(const RunOptions& options, Groups groups) {
  const u64 turn_ns = u64{options.turn_max_ms} * 1'000'000;
  return SchedulerConfig{.topology = std::move(groups.topology),
                         .hotplug_seq = groups.hotplug_seq,
                         .kthreads_trusted = options.kthreads_trusted,
                         .turn_ns = turn_ns,
                         .turn_min_ns = u64{options.turn_min_ms} * 1'000'000,
                         .slice_ns = std::min(u64{options.slice_us} * 1'000, turn_ns),
                         .verbose = options.verbose};
}

void print_statistics(const RunOptions& options, const StatisticsInterval& interval) {
  const auto now = std::chrono::system_clock::now();
  if (options.json) {
    const std::chrono::duration<double> unix_time = now.time_since_epoch();
    fmt::print("{}", statistics_json(interval, unix_time.count()));
  } else {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    fmt::print("{}",
               statistics_text(interval, fmt::format("{:%H:%M:%S}", fmt::localtime(seconds))));
  }
  std::fflush(stdout);
}

// Sleeps until it is time for the next statistics; false if the run has ended before. Every look in
// between would be a turn of this program's domain, which costs the others the whole core.
bool wait_until(steady_clock::time_point time, const Scheduler& scheduler, StopSignals& stop) {
  while (!scheduler.exited()) {
    const auto left = std::chrono::ceil<milliseconds>(time - steady_clock::now());
    if (stop.wait_for(std::max(left, milliseconds(0)), scheduler.exit_news())) return false;
    if (steady_clock::now() >= time) return true;
  }
  return false;
}

Status read_cgroups(const Scheduler& scheduler, StatisticsInterval& interval) {
  auto forced = scheduler.forced_idle();
  if (!forced) return std::move(forced.error()).in("reading who kept whom waiting");
  auto limits = scheduler.limits();
  if (!limits) return std::move(limits.error()).in("reading the limits");
  interval.forced = std::move(*forced);
  interval.limits = std::move(*limits);
  if (!interval.forced.empty() || !interval.limits.empty()) {
    add_cgroup_paths(kCgroupRoot, interval.paths);
  }
  return Done{};
}

// Prints statistics until stop is asked for or the kernel has ended the scheduler, and once more
// then, so that the last totals are never lost.
Status watch(const RunOptions& options, const Scheduler& scheduler, StopSignals& stop) {
  StatisticsInterval interval;
  steady_clock::time_point last = steady_clock::now();
  for (bool more = true; more;) {
    more = wait_until(last + options.interval, scheduler, stop);
    const steady_clock::time_point now = steady_clock::now();
    Result<SchedulerStats> stats = scheduler.stats();
    if (!stats) return std::move(stats.error()).in("reading the statistics");
    interval.before = std::exchange(interval.now, *stats);
    Status cgroups = read_cgroups(scheduler, interval);
    if (!cgroups) return cgroups;
    interval.seconds = std::chrono::duration<double>(now - last).count();
    print_statistics(options, interval);
    last = now;
  }
  return Done{};
}

Error ejected(const SchedulerExit& exit) {
  if (!exit.dump.empty()) fmt::print(stderr, "{}\n", printable_lines(exit.dump));
  return Error{ExitCode::kEjected,
               fmt::format("the kernel ended the scheduler: {}{}{} (kind {}, code {})",
                           printable(exit.reason), exit.message.empty() ? "" : ": ",
                           printable(exit.message), exit.kind, exit.code)};
}

// One life of the scheduler, from load to end. The value says whether to begin another.
Result<bool> run_once(const RunOptions& options, Groups groups, StopSignals& stop) {
  Result<Scheduler> scheduler = Scheduler::load(make_config(options, std::move(groups)));
  if (!scheduler) return std::move(scheduler.error()).in("loading the scheduler");
  fmt::print(talk(options), "scx_pair: the scheduler is loaded; Ctrl-C ends it\n");
  std::fflush(talk(options));
  Status watched = watch(options, *scheduler, stop);
  const SchedulerExit exit = scheduler->finish();
  if (!exit.by_user && !exit.restart) return ejected(exit);
  if (!watched) return std::move(watched.error());
  return exit.restart && !stop.wait_for(milliseconds(0));
}

}  // namespace

Status run_scheduler(const RunOptions& options) {
  const RunningKernel kernel = running_kernel();
  if (!options.print_pairs) {
    Status environment = check_environment(kernel);
    if (!environment) return environment;
  }
  Result<StopSignals> stop = StopSignals::create();
  if (!stop) return std::move(stop.error());
  while (true) {
    Result<Groups> groups = read_groups(options.groups, kernel.sysfs);
    if (!groups) return std::move(groups.error());
    print_groups(options, *groups);
    if (options.print_pairs) return Done{};
    Result<bool> again = run_once(options, *std::move(groups), *stop);
    if (!again) return std::move(again.error());
    if (!*again) break;
    fmt::print(talk(options), "scx_pair: cpus came or went; reading them and loading again\n");
  }
  fmt::print(talk(options), "scx_pair: the scheduler is unloaded\n");
  return Done{};
}

}  // namespace scx_pair
