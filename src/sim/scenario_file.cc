// SPDX-License-Identifier: GPL-2.0-only
#include "sim/scenario_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>

#include "base/hostile_text.h"
#include "base/time_units.h"
#include "sim/fields.h"
#include "sim/scenario_reader.h"

namespace scx_pair {
namespace {

constexpr u64 kSecondNs = 1'000'000'000;
constexpr s64 kSeedMax = 0x7fffffffffffffff;

void read_global(const FieldRef& section, ScenarioDraft& draft) {
  Scenario& scenario = draft.scenario;
  Fields fields(section, draft.refusal);
  scenario.duration_ns = fields.duration_ns("duration", scenario.duration_ns, kSecondNs);
  scenario.warmup_ns = fields.duration_ns("warmup", scenario.warmup_ns, kSecondNs);
  scenario.seed = static_cast<u64>(fields.signed_whole("seed", {0, kSeedMax}, 1));
  scenario.tasks_max = fields.whole("tasks_max", {1, kInstancesMax}, scenario.tasks_max);
  fields.finish();
}

void read_speeds(const FieldRef& field, ScenarioDraft& draft) {
  std::vector<u32>& speeds = draft.scenario.shape.speed_permille;
  for (size_t i = 0; i < field.node->children.size(); i++) {
    const JsonNode& item = field.node->children[i];
    const double speed = item.real;
    const bool is_number =
        item.kind == JsonNode::Kind::kReal || item.kind == JsonNode::Kind::kWhole;
    if (!is_number || !(speed >= 0.001 && speed <= 1) || (i == 0 && speed < 1)) {
      draft.refusal.at(
          field.item(i),
          fmt::format("{} is not accepted; it takes a speed from 0.001 to 1; the first "
                      "is 1",
                      value_text(item)));
      return;
    }
    speeds.push_back(static_cast<u32>(std::lround(speed * 1000)));
  }
  if (speeds.empty() || speeds.size() > draft.scenario.shape.smt) {
    draft.refusal.at(field, "it takes an array of speeds, at most one for each thread of a core");
  }
}

void apply_cpus_wish(const FieldRef& field, u32 cpus, ScenarioDraft& draft) {
  MachineShape& shape = draft.scenario.shape;
  const u32 llcs = shape.sockets * shape.llcs;
  const u32 of_llc = cpus / llcs;
  if (shape.cores > 0 && cpus % llcs == 0 && of_llc > shape.single_cores &&
      (of_llc - shape.single_cores) % shape.smt == 0) {
    shape.cores = (of_llc - shape.single_cores) / shape.smt;
    return;
  }
  draft.refusal.at(field, fmt::format("{} cpus cannot be shared out evenly over this machine's "
                                      "sockets, llcs and cores",
                                      cpus));
}

void read_topology(const FieldRef& section, const ScenarioWishes& wishes, ScenarioDraft& draft) {
  MachineShape& shape = draft.scenario.shape;
  Fields fields(section, draft.refusal);
  shape.sockets = fields.whole("sockets", {1, 64}, 1);
  shape.llcs = fields.whole("llcs", {1, 64}, 1);
  shape.cores = fields.whole("cores", {0, PAIRS_MAX}, 1);
  shape.smt = fields.whole("smt", {1, 8}, shape.smt);
  shape.single_cores = fields.whole("single_cores", {0, PAIRS_MAX}, 0);
  if (const auto numbering = fields.find("numbering")) {
    shape.adjacent = read_choice(*numbering, {"apart", "adjacent"}, draft.refusal) == 1;
  }
  if (wishes.cpus) apply_cpus_wish(fields.self(), *wishes.cpus, draft);
  if (const auto speeds = fields.find("speed")) read_speeds(*speeds, draft);
  const u64 pairs = u64{shape.sockets} * shape.llcs * (shape.cores + shape.single_cores);
  if (pairs == 0 || pairs > PAIRS_MAX || pairs * shape.smt > CPUS_MAX) {
    draft.refusal.at(fields.self(), fmt::format("it takes 1 to {} cores and at most {} cpus",
                                                PAIRS_MAX, CPUS_MAX));
    return;
  }
  const u32 cpus = cpu_count(shape);
  if (const auto offline = fields.find("offline")) {
    draft.scenario.offline = read_cpus(*offline, cpus, draft.refusal);
    std::ranges::sort(draft.scenario.offline);
    if (std::ranges::binary_search(draft.scenario.offline, 0U)) {
      draft.refusal.at(*offline, "cpu 0 is always online");
    }
  }
  fields.finish();
}

u64 read_cost(Fields& fields, std::string_view name, u64 fallback_ns) {
  return fields.duration_within(name, fallback_ns, {.most_ns = 100 * kUs});
}

CostSpec read_costs(const FieldRef& section, ScenarioDraft& draft) {
  CostSpec costs;
  Fields fields(section, draft.refusal);
  costs.callback_ns = read_cost(fields, "callback", costs.callback_ns);
  costs.lock_hold_ns = read_cost(fields, "lock_hold", costs.lock_hold_ns);
  costs.line_ns = read_cost(fields, "line", costs.line_ns);
  costs.far_line_ns = read_cost(fields, "far_line", costs.far_line_ns);
  fields.finish();
  return costs;
}

void read_kernel(const FieldRef& section, ScenarioDraft& draft) {
  KernelSpec& kernel = draft.scenario.kernel;
  Fields fields(section, draft.refusal);
  if (const auto field = fields.find("version")) {
    const std::string text = read_text(*field, draft.refusal);
    const auto version = parse_kernel_version(text);
    kernel.version = version.value_or(kernel.version);
    if (!version) {
      draft.refusal.at(*field, fmt::format("\"{}\" is not accepted; it takes a version such as "
                                           "\"7.1\", from 6.12 on",
                                           text));
    }
  }
  kernel.hz = fields.whole("hz", {100, 1000}, kernel.hz);
  kernel.kick_delay_ns = fields.duration_draw("kick_delay", kernel.kick_delay_ns);
  kernel.timer_delay_ns = fields.duration_draw("timer_delay", kernel.timer_delay_ns);
  kernel.switch_ns = fields.duration_within("switch", kernel.switch_ns, {.most_ns = kMs});
  // The kernel counts it in milliseconds.
  kernel.watchdog_ns = fields.duration_within("watchdog", kernel.watchdog_ns, {.least_ns = kMs});
  if (const auto costs = fields.find("costs")) kernel.costs = read_costs(*costs, draft);
  fields.finish();
}

void read_scheduler(const FieldRef& section, ScenarioDraft& draft) {
  SchedulerSpec& scheduler = draft.scenario.scheduler;
  Fields fields(section, draft.refusal);
  // The ranges of scx_pair's own options.
  const DurationRange turns{.least_ns = kMs, .most_ns = kSecondNs};
  scheduler.turn_ns = fields.duration_within("turn", scheduler.turn_ns, turns);
  scheduler.turn_min_ns = fields.duration_within("turn_min", scheduler.turn_min_ns, turns);
  scheduler.slice_ns = fields.duration_within("slice", scheduler.slice_ns,
                                              {.least_ns = 500 * kUs, .most_ns = 100 * kMs});
  if (const auto field = fields.find("kthreads")) {
    const size_t choice = read_choice(*field, {"trusted", "isolated"}, draft.refusal);
    scheduler.kthreads_trusted = choice == 0;
  }
  fields.finish();
}

void read_published(const FieldRef& section, ScenarioDraft& draft) {
  if (section.node->kind != JsonNode::Kind::kArray) {
    draft.refusal.at(section, "it takes an array of objects");
    return;
  }
  for (size_t i = 0; i < section.node->children.size(); i++) {
    Fields fields(section.item(i), draft.refusal);
    const FieldRef kept = fields.need("kept");
    const bool is_number =
        kept.node->kind == JsonNode::Kind::kReal || kept.node->kind == JsonNode::Kind::kWhole;
    if (!is_number)
      draft.refusal.at(kept, fmt::format("{} is not accepted; it takes a number; 1 is all of the "
                                         "benefit",
                                         value_text(*kept.node)));
    draft.scenario.published.push_back({.who = fields.text("who", ""), .kept = kept.node->real});
    fields.finish();
  }
}

void apply_wishes(const ScenarioWishes& wishes, Scenario& scenario) {
  scenario.seed = wishes.seed.value_or(scenario.seed);
  if (wishes.duration_ns && scenario.duration_ns > 0) {
    // The warm-up keeps its part of the run.
    const double part =
        static_cast<double>(scenario.warmup_ns) / static_cast<double>(scenario.duration_ns);
    scenario.duration_ns = *wishes.duration_ns;
    scenario.warmup_ns = static_cast<u64>(part * static_cast<double>(scenario.duration_ns));
  }
  scenario.kernel.version = wishes.kernel_version.value_or(scenario.kernel.version);
}

void check_window(const FieldRef& root, ScenarioDraft& draft) {
  const Scenario& scenario = draft.scenario;
  if (scenario.duration_ns == 0) draft.refusal.at(root, "global.duration: above 0");
  if (scenario.warmup_ns >= scenario.duration_ns) {
    draft.refusal.at(root, "global.warmup: it is as long as the whole run");
  }
}

}  // namespace

std::optional<u32> parse_kernel_version(const std::string& text) {
  u32 major = 0;
  u32 minor = 0;
  const char* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, major);
  if (error != std::errc() || dot == end || *dot != '.') return std::nullopt;
  const auto [stop, minor_error] = std::from_chars(dot + 1, end, minor);
  if (minor_error != std::errc() || stop != end || minor > 99) return std::nullopt;
  if (major < 6 || major > 7 || (major == 6 && minor < 12)) return std::nullopt;
  return major * 100 + minor;
}

std::string kernel_version_text(u32 version) {
  return fmt::format("{}.{}", version / 100, version % 100);
}

Result<Scenario> parse_scenario(const std::string& text, const std::string& file,
                                const ScenarioWishes& wishes) {
  Result<JsonNode> tree = parse_json_tree(text, file);
  if (!tree) return std::move(tree.error());
  Refusal refusal(file);
  ScenarioDraft draft{.scenario = {}, .refusal = refusal};
  Fields fields({&tree.value(), ""}, refusal);
  // A section that is not there is an empty one.
  JsonNode empty{.kind = JsonNode::Kind::kObject, .position = tree->position};
  const auto section = [&](std::string_view name) {
    return fields.find(name).value_or(FieldRef{&empty, std::string(name)});
  };
  draft.scenario.name = fields.text("name", file);
  draft.scenario.description = fields.text("description", "");
  read_global(section("global"), draft);
  read_topology(section("topology"), wishes, draft);
  read_kernel(section("kernel"), draft);
  read_scheduler(section("scheduler"), draft);
  apply_wishes(wishes, draft.scenario);
  check_window(fields.self(), draft);
  // What follows speaks of cpus, which must be right.
  if (refusal.is_set()) return refusal.error();
  read_cgroups(section("cgroups"), draft);
  read_channels(section("channels"), draft);
  read_tasks(fields.need("tasks"), draft);
  if (const auto faults = fields.find("faults")) read_faults(*faults, draft);
  if (const auto published = fields.find("published")) read_published(*published, draft);
  fields.finish();
  if (refusal.is_set()) return refusal.error();
  return std::move(draft.scenario);
}

Result<std::string> read_bytes(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  // Reading by the stream tells an empty file from one that cannot be read, which a copy of its
  // buffer does not.
  std::string bytes;
  std::array<char, 1U << 16U> part{};
  while (stream.read(part.data(), part.size()) || stream.gcount() > 0) {
    bytes.append(part.data(), static_cast<size_t>(stream.gcount()));
  }
  if (stream.eof() && !stream.bad()) return bytes;
  return Error{ExitCode::kUsage,
               fmt::format("{}: {}", printable(file.string()), std::strerror(errno))};
}

Result<Scenario> read_scenario(const std::filesystem::path& file) {
  Result<std::string> text = read_bytes(file);
  if (!text) return std::move(text.error());
  return parse_scenario(*text, file.string());
}

}  // namespace scx_pair
