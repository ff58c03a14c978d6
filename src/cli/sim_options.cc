// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>

#include "base/scheduler_abi.h"
#include "cli/checked_option.h"
#include "cli/options.h"
#include "cli/sim.h"

namespace scx_pair {
namespace {

constexpr const char* kEssay =
    R"(Runs a scenario in a simulated machine: the scheduler's own BPF source, compiled natively,
under a model of the part of the kernel that decides what runs. Needs no privilege and no sched_ext.
The same judge as on real kernels watches every context switch. The same file and seed give the same
run, event for event; the hash of its trace is printed.)";

constexpr const char* kFooter =
    R"(The last line is for scripts: verdict: kept|broken|inconclusive violation_ns=N both_busy_ns=N
higher_ns=N move_ns=N lost=N. Exit status 0 when kept, 1 when broken, inconclusive, or when the
scheduler was ended by the kernel.

Examples:
  scx_pair sim scenarios/vm/spinners.json           run it and print tables
  scx_pair sim --trace out.json web.json            open out.json at ui.perfetto.dev
  scx_pair sim --plot out.svg web.json              shares over time; open it in a browser
  scx_pair sim --benefit scenarios/benefit/oltp.json   how much of SMT's benefit is kept
  scx_pair sim --generate 42 --print                a random scenario, as a file)";

constexpr u64 kSeedMax = 0x7fffffffffffffff;

template <typename Number>
std::optional<Number> whole_text(const std::string& text, Number least, Number most) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool good = error == std::errc() && stop == end && number >= least && number <= most;
  return good ? std::optional<Number>(number) : std::nullopt;
}

CLI::Option* add_seed(CLI::App& sim, const std::string& name, std::optional<u64>& seed,
                      const std::string& help) {
  return add_checked(sim, name, fmt::format("a whole number from 0 to {}", kSeedMax), help,
                     [&seed](const std::string& text) {
                       seed = whole_text<u64>(text, 0, kSeedMax);
                       return seed.has_value();
                     });
}

void add_wishes(CLI::App& sim, ScenarioWishes& wishes) {
  add_seed(sim, "--seed", wishes.seed, "The seed of all luck in the run; else the file's");
  add_checked(sim, "--duration", "a number of seconds from 0.001 to 1000",
              "How many seconds to simulate; else what the file says",
              [&wishes](const std::string& text) {
                const auto seconds = whole_text<double>(text, 0.001, 1000);
                if (seconds) wishes.duration_ns = static_cast<u64>(std::llround(*seconds * 1e9));
                return seconds.has_value();
              });
  add_checked(sim, "--kernel", "a version from 6.12 on, such as 7.1",
              "Which kernel to be like; else what the file says",
              [&wishes](const std::string& text) {
                wishes.kernel_version = parse_kernel_version(text);
                return wishes.kernel_version.has_value();
              });
  add_checked(sim, "--cpus", fmt::format("a whole number from 1 to {}", CPUS_MAX),
              "How many cpus in all: the number of cores is changed",
              [&wishes](const std::string& text) {
                wishes.cpus = whole_text<u32>(text, 1, CPUS_MAX);
                return wishes.cpus.has_value();
              });
}

}  // namespace

CLI::App* add_sim_command(CLI::App& app, SimOptions& options) {
  CLI::App* sim = app.add_subcommand("sim", "Run a scenario in a simulated machine");
  exclude_run_options(app, *sim);
  sim->description(kEssay);
  sim->footer(kFooter);
  CLI::Option* file = sim->add_option(
      "FILE", options.file,
      "The scenario (docs/scenarios.md), or what scx_pair audit --record has written");
  CLI::Option* generated =
      add_seed(*sim, "--generate", options.generated, "Instead of a file, one made from this seed");
  generated->excludes(file);
  add_wishes(*sim, options.wishes);
  CLI::Option* print =
      sim->add_flag("--print", options.print, "Check and print the scenario; run nothing");
  sim->add_flag("--json", options.json, "Print one JSON object")->excludes(print);
  sim->add_flag("--benefit", options.benefit,
                "Run it without isolation, with SMT and without, and say how much of SMT's benefit "
                "is kept")
      ->excludes(print);
  add_output(*sim, "--trace", options.trace, "Write a trace that opens in Perfetto")
      ->type_name("OUT.json")
      ->excludes(print);
  add_output(*sim, "--plot", options.plot,
             "Draw the cgroups' shares of cpu time over time, as an SVG picture")
      ->type_name("OUT.svg")
      ->excludes(print);
  sim->callback([file, generated] {
    if (file->count() + generated->count() == 0) {
      throw CLI::ValidationError("sim", "needs a FILE, or --generate");
    }
  });
  return sim;
}

}  // namespace scx_pair
