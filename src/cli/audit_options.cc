// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <string>

#include "cli/audit.h"

namespace scx_pair {
namespace {

constexpr const char* kEssay =
    R"(Judges whatever scheduler is running, this one, the kernel's own or any other, by watching
every context switch. It knows no scheduler and asks none: it says for how long two tasks of
different cgroups were on the cpus of one pair at the same time.

Start it before the scheduler where an exact zero matters, with a warm-up that covers the
scheduler's start: programs that watch context switches run in the order in which they were
attached, and an audit attached later stamps a switch only after the scheduler has acted on it.)";

constexpr const char* kFooter =
    R"(Kinds of overlap of two domains on one pair:
  violation  ordinary tasks; this alone breaks the promise
  higher     a real-time or deadline task beside a task of another domain. Where only one of
             the two is, it is a violation beyond --higher-bound
  move       ordinary tasks that became different because one was moved to another cgroup, or
             changed its class, while it was running; also when the other was started meanwhile
             from the cgroup the first has left. Beyond --move-bound it is a violation
  kernel     a kernel thread beside a task of another domain

The last line is for scripts: verdict: kept|broken|inconclusive|nothing to judge violation_ns=N
both_busy_ns=N higher_ns=N move_ns=N lost=N and more of that kind. A run that lost records is never
kept, and nothing is to judge where no two cgroups met on siblings. Exit status 0 when kept, 1 when
broken or inconclusive, 6 when there was nothing to judge.

Examples:
  scx_pair audit --seconds 30                judge half a minute
  scx_pair audit -- hackbench -g 4           judge while a command runs
  scx_pair audit --record out.rec --seconds 1  write what was seen; scx_pair sim out.rec replays
  scx_pair audit --timeline 200 --seconds 1  draw the first 200 ms of the first pair)";

// One parser says what is a number and what is in range, in the words of a person.
template <typename Number>
CLI::Validator number_from(Number least, Number most) {
  const auto refuse = [least, most](std::string& text) -> std::string {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    // Written so that a NaN fails.
    if (error == std::errc() && stop == end && number >= least && number <= most) return "";
    return fmt::format("\"{}\" is not accepted; it takes a number from {} to {}", text, least,
                       most);
  };
  return CLI::Validator(refuse, "");
}

void add_window_options(CLI::App& audit, AuditOptions& options) {
  audit
      .add_option("--seconds", options.seconds,
                  "How long to judge; by default 10 seconds, or until COMMAND ends")
      ->check(number_from(0.01, 86400.0));
  audit
      .add_option("--warmup", options.warmup,
                  "Watch from the start, but let nothing count for so many seconds")
      ->check(number_from(0.0, 3600.0));
  audit
      .add_option("--move-bound", options.move_bound_ms,
                  "How many milliseconds an overlap may last that began by a move; 10 by default")
      ->check(number_from(0.0, 10000.0));
  audit
      .add_option("--higher-bound", options.higher_bound_ms,
                  "How many milliseconds an ordinary task may run beside a real-time or deadline "
                  "one of another cgroup; 100 by default")
      ->check(number_from(0.0, 10000.0));
}

void add_output_options(CLI::App& audit, AuditOptions& options) {
  CLI::Option* json = audit.add_flag("--json", options.json, "Print one JSON object");
  audit
      .add_option("--tasks", options.tasks,
                  "List so many tasks, those that waited longest first; -1 for all")
      ->check(number_from<s32>(-1, 1'000'000));
  audit
      .add_option("--record", options.record,
                  "Write what was seen to a file, for scx_pair sim to replay")
      ->type_name("FILE");
  CLI::Option* timeline = audit
                              .add_option("--timeline", options.timeline_ms,
                                          "Draw the first so many milliseconds of one pair")
                              ->check(number_from(0.001, 3'600'000.0))
                              ->excludes(json);
  audit.add_option("--timeline-pair", options.timeline_pair, "Which pair to draw; the first is 0")
      ->check(number_from<u32>(0, 8191))
      ->needs(timeline);
  audit.add_option("--columns", options.columns, "How wide to draw; as wide as the terminal")
      ->check(number_from<u32>(20, 1000))
      ->needs(timeline);
}

}  // namespace

CLI::App* add_audit_command(CLI::App& app, AuditOptions& options) {
  CLI::App* audit = app.add_subcommand("audit", "Judge the running scheduler, whichever it is");
  exclude_run_options(app, *audit);
  audit->description(kEssay);
  audit->footer(kFooter);
  add_group_options(*audit, options.groups);
  add_window_options(*audit, options);
  add_output_options(*audit, options);
  audit->add_option("COMMAND", options.command,
                    "After --: a command to run and to judge until it ends");
  return audit;
}

}  // namespace scx_pair
