// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "base/hostile_text.h"
#include "cli/audit.h"
#include "cli/explore.h"
#include "cli/options.h"
#include "cli/run.h"
#include "cli/sim.h"
#include "host/text_output.h"

namespace scx_pair {
namespace {

int report(const Error& error) {
  // Where nobody can be told, the code is what is left: so no SIGPIPE, and no throwing fmt::print.
  std::signal(SIGPIPE, SIG_IGN);
  std::fputs(fmt::format("scx_pair: {}\n", printable_lines(error.what)).c_str(), stderr);
  return static_cast<int>(error.code);
}

int run_program(int argc, const char* const* argv) {
  CLI::App app;
  RunOptions run_options;
  AuditOptions audit_options;
  add_run_options(app, run_options);
  SimOptions sim_options;
  const CLI::App* const audit = add_audit_command(app, audit_options);
  ExploreOptions explore_options;
  const CLI::App* const explore = add_explore_command(app, explore_options);
  const CLI::App* const sim = add_sim_command(app, sim_options);

  Result<std::string> shown = parse_command_line(app, argc, argv);
  if (!shown) return report(shown.error());
  if (!shown->empty()) {
    TextOutput output(stdout);
    output.print(*shown);
    Status written = output.finish();
    return written ? static_cast<int>(ExitCode::kOk) : report(written.error());
  }
  if (audit->parsed()) {
    Result<ExitCode> judged = run_audit(audit_options);
    return judged ? static_cast<int>(*judged) : report(judged.error());
  }
  if (sim->parsed()) {
    Result<ExitCode> ran = run_sim(sim_options);
    return ran ? static_cast<int>(*ran) : report(ran.error());
  }
  if (explore->parsed()) {
    Result<ExitCode> explored = run_explore(explore_options);
    return explored ? static_cast<int>(*explored) : report(explored.error());
  }
  Status run = run_scheduler(run_options);
  return run ? static_cast<int>(ExitCode::kOk) : report(run.error());
}

}  // namespace
}  // namespace scx_pair

int main(int argc, char** argv) {
  try {
    return scx_pair::run_program(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("scx_pair: out of memory; raise its limit (ulimit -v, memory.max) or ask for less\n",
               stderr);
    return static_cast<int>(scx_pair::ExitCode::kInternal);
  } catch (const std::exception& exception) {
    // None of ours: the standard library without a thread, or fmt with nowhere to write.
    std::fprintf(stderr, "scx_pair: %s\n", exception.what());
    return static_cast<int>(scx_pair::ExitCode::kInternal);
  }
}
