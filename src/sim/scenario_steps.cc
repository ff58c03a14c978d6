// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <array>

#include "sim/scenario_reader.h"

namespace scx_pair {
namespace {

struct StepName {
  std::string_view name;
  Step::Kind kind;
};

constexpr std::array<StepName, 11> kSteps = {{{"run", Step::Kind::kRun},
                                              {"run_pinned", Step::Kind::kRunPinned},
                                              {"sleep", Step::Kind::kSleep},
                                              {"timer", Step::Kind::kTimer},
                                              {"yield", Step::Kind::kYield},
                                              {"resume", Step::Kind::kResume},
                                              {"suspend", Step::Kind::kSuspend},
                                              {"barrier", Step::Kind::kBarrier},
                                              {"fork", Step::Kind::kFork},
                                              {"exec", Step::Kind::kExec},
                                              {"exit", Step::Kind::kExit}}};

// A key is the name of a step and, because keys differ, maybe a number: "run", "run1", "run2".
const StepName* step_named(std::string_view key) {
  const std::string_view name = key.substr(0, key.find_last_not_of("0123456789") + 1);
  const auto* const found = std::ranges::find(kSteps, name, &StepName::name);
  return found != kSteps.end() ? found : nullptr;
}

NameRange make_channel(const std::string& name, ScenarioDraft& draft) {
  const NameRange range{static_cast<u32>(draft.scenario.channels.size()), 1};
  draft.scenario.channels.push_back({.name = name});
  draft.resumed.push_back(false);
  draft.channels[name] = range;
  return range;
}

// The channels of one name. One without a pattern needs no declaration.
NameRange channels_named(const std::string& name, const FieldRef& where, ScenarioDraft& draft) {
  const auto found = draft.channels.find(name);
  if (found != draft.channels.end()) return found->second;
  if (name.empty() || name.find('#') != std::string::npos) {
    draft.refusal.at(where, fmt::format("channel \"{}\" is not in \"channels\"", name));
  }
  return make_channel(name, draft);
}

void read_channel_target(const FieldRef& field, Step& step, ScenarioDraft& draft) {
  NameRange range{kNoIndex, 0};
  for (const auto& [name, where] : read_texts(field, draft.refusal)) {
    const NameRange next = channels_named(name, where, draft);
    if (range.count == 0) range.first = next.first;
    if (next.first != range.first + range.count) {
      draft.refusal.at(where, "channels of one list follow each other in \"channels\"");
    }
    range.count += next.count;
  }
  step.target = range.first;
  step.target_span = std::max(range.count, 1U);
  if (draft.refusal.is_set()) return;
  for (u32 channel = range.first; channel < range.first + range.count; channel++) {
    if (step.kind == Step::Kind::kResume) draft.resumed[channel] = true;
    if (step.kind == Step::Kind::kSuspend) draft.suspends.try_emplace(channel, field);
  }
}

// Each task that names a barrier is one it waits for, as often as there are of it.
void read_barrier(const FieldRef& field, u32 task, Step& step, ScenarioDraft& draft) {
  const std::string name = read_text(field, draft.refusal);
  const u32 instances = draft.scenario.tasks[task].instances;
  if (instances == 0) draft.refusal.at(field, "a task that is only forked cannot be waited for");
  const auto next = static_cast<u32>(draft.scenario.barriers.size());
  const auto [entry, is_new] = draft.barriers.try_emplace(name, NameRange{next, 1});
  if (is_new) draft.scenario.barriers.push_back(0);
  step.target = entry->second.first;
  if (draft.barrier_users.emplace(step.target, task).second) {
    draft.scenario.barriers[step.target] += instances;
  }
}

void read_fork(const FieldRef& field, u32 task, Step& step, ScenarioDraft& draft) {
  const std::string name = read_text(field, draft.refusal);
  const auto found = draft.tasks.find(name);
  if (found == draft.tasks.end()) {
    draft.refusal.at(field, fmt::format("task \"{}\" is not in \"tasks\"", name));
    return;
  }
  step.target = found->second.first;
  draft.forks[task].push_back(step.target);
}

// A task that is late goes through all the periods it has missed.
u64 read_period_ns(const FieldRef& field, Refusal& refusal) {
  const u64 ns = read_duration_ns(field, refusal);
  check_duration(field, ns, {.least_ns = kRepeatMinNs}, refusal);
  return ns;
}

// rt-app's {"ref": "unique", "period": 20000}, or the period alone.
Draw read_timer(const FieldRef& field, ScenarioDraft& draft) {
  if (field.node->kind != JsonNode::Kind::kObject) {
    return {.value = read_period_ns(field, draft.refusal)};
  }
  Fields fields(field, draft.refusal);
  if (const auto ref = fields.find("ref")) read_choice(*ref, {"unique"}, draft.refusal);
  const Draw period{.value = read_period_ns(fields.need("period"), draft.refusal)};
  fields.finish();
  return period;
}

void read_nothing(const FieldRef& field, ScenarioDraft& draft) {
  if (!read_text(field, draft.refusal).empty())
    draft.refusal.at(field,
                     fmt::format("{} is not accepted; it takes \"\"", value_text(*field.node)));
}

Step read_step(const FieldRef& field, Step::Kind kind, u32 task, ScenarioDraft& draft) {
  Step step{.kind = kind};
  switch (kind) {
    case Step::Kind::kRun:
    case Step::Kind::kRunPinned:
    case Step::Kind::kSleep:
      step.duration_ns = read_duration_draw(field, draft.refusal);
      break;
    case Step::Kind::kTimer:
      step.duration_ns = read_timer(field, draft);
      break;
    case Step::Kind::kResume:
    case Step::Kind::kSuspend:
      read_channel_target(field, step, draft);
      break;
    case Step::Kind::kBarrier:
      read_barrier(field, task, step, draft);
      break;
    case Step::Kind::kFork:
      read_fork(field, task, step, draft);
      break;
    case Step::Kind::kYield:
    case Step::Kind::kExec:
    case Step::Kind::kExit:
      read_nothing(field, draft);
      break;
  }
  return step;
}

}  // namespace

std::vector<Step> read_steps(Fields& fields, u32 task, ScenarioDraft& draft) {
  std::vector<Step> steps;
  for (const StepName& step : kSteps) fields.know(step.name);
  for (const JsonNode& child : fields.self().node->children) {
    const StepName* const step = step_named(child.name);
    if (step == nullptr) continue;
    const FieldRef field = *fields.find(child.name);
    steps.push_back(read_step(field, step->kind, task, draft));
  }
  return steps;
}

void read_channels(const FieldRef& section, ScenarioDraft& draft) {
  Fields sections(section, draft.refusal);
  for (const FieldRef& field : sections.members()) {
    const std::string& name = field.node->name;
    Fields fields(field, draft.refusal);
    std::optional<u32> instances;
    if (const auto number = fields.find("instances")) {
      instances = static_cast<u32>(read_whole(*number, {1, kInstancesMax}, draft.refusal));
    }
    ChannelSpec spec{.name = name,
                     .capacity = fields.whole("capacity", {0, kInstancesMax}, 0),
                     .filled = fields.whole("filled", {0, kInstancesMax}, 0)};
    fields.finish();
    if (spec.capacity > 0 && spec.filled > spec.capacity) {
      draft.refusal.at(field, "filled beyond its capacity");
    }
    if (!check_pattern(field, name, instances, draft.refusal) || draft.refusal.is_set()) return;
    const NameRange range{static_cast<u32>(draft.scenario.channels.size()), instances.value_or(1)};
    for (u32 i = 0; i < range.count; i++) {
      if (instances) spec.name = pattern_instance(name, i);
      if (draft.channels.contains(spec.name))
        draft.refusal.at(field, spec.name + " is there twice");
      draft.channels[spec.name] = {range.first + i, 1};
      draft.scenario.channels.push_back(spec);
      draft.resumed.push_back(false);
    }
    if (instances) draft.channels[name] = range;
  }
}

}  // namespace scx_pair
