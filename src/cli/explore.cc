// SPDX-License-Identifier: GPL-2.0-only
#include "cli/explore.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/hostile_text.h"
#include "cli/checked_option.h"
#include "cli/in_order.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "host/interruption.h"
#include "host/text_output.h"
#include "scx_pair_native.h"
#include "scx_pair_watched_native.h"
#include "sim/explore/search.h"
#include "sim/explore/timeline.h"

namespace scx_pair {
namespace {

constexpr const char* kEssay =
    R"(Runs the scheduler's own BPF source in a simulated machine in every order in which the cpus'
activities can be interleaved, up to a bound, or in many orders at random. After each step it asks
whether two domains meet on a pair, a cpu idles beside work, a task is lost or starves, and whether
the scheduler's books are true. What it finds is shrunk and shown, with the command to replay it.)";

constexpr const char* kFooter =
    R"(Exit status 1 when something was found, else 0.

Examples:
  scx_pair explore                          every small model, one preemption
  scx_pair explore --model wake --preemptions 2
  scx_pair explore --random 1000 --seed 7   random scenarios and orders, seeds 7 to 1006
  scx_pair explore --replay wake/12.1,40.2  what happened, step by step)";

constexpr size_t kRowsShown = 80;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

bool is_random(const Model& model) {
  return model.name.starts_with("seed:");
}

// Random scenarios are run at the finest grain, which the watched object announces.
ExecutionLimits limits_for(const ExploreOptions& options, const Model& model) {
  ExecutionLimits limits;
  limits.conserving = !options.breaches_only;
  if (is_random(model) && !options.sync) limits.grain = Grain::kMemory;
  return limits;
}

Result<NativeObject> object_for(const ExecutionLimits& limits) {
  return NativeObject::from_bytes(limits.grain == Grain::kMemory ? scx_pair_watched_native()
                                                                 : scx_pair_native());
}

// What a search needs to talk and to end.
struct Session {
  TextOutput output{stdout};
  ProgressLine progress = progress_on_stderr();

  size_t rows = kRowsShown;  // of an execution that is shown; 0: all

  template <typename... Values>
  void say(fmt::format_string<Values...> text, Values&&... values) {
    output.print(fmt::format(text, std::forward<Values>(values)...));
  }

  void tell(u64 done, u64 all, const char* what) {
    progress.report(static_cast<double>(done) / static_cast<double>(all),
                    fmt::format("{} of {} {}", done, all, what), ProgressLine::Clock::now());
  }

  // Whether there is still somebody to search for.
  [[nodiscard]] bool goes_on() const { return !output.failed() && !Interruption::asked(); }
};

// One execution, step by step.
void show(Session& session, const Model& model, NativeObject& object, const ExecutionLimits& limits,
          const Deviations& deviations) {
  FibrePool fibres;
  Replayer replayer(deviations);
  Timeline timeline(model.scenario);
  const Executed executed = execute(model, object, fibres, replayer, limits, &timeline);
  session.say("{}", timeline.text(session.rows));
  if (executed.violation) {
    session.say("\n{} at {} us: {}\n", name_of(executed.violation->oracle),
                executed.violation->time_ns / 1000, executed.violation->what);
  } else {
    session.say("\nnothing wrong\n");
  }
}

// What a search has found in a model.
struct Found {
  const Deviations& deviations;
  Oracle oracle;
};

void report_violation(Session& session, const Model& model, NativeObject& object,
                      const ExecutionLimits& limits, const Found& found) {
  const Deviations shortest = shrink(model, object, limits, found.deviations, found.oracle);
  show(session, model, object, limits, shortest);
  const bool sync = is_random(model) && limits.grain == Grain::kSync;
  session.say("replay it: scx_pair explore{}{} --replay {}/{}\n\n",
              limits.conserving ? "" : " --breaches-only", sync ? " --sync" : "", model.name,
              text_of(shortest));
}

void print_bound(Session& session, const ExploreOptions& options, const Model& model) {
  session.say(
      "not covered: executions with more than {} preemptions; switches between accesses "
      "that are no lock, atomic or kfunc; other orders of events {} ns or more apart\n",
      options.preemptions, model.slack_ns);
}

// Who searches on one thread: nobody else may use the object meanwhile.
struct Explorer {
  NativeObject object;
  FibrePool fibres;
};

Result<std::vector<Explorer>> explorers_for(u64 jobs, const ExecutionLimits& limits) {
  std::vector<Explorer> explorers;
  for (u64 i = 0; i < workers_for(jobs); i++) {
    Result<NativeObject> object = object_for(limits);
    if (!object) return std::move(object.error());
    explorers.push_back({std::move(*object), {}});
  }
  return explorers;
}

struct ModelSearch {
  SearchReport report;
  double seconds = 0;
};

void print_row(Session& session, const Model& model, const ModelSearch& search) {
  const SearchReport& report = search.report;
  session.say("{:<10} {:>10} {:>10} {:>12} {:>6} {:>8.2f}  {}\n", model.name, report.executions,
              report.states, report.transitions, report.depth, search.seconds,
              report.violation        ? name_of(report.violation->oracle)
              : report.complete       ? "all"
              : Interruption::asked() ? "stopped by a signal"
                                      : "cut short: not all executions within the bound");
  std::fflush(stdout);
}

// The end of a search that was not done, for whoever reads it.
void print_stop(Session& session, u64 taken, u64 jobs) {
  if (Interruption::asked()) session.say("stopped by a signal after {} of {}\n", taken, jobs);
}

Result<ExitCode> search_models(Session& session, const ExploreOptions& options,
                               const std::vector<Model>& models) {
  const ExecutionLimits limits = limits_for(options, models.front());
  Result<std::vector<Explorer>> explorers = explorers_for(models.size(), limits);
  if (!explorers) return std::move(explorers.error());
  Result<NativeObject> shown = object_for(limits);
  if (!shown) return std::move(shown.error());
  bool found = false;
  session.say("{:<10} {:>10} {:>10} {:>12} {:>6} {:>8}\n", "model", "executions", "states",
              "transitions", "depth", "seconds");
  // A search may be over long before its bound: what is left is the most it can be.
  std::atomic<u64> executions = 0;
  const u64 most = models.size() * (u64{options.preemptions} + 1) * options.executions;
  const Bound bound{
      .preemptions = options.preemptions, .executions = options.executions, .go_on = [&executions] {
        executions++;
        return !Interruption::asked();
      }};
  const u64 taken = work_in_order(
      *explorers, models.size(),
      [&](Explorer& explorer, u64 job) {
        const Clock::time_point begin = Clock::now();
        SearchReport report = search_all(models[job], explorer.object, limits, bound);
        return ModelSearch{std::move(report), seconds_since(begin)};
      },
      [&](u64 job, const ModelSearch& search) {
        print_row(session, models[job], search);
        if (!search.report.violation) return;
        found = true;
        report_violation(session, models[job], *shown, limits,
                         {search.report.deviations, search.report.violation->oracle});
      },
      [&] {
        session.tell(executions, most, "executions at most");
        return session.goes_on();
      });
  print_bound(session, options, models.front());
  print_stop(session, taken, models.size());
  return found ? ExitCode::kBroken : ExitCode::kOk;
}

// What came of many executions at random.
struct Tally {
  std::map<std::string, u64> found{};  // by oracle
  u64 accesses = 0;
  u64 callbacks = 0;
};

Result<ExitCode> search_seeds(Session& session, const ExploreOptions& options) {
  const ExecutionLimits limits = limits_for(options, random_model(options.seed));
  Result<std::vector<Explorer>> explorers = explorers_for(options.random, limits);
  if (!explorers) return std::move(explorers.error());
  Result<NativeObject> shown = object_for(limits);
  if (!shown) return std::move(shown.error());
  Tally tally;
  const Clock::time_point begin = Clock::now();
  // Known also if the simulator itself should fail.
  session.say("seeds {} to {}\n", options.seed, options.seed + options.random - 1);
  u64 done = 0;
  const u64 taken = work_in_order(
      *explorers, options.random,
      [&](Explorer& explorer, u64 job) {
        const u64 seed = options.seed + job;
        Executed executed =
            search_once(random_model(seed), explorer.object, explorer.fibres, limits, seed);
        // They are many, and wanted only where something was found.
        if (!executed.violation) executed.deviations.clear();
        return executed;
      },
      [&](u64 job, const Executed& executed) {
        done = job + 1;
        tally.accesses += executed.accesses;
        tally.callbacks += executed.callbacks;
        if (!executed.violation) return;
        const u64 seed = options.seed + job;
        const char* const oracle = name_of(executed.violation->oracle);
        session.say("seed {}: {}: {}\n", seed, oracle, executed.violation->what);
        // The first of each kind is shown.
        if (tally.found[oracle]++ == 0) {
          report_violation(session, random_model(seed), *shown, limits,
                           {executed.deviations, executed.violation->oracle});
        }
      },
      [&] {
        session.tell(done, options.random, "seeds");
        return session.goes_on();
      });
  session.say("{} seeds, {} callbacks, {} accesses at which another cpu could go first, {:.1f} s\n",
              taken, tally.callbacks, tally.accesses, seconds_since(begin));
  for (const auto& [oracle, count] : tally.found) session.say("{}: {}\n", oracle, count);
  print_stop(session, taken, options.random);
  return tally.found.empty() ? ExitCode::kOk : ExitCode::kBroken;
}

Result<ExitCode> replay(Session& session, const ExploreOptions& options) {
  const size_t slash = options.replay.rfind('/');
  const std::optional<Model> model = model_named(options.replay.substr(0, slash));
  const std::optional<Deviations> deviations =
      slash == std::string::npos ? std::nullopt
                                 : parse_deviations(options.replay.substr(slash + 1));
  if (!model || !deviations) {
    return Error{ExitCode::kUsage,
                 fmt::format("--replay {}: it takes MODEL/CHOICES as explore printed them, such as "
                             "wake/12.1,40.2",
                             printable(options.replay))};
  }
  Result<NativeObject> object = object_for(limits_for(options, *model));
  if (!object) return std::move(object.error());
  session.rows = 0;
  show(session, *model, *object, limits_for(options, *model), *deviations);
  return ExitCode::kOk;
}

Result<ExitCode> explore(Session& session, const ExploreOptions& options) {
  if (!options.replay.empty()) return replay(session, options);
  if (options.random != 0) return search_seeds(session, options);
  std::vector<Model> models = closed_models();
  if (options.list) {
    for (const Model& model : models) session.say("{:<10} {}\n", model.name, model.what);
    return ExitCode::kOk;
  }
  if (!options.model.empty()) {
    std::optional<Model> model = model_named(options.model);
    if (!model || options.model.starts_with("seed:")) {
      return Error{ExitCode::kUsage,
                   fmt::format("--model {}: there is none of this name; --list names them",
                               printable(options.model))};
    }
    models = {std::move(*model)};
  }
  return search_models(session, options, models);
}

}  // namespace

CLI::App* add_explore_command(CLI::App& app, ExploreOptions& options) {
  CLI::App* explore = app.add_subcommand("explore", "Search every order of events for a violation");
  exclude_run_options(app, *explore);
  explore->description(kEssay);
  explore->footer(kFooter);
  CLI::Option* const model =
      explore->add_option("--model", options.model, "Only this small model; see --list")
          ->type_name("NAME");
  add_whole_number<u32>(*explore, "--preemptions", options.preemptions, {.least = 0, .most = 10},
                        "How often an activity may be left in the middle");
  constexpr u64 kMost = u64{1} << 40U;
  add_whole_number<u64>(*explore, "--executions", options.executions, {.least = 1, .most = kMost},
                        "Stop a model's search after so many, per number of preemptions");
  CLI::Option* const random =
      add_whole_number<u64>(*explore, "--random", options.random, {.least = 1, .most = kMost},
                            "So many random scenarios instead")
          ->default_str("");
  add_whole_number<u64>(*explore, "--seed", options.seed, {.least = 0, .most = kMost},
                        "The first seed of --random");
  explore->add_flag("--breaches-only", options.breaches_only,
                    "Do not count cpus that idle beside work");
  explore->add_flag("--sync", options.sync,
                    "Random scenarios: switch at locks, atomics and kfuncs only, which is faster");
  CLI::Option* const list = explore->add_flag("--list", options.list, "List the small models");
  CLI::Option* const replay =
      explore->add_option("--replay", options.replay, "Show one execution, step by step")
          ->type_name("MODEL/CHOICES");
  // Each is another thing to do.
  random->excludes(list)->excludes(replay)->excludes(model);
  replay->excludes(list)->excludes(model);
  list->excludes(model);
  return explore;
}

Result<ExitCode> run_explore(const ExploreOptions& options) {
  const Interruption interruption;
  Session session;
  Result<ExitCode> explored = explore(session, options);
  if (!explored) return explored;
  if (Interruption::asked()) fmt::print(stderr, "scx_pair: stopped by a signal\n");
  Status written = session.output.finish();
  if (!written) return std::move(written.error());
  return explored;
}

}  // namespace scx_pair
