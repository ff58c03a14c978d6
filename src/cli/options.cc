// SPDX-License-Identifier: GPL-2.0-only
#include "cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <span>
#include <sstream>
#include <string_view>

#include "cli/checked_option.h"

namespace scx_pair {
namespace {

constexpr const char* kEssay =
    R"(scx_pair - a strict cgroup core scheduler for sched_ext

The cpus of one core share caches and buffers, and through them a program can learn what the other
program on its core is doing. scx_pair makes each cgroup of the cpu controller a domain and keeps
one promise: two tasks of different domains never run on the cpus of one core at the same time. A
core takes turns: it runs one domain for a while, waits until every one of its cpus has left it,
and goes on to the next. A cpu with nothing to run in its core's turn stays idle.

Without a subcommand it loads the scheduler, prints the pairs and then statistics, and unloads it
on Ctrl-C or SIGTERM. Nothing is left behind, however it ends.

Nothing that happens to its output ends it: neither a closed terminal, nor a reader that stops, nor
a full disk. What cannot be written is dropped and counted. It loads the scheduler again when cpus
come or go, and when the kernel has ended it, until that has happened five times in ten minutes.)";

constexpr const char* kFooter =
    R"(Examples:
  scx_pair                          run on the real siblings of this machine
  scx_pair --print-pairs            show which cpus would be paired, and change nothing
  scx_pair --json --interval 10     one JSON object every ten seconds, for a collector
  scx_pair --kthreads=isolated      treat kernel threads as a domain of their own
  scx_pair -S                       pair cpu i with cpu i + half, whatever the hardware says
  scx_pair audit --seconds 30       judge whatever scheduler is running
  scx_pair sim --generate 1         run it in a simulated machine; needs no privilege

Exit status:
  0  done, or stopped by SIGINT or SIGTERM
  1  the auditor found the promise broken, or could not judge; a simulated scheduler was ended
  2  a wrong option or value; nothing was changed
  3  this machine cannot run it as it is; the message says what to do
  4  the kernel ended the scheduler; its reason is printed
  5  anything else: a failing system call, a bug)";

bool take_interval(const std::string& text, std::chrono::milliseconds& target) {
  const std::optional<double> seconds = parse_number<double>(text);
  // Written so that a NaN fails.
  if (!seconds || !(*seconds >= 0.1 && *seconds <= 3600)) return false;
  target = std::chrono::milliseconds(std::llround(*seconds * 1000));
  return true;
}

bool take_kthreads(const std::string& text, bool& trusted) {
  trusted = text == "trusted";
  return trusted || text == "isolated";
}

bool take_stride(const std::string& text, GroupOptions& options) {
  options.stride = parse_number<u32>(text);
  options.by_stride = options.stride.has_value() || text == "half";
  return options.by_stride;
}

std::string version_text() {
  return "scx_pair " SCX_PAIR_VERSION;
}

// The parser takes any word for the beginning of COMMAND; only what follows -- is.
Status refuse_words_before_dashes(const CLI::App& app, std::span<const char* const> words) {
  const auto dashes = std::ranges::find(words, std::string_view("--"));
  const auto meant = static_cast<size_t>(words.end() - dashes);
  for (const CLI::App* command : app.get_subcommands()) {
    const CLI::Option* words_taken = command->get_option_no_throw("COMMAND");
    if (words_taken == nullptr || words_taken->count() + 1 <= std::max<size_t>(meant, 1)) continue;
    return Error{
        ExitCode::kUsage,
        fmt::format("{}: \"{}\" is not accepted; a command to run follows two dashes: "
                    "scx_pair {} -- COMMAND",
                    command->get_name(), words_taken->results().front(), command->get_name())};
  }
  return Done{};
}

}  // namespace

void add_group_options(CLI::App& app, GroupOptions& options) {
  add_checked(app, "-S,--stride", "a number of cpus, or the word half",
              "Pair cpu i with cpu i + N instead of the real siblings; without N, half the cpus",
              [&options](const std::string& text) { return take_stride(text, options); })
      ->expected(0, 1)
      ->type_name("[N]")
      ->default_str("half");
}

void add_run_options(CLI::App& app, RunOptions& options) {
  app.name("scx_pair");
  app.description(kEssay);
  app.footer(kFooter);
  app.get_formatter()->column_width(34);
  app.set_version_flag("--version", version_text, "Print the version and exit");

  add_group_options(app, options.groups);
  add_checked(
      app, "--kthreads", "trusted or isolated",
      "Whether kernel threads may run beside any domain (trusted), or only beside the root "
      "cgroup (isolated)",
      [&options](const std::string& text) { return take_kthreads(text, options.kthreads_trusted); })
      ->default_str("trusted");
  add_whole_number<u32>(app, "--turn-max", options.turn_max_ms, {.least = 1, .most = 1000},
                        "The longest turn of a domain while others wait, in milliseconds");
  const CLI::Option* const turn_min = add_whole_number<u32>(
      app, "--turn-min", options.turn_min_ms, {.least = 1, .most = 1000},
      "The shortest that turns become the more domains wait, in milliseconds");
  add_whole_number<u32>(app, "--slice-us", options.slice_us, {.least = 500, .most = 100'000},
                        "The longest run of a task inside a turn, in microseconds");
  add_checked(app, "--interval", "a number of seconds from 0.1 to 3600",
              "Seconds between two statistics, 0.1 to 3600",
              [&options](const std::string& text) { return take_interval(text, options.interval); })
      ->default_str("1");
  app.add_flag("--json", options.json, "Print statistics as one JSON object a line");
  app.add_flag("--verbose", options.verbose, "Print what libbpf and the kernel's verifier say");
  app.add_flag("--print-pairs", options.print_pairs,
               "Print which cpus are paired and exit; needs no privilege, loads nothing");
  app.parse_complete_callback([turn_min, &options] {
    // A default is no wish: turns are never longer than the longest.
    if (turn_min->count() == 0 || options.turn_min_ms <= options.turn_max_ms) return;
    throw CLI::ValidationError("--turn-min", fmt::format("{} is above --turn-max, which is {}",
                                                         options.turn_min_ms, options.turn_max_ms));
  });
}

void exclude_run_options(CLI::App& app, CLI::App& command) {
  for (CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if (name != "--help" && name != "--version" && name != "--stride") command.excludes(option);
  }
}

Result<std::string> parse_command_line(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
    Status plain = refuse_words_before_dashes(app, {argv, static_cast<size_t>(argc)});
    if (!plain) return std::move(plain.error());
    return std::string();
  } catch (const CLI::Success& success) {
    // Help and version arrive as exceptions too; exit() only writes their text.
    std::ostringstream text;
    app.exit(success, text, text);
    return text.str();
  } catch (const CLI::ExcludesError& error) {
    // "A excludes B"
    std::string text = error.what();
    const std::string_view verb = " excludes ";
    if (const size_t at = text.find(verb); at != std::string::npos) {
      text.replace(at, verb.size(), " does not go with ");
    }
    return Error{ExitCode::kUsage, fmt::format("{} (see scx_pair --help)", printable(text))};
  } catch (const CLI::ParseError& error) {
    return Error{ExitCode::kUsage,
                 fmt::format("{} (see scx_pair --help)", printable(error.what()))};
  }
}

}  // namespace scx_pair
