// SPDX-License-Identifier: GPL-2.0-only
// load: workloads of known shape, in cgroups, for judging a scheduler by. Prints one line of JSON
// when it ends: what each task did, how long it was ever kept from running, how late it woke.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "crew.h"

namespace scx_pair {
namespace {

using Json = nlohmann::ordered_json;

Json task_json(const Member& member) {
  return {{"part", member.part.text},
          {"pid", member.pid},
          {"marks", member.record->marks.load()},
          {"cpu_ns", member.cpu_ns},
          {"longest_gap_ns", member.longest_gap_ns},
          {"lost", member.lost}};
}

// Quantiles of the wake latencies that all tasks of `kind` kept.
Json wake_json(const std::vector<Member>& members, Kind kind) {
  std::vector<u64> wakes_ns;
  for (const Member& member : members) {
    if (member.part.kind != kind) continue;
    const u32 kept = std::min(member.record->wakes.load(), kWakesKept);
    const auto& all = member.record->wake_ns;
    wakes_ns.insert(wakes_ns.end(), all.begin(), all.begin() + kept);
  }
  std::ranges::sort(wakes_ns);
  const auto at = [&](size_t percent) {
    return wakes_ns.empty() ? 0 : wakes_ns[(wakes_ns.size() - 1) * percent / 100];
  };
  return {{"count", wakes_ns.size()}, {"p50_ns", at(50)}, {"p99_ns", at(99)}, {"max_ns", at(100)}};
}

Json tally_json(const std::vector<Member>& members, Kind kind) {
  u64 done = 0;
  u64 refused = 0;
  for (const Member& member : members) {
    if (member.part.kind != kind) continue;
    done += member.record->cycles;
    refused += member.record->refusals;
  }
  return {{"done", done}, {"refused", refused}};
}

Json report(const Crew& crew) {
  Json json{{"since_ns", crew.measured_since_ns()},
            {"measured_ns", crew.measured_ns()},
            {"tasks", Json::array()},
            {"sleep_wake", wake_json(crew.members(), Kind::kSleep)},
            {"fifo_wake", wake_json(crew.members(), Kind::kFifo)},
            {"moves", tally_json(crew.members(), Kind::kMove)},
            {"churn", tally_json(crew.members(), Kind::kChurn)},
            {"commands", Json::array()}};
  for (const Member& member : crew.members()) {
    if (member.part.kind != Kind::kRun) {
      json["tasks"].push_back(task_json(member));
      continue;
    }
    const bool ended = member.ended_ns != 0;
    json["commands"].push_back({{"part", member.part.text},
                                {"exit_status", ended ? member.exit_status : -1},
                                {"wall_ns", ended ? member.ended_ns - crew.started_ns() : 0}});
  }
  return json;
}

int refuse(const Error& error) {
  fmt::print(stderr, "load: {}\n", error.what);
  return static_cast<int>(error.code);
}

int run(int argc, char** argv) {
  // What stands behind `--` is the command of the run parts, and no business of the parser.
  char** const end = argv + argc;
  char** const dashes = std::find(argv, end, std::string("--"));
  Options options;
  if (dashes != end) options.command.assign(dashes + 1, end);
  std::vector<std::string> texts;
  std::vector<std::string> settings;
  double seconds = 0;
  CLI::App app(
      "Workloads of known shape, in cgroups. KIND is spin, yield, sleep, fifo, run, move, churn.");
  app.add_option("parts", texts, "KIND:CGROUP:COUNT[:TIMES][,batch|,idle][,nice=N][@CPU]")
      ->required();
  app.add_option("--set", settings, "CGROUP/FILE=VALUE: what a file of a cgroup says")
      ->allow_extra_args(false);
  const auto* with_seconds = app.add_option("--seconds", seconds,
                                            "time to measure; without it, until "
                                            "SIGTERM or the commands' end");
  app.add_option("--settle", options.settle_seconds, "seconds to run before measuring");
  app.add_flag("--cookies", options.cookies, "one core-scheduling cookie for each cgroup");
  app.add_option("--root", options.cgroup_root, "where to make cgroups");
  try {
    app.parse(static_cast<int>(dashes - argv), argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  if (with_seconds->count() > 0) options.seconds = seconds;
  for (const std::string& text : texts) {
    auto part = parse_part(text);
    if (!part) return refuse(part.error());
    if (part->kind == Kind::kRun && options.command.empty()) {
      return refuse({ExitCode::kUsage, fmt::format("part '{}' needs a command behind --", text)});
    }
    options.parts.push_back(std::move(part).value());
  }
  for (const std::string& text : settings) {
    auto setting = parse_setting(text);
    if (!setting) return refuse(setting.error());
    options.settings.push_back(std::move(setting).value());
  }
  Crew crew(std::move(options));
  if (Status ran = crew.run(); !ran) return refuse(ran.error());
  fmt::print("{}\n", report(crew).dump());
  return 0;
}

}  // namespace
}  // namespace scx_pair

int main(int argc, char** argv) {
  return scx_pair::run(argc, argv);
}
