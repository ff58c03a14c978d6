// SPDX-License-Identifier: GPL-2.0-only
#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "base/hostile_text.h"
#include "cli/groups.h"
#include "cli/run_output.h"
#include "cli/statistics.h"
#include "cli/watch.h"
#include "host/environment.h"
#include "host/reload.h"
#include "host/scheduler.h"
#include "host/signals.h"
#include "host/text_output.h"
#include "host/urgency.h"

namespace scx_pair {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A cpu on its way in or out contradicts itself for a moment. So many readings so far apart tell
// that from a machine that always does.
constexpr int kReadingsMax = 200;
constexpr milliseconds kBetweenReadings(5);

SchedulerConfig make_config(const RunOptions& options, const Topology& topology) {
  const u64 turn_ns = u64{options.turn_max_ms} * 1'000'000;
  return SchedulerConfig{.topology = topology,
                         .kthreads_trusted = options.kthreads_trusted,
                         .turn_ns = turn_ns,
                         .turn_min_ns = u64{options.turn_min_ms} * 1'000'000,
                         .slice_ns = std::min(u64{options.slice_us} * 1'000, turn_ns),
                         .verbose = options.verbose};
}

// How one life of the scheduler ended.
struct LifeEnd {
  enum class What {
    kStopped,  // somebody asked for it
    kChanged,  // cpus came or went
    kFailed,   // it could not be loaded, or the kernel ended it: `error`
    kRefused,  // the same, and loading again is no answer
  };
  What what = What::kStopped;
  Error error{};
  bool loaded = false;
};

Result<Groups> read_settled_groups(const Run& run) {
  for (int reading = 1;; reading++) {
    Result<Groups> groups = read_groups(run.options.groups, run.kernel.sysfs);
    if (groups || reading == kReadingsMax || run.stop.wait_for(kBetweenReadings)) return groups;
  }
}

Error ejected(const SchedulerExit& exit) {
  return Error{ExitCode::kEjected,
               fmt::format("the kernel ended the scheduler: {}{}{} (kind {}, code {})",
                           printable(exit.reason), exit.message.empty() ? "" : ": ",
                           printable(exit.message), exit.kind, exit.code)};
}

LifeEnd end_of(const SchedulerExit& exit, const Run& run) {
  if (exit.by_user) return {.what = LifeEnd::What::kStopped, .loaded = true};
  if (exit.restart) return {.what = LifeEnd::What::kChanged, .loaded = true};
  if (!exit.dump.empty()) run.output.show_dump(exit.dump);
  return {.what = exit.by_operator ? LifeEnd::What::kRefused : LifeEnd::What::kFailed,
          .error = ejected(exit),
          .loaded = true};
}

// Whether the machine is still the one that was read. The kernel checks no sequence of 0, and a cpu
// on its way out is listed for a moment longer than it is counted.
bool is_still(const Groups& groups, const Run& run) {
  Result<Groups> now = read_settled_groups(run);
  return now && now->hotplug_seq == groups.hotplug_seq &&
         now->topology.text() == groups.topology.text();
}

// What one life leaves to the next.
struct Estate {
  std::optional<Scheduler> scheduler;        // what is loaded is attached again
  std::optional<StatisticsInterval> untold;  // the last totals
  std::optional<Urgency> urgency;            // from the end of one to the beginning of the next
};

// Attaches what a life before has left, if that has room for the machine; loads anew otherwise.
Status bring_up(const Run& run, const Topology& topology, std::optional<Scheduler>& scheduler) {
  if (scheduler && scheduler->fits(topology) && scheduler->attach_again(topology)) return Done{};
  scheduler.reset();
  Result<Scheduler> loaded = Scheduler::load(make_config(run.options, topology));
  if (!loaded) return std::move(loaded.error());
  scheduler.emplace(std::move(*loaded));
  return Done{};
}

void tell_last_totals(const Run& run, Estate& estate) {
  if (estate.untold) tell_statistics(run, *estate.untold);
  estate.untold.reset();
}

// From attach to the end.
LifeEnd serve(const Run& run, const Groups& groups, Estate& estate) {
  if (!groups.warning.empty()) run.output.warn(groups.warning);
  run.output.show(groups.topology.text());
  run.output.tell("the scheduler is loaded; Ctrl-C ends it");
  estate.untold = watch(run, *estate.scheduler, estate.urgency);
  LifeEnd end = end_of(estate.scheduler->finish(), run);
  // A cpu that comes or goes can cause an error before the kernel says what it was.
  if (end.what == LifeEnd::What::kFailed && !is_still(groups, run)) {
    end.what = LifeEnd::What::kChanged;
  }
  return end;
}

// One life of the scheduler. The first is loaded in no hurry: nobody was kept apart before.
LifeEnd live_once(const Run& run, Estate& estate) {
  Result<Groups> groups = read_settled_groups(run);
  if (!groups) return {.what = LifeEnd::What::kFailed, .error = std::move(groups.error())};
  Status up = bring_up(run, groups->topology, estate.scheduler);
  estate.urgency.reset();
  if (!is_still(*groups, run)) {
    if (up) {
      estate.urgency.emplace();
      estate.scheduler->finish();
    }
    return {.what = LifeEnd::What::kChanged, .loaded = up.has_value()};
  }
  tell_last_totals(run, estate);
  if (up) return serve(run, *groups, estate);
  return {.what = LifeEnd::What::kFailed,
          .error = explain_load_failure(run.kernel, std::move(up.error()))};
}

// Whether to load again after a failure; waits for as long as it should.
bool load_again(const Run& run, const std::vector<steady_clock::time_point>& failures,
                const Error& error) {
  const Reload reload = reload_after(failures);
  if (!reload.again) return false;
  // The first line: what a verifier has to say fills pages.
  run.output.warn(fmt::format(
      "{}; loading again {}", error.what.substr(0, error.what.find('\n')),
      reload.wait.count() == 0 ? "at once" : fmt::format("in {} ms", reload.wait.count())));
  return !run.stop.wait_for(reload.wait);
}

// Life after life, until one is the last.
Status live(const Run& run, Estate& estate) {
  std::vector<steady_clock::time_point> failures;
  bool ever_loaded = false;
  while (true) {
    LifeEnd end = live_once(run, estate);
    ever_loaded |= end.loaded;
    switch (end.what) {
      case LifeEnd::What::kStopped:
        return Done{};
      case LifeEnd::What::kChanged:
        if (run.stop.wait_for(milliseconds(0))) return Done{};
        run.output.tell("cpus came or went; reading them and loading again");
        break;
      case LifeEnd::What::kFailed:
        failures.push_back(steady_clock::now());
        // What fails at the start fails because of how the machine is set up: somebody is there
        // to read why.
        if (!ever_loaded || !load_again(run, failures, end.error)) return std::move(end.error);
        break;
      case LifeEnd::What::kRefused:
        return std::move(end.error);
    }
  }
}

Status print_pairs(const RunOptions& options, const RunningKernel& kernel) {
  Result<Groups> groups = read_groups(options.groups, kernel.sysfs);
  if (!groups) return std::move(groups.error());
  if (!groups->warning.empty()) fmt::print(stderr, "scx_pair: warning: {}\n", groups->warning);
  // All there is to do: that it cannot be written is a failure.
  TextOutput output(options.json ? stderr : stdout);
  output.print(groups->topology.text());
  return output.finish();
}

}  // namespace

Status run_scheduler(const RunOptions& options) {
  const RunningKernel kernel = running_kernel();
  if (options.print_pairs) return print_pairs(options, kernel);
  Status environment = check_environment(kernel);
  if (!environment) return environment;
  Result<StopSignals> stop = StopSignals::create(Hangup::kIgnored);
  if (!stop) return std::move(stop.error());
  RunOutput output(options.json);
  const Run run{.options = options, .kernel = kernel, .stop = *stop, .output = output};
  Estate estate;
  Status ended = live(run, estate);
  tell_last_totals(run, estate);
  if (ended) output.tell("the scheduler is unloaded");
  return ended;
}

}  // namespace scx_pair
