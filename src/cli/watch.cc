// SPDX-License-Identifier: GPL-2.0-only
#include "cli/watch.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <utility>

#include "cli/statistics.h"
#include "host/cgroup_paths.h"

namespace scx_pair {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string interval_text(const RunOptions& options, const StatisticsInterval& interval) {
  const auto now = std::chrono::system_clock::now();
  if (options.json) {
    const std::chrono::duration<double> unix_time = now.time_since_epoch();
    return statistics_json(interval, unix_time.count());
  }
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  return statistics_text(interval, fmt::format("{:%H:%M:%S}", fmt::localtime(seconds)));
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

Status read_interval(const Scheduler& scheduler, StatisticsInterval& interval) {
  Result<SchedulerStats> stats = scheduler.stats();
  if (!stats) return std::move(stats.error()).in("the counters");
  auto forced = scheduler.forced_idle();
  if (!forced) return std::move(forced.error()).in("who kept whom waiting");
  auto limits = scheduler.limits();
  if (!limits) return std::move(limits.error()).in("the limits");
  interval.before = std::exchange(interval.now, *stats);
  interval.forced = std::move(*forced);
  interval.limits = std::move(*limits);
  return Done{};
}

// Warns once, of the first trouble with cookies.
class CookieLook {
 public:
  explicit CookieLook(const Run& run) : run_(run) {}

  void look(steady_clock::time_point now) {
    if (warned_ || now < next_) return;
    next_ = now + kBetweenLooks;
    const std::string warning = cookie_warning(run_.kernel);
    warned_ = !warning.empty();
    if (warned_) run_.output.warn(warning);
  }

 private:
  static constexpr std::chrono::minutes kBetweenLooks{1};

  const Run& run_;
  bool warned_ = false;
  steady_clock::time_point next_;
};

}  // namespace

std::optional<StatisticsInterval> watch(const Run& run, const Scheduler& scheduler,
                                        std::optional<Urgency>& urgency) {
  StatisticsInterval interval;
  CookieLook cookies(run);
  steady_clock::time_point last = steady_clock::now();
  steady_clock::time_point next = last;
  while (true) {
    next = std::max(next, steady_clock::now()) + run.options.interval;
    const bool more = wait_until(next, scheduler, run.stop);
    if (scheduler.exited()) urgency.emplace();
    const steady_clock::time_point now = steady_clock::now();
    Status read = read_interval(scheduler, interval);
    if (read) {
      interval.seconds = std::chrono::duration<double>(now - std::exchange(last, now)).count();
    } else if (interval.reads_failed++ == 0) {
      // Said once; the count goes on.
      run.output.warn("statistics cannot be read, which changes nothing else: " +
                      read.error().what);
    }
    if (!more) return read ? std::optional(interval) : std::nullopt;
    if (read) tell_statistics(run, interval);
    cookies.look(now);
  }
}

void tell_statistics(const Run& run, StatisticsInterval& interval) {
  if (!interval.forced.empty() || !interval.limits.empty()) {
    add_cgroup_paths(kCgroupRoot, interval.paths);
  }
  interval.output_dropped = run.output.dropped();
  run.output.statistics(interval_text(run.options, interval));
}

}  // namespace scx_pair
