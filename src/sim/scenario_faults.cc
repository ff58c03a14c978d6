// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <array>

#include "base/time_units.h"
#include "sim/scenario_reader.h"

namespace scx_pair {
namespace {

struct FaultName {
  std::string_view name;
  Fault::Kind kind;
};

// In the order of Fault::Kind. A fault has one of these as a field.
constexpr std::array<FaultName, 13> kFaults = {{{"move", Fault::Kind::kMove},
                                                {"churn", Fault::Kind::kChurn},
                                                {"affinity", Fault::Kind::kAffinity},
                                                {"weight", Fault::Kind::kWeight},
                                                {"nice", Fault::Kind::kNice},
                                                {"policy", Fault::Kind::kPolicy},
                                                {"offline", Fault::Kind::kOffline},
                                                {"burst", Fault::Kind::kBurst},
                                                {"kthreads", Fault::Kind::kKthreads},
                                                {"reload", Fault::Kind::kReload},
                                                {"bypass", Fault::Kind::kBypass},
                                                {"limit", Fault::Kind::kLimit},
                                                {"idle", Fault::Kind::kLeftover}}};

std::vector<u32> read_task_list(const FieldRef& field, ScenarioDraft& draft) {
  std::vector<u32> list;
  for (const auto& [name, where] : read_texts(field, draft.refusal)) {
    const auto found = draft.tasks.find(name);
    if (found == draft.tasks.end()) {
      draft.refusal.at(where, fmt::format("task \"{}\" is not in \"tasks\"", name));
      continue;
    }
    const TaskSpec& spec = draft.scenario.tasks[found->second.first];
    const bool is_fixed = spec.kthread || spec.policy == TaskPolicy::kDeadline;
    if (is_fixed) draft.refusal.at(where, "kernel threads and deadline tasks are left alone");
    list.push_back(found->second.first);
  }
  return list;
}

void read_affinity_fault(Fields& fields, const FieldRef& what, Fault& fault, ScenarioDraft& draft) {
  fault.tasks = read_task_list(what, draft);
  fault.cpus = read_affinity(fields, draft);
}

// Cgroups of which a file is written: the root has none.
void read_cgroups_below_root(const FieldRef& what, std::string_view file, Fault& fault,
                             ScenarioDraft& draft) {
  fault.cgroups = read_cgroup_list(what, draft);
  if (std::ranges::find(fault.cgroups, 0U) != fault.cgroups.end()) {
    draft.refusal.at(what, fmt::format("the root cgroup has no {}", file));
  }
}

void read_weight_fault(Fields& fields, const FieldRef& what, Fault& fault, ScenarioDraft& draft) {
  read_cgroups_below_root(what, "weight", fault, draft);
  fault.value = read_whole_draw(fields.need("value"), {1, 10'000}, draft.refusal);
}

void read_limit_fault(Fields& fields, const FieldRef& what, Fault& fault, ScenarioDraft& draft) {
  read_cgroups_below_root(what, "cpu.max", fault, draft);
  fault.value = read_whole_draw(fields.need("value"), {0, 100'000}, draft.refusal);
  fault.period_ns =
      fields.duration_within("period", fault.period_ns, {.least_ns = kMs, .most_ns = 1'000 * kMs});
}

void read_nice_fault(Fields& fields, const FieldRef& what, Fault& fault, ScenarioDraft& draft) {
  fault.tasks = read_task_list(what, draft);
  fault.value = read_whole_draw(fields.need("value"), {-20, 19}, draft.refusal);
}

// A fault's policy; only tasks have a nice value.
void read_fault_policy(Fields& fields, std::string_view name, Fault& fault, ScenarioDraft& draft) {
  const PolicyFields read = read_policy(fields, name, draft);
  fault.policy = read.policy;
  fault.priority = read.priority;
  if (fault.policy == TaskPolicy::kDeadline) {
    draft.refusal.at(fields.self(), "not with SCHED_DEADLINE");
  }
  if (read.nice != 0) draft.refusal.at(fields.self(), "no priority with this policy");
}

void read_policy_fault(Fields& fields, const FieldRef& what, Fault& fault, ScenarioDraft& draft) {
  fault.tasks = read_task_list(what, draft);
  fields.need("to");
  read_fault_policy(fields, "to", fault, draft);
  fault.run_ns = read_duration_draw(fields.need("for"), draft.refusal);
}

void read_offline_fault(Fields& fields, const FieldRef& what, Fault& fault, ScenarioDraft& draft) {
  fault.cpus = read_cpus(what, cpu_count(draft.scenario.shape), draft.refusal);
  if (std::ranges::find(fault.cpus, 0U) != fault.cpus.end()) {
    draft.refusal.at(what, "cpu 0 is always online");
  }
  fault.run_ns = read_duration_draw(fields.need("for"), draft.refusal);
}

void read_crowd(Fields& fields, TaskPolicy policy, Fault& fault, ScenarioDraft& draft) {
  fault.policy = policy;
  if (fields.find("policy")) read_fault_policy(fields, "policy", fault, draft);
  if (!is_real_time(fault.policy)) fault.priority = 0;
  fault.cpus = read_affinity(fields, draft);
  fault.run_ns = read_duration_draw(fields.need("run"), draft.refusal);
}

void read_what(Fields& fields, const FieldRef& what, Fault& fault, ScenarioDraft& draft) {
  switch (fault.kind) {
    case Fault::Kind::kMove:
      fault.tasks = read_task_list(what, draft);
      fault.cgroups = read_cgroup_list(fields.need("to"), draft);
      break;
    case Fault::Kind::kChurn:
      fault.cgroups = read_cgroup_list(what, draft);
      fault.run_ns = fields.duration_draw("run", {});
      break;
    case Fault::Kind::kAffinity:
      read_affinity_fault(fields, what, fault, draft);
      break;
    case Fault::Kind::kWeight:
      read_weight_fault(fields, what, fault, draft);
      break;
    case Fault::Kind::kNice:
      read_nice_fault(fields, what, fault, draft);
      break;
    case Fault::Kind::kPolicy:
      read_policy_fault(fields, what, fault, draft);
      break;
    case Fault::Kind::kOffline:
      read_offline_fault(fields, what, fault, draft);
      break;
    case Fault::Kind::kBurst:
      fault.cgroups = read_cgroup_list(what, draft);
      fault.count = fields.whole("count", {1, 10'000}, 1);
      read_crowd(fields, TaskPolicy::kFifo, fault, draft);
      break;
    case Fault::Kind::kKthreads:
      fault.count = static_cast<u32>(read_whole(what, {1, 10'000}, draft.refusal));
      read_crowd(fields, TaskPolicy::kOrdinary, fault, draft);
      break;
    case Fault::Kind::kReload:
      if (!read_flag(what, draft.refusal)) draft.refusal.at(what, "it takes true");
      break;
    case Fault::Kind::kBypass:
      fault.run_ns = read_duration_draw(what, draft.refusal);
      break;
    case Fault::Kind::kLimit:
      read_limit_fault(fields, what, fault, draft);
      break;
    case Fault::Kind::kLeftover:
      read_cgroups_below_root(what, "cpu.idle", fault, draft);
      break;
  }
}

void read_every(Fields& fields, Fault& fault, ScenarioDraft& draft) {
  const auto field = fields.find("every");
  if (!field) return;
  fault.every_ns = read_duration_draw(*field, draft.refusal);
  if (fault.every_ns.is_zero() || fault.every_ns.mean() >= kRepeatMinNs) return;
  draft.refusal.at(*field,
                   fmt::format("it takes 0 for once, or {} ns on average or more", kRepeatMinNs));
}

void read_fault(const FieldRef& field, ScenarioDraft& draft) {
  Fields fields(field, draft.refusal);
  Fault fault;
  std::optional<FieldRef> what;
  std::vector<std::string_view> names;
  for (const FaultName& known : kFaults) {
    names.push_back(known.name);
    const auto found = std::ranges::find(field.node->children, known.name, &JsonNode::name);
    // "policy" is also a field of bursts.
    if (found == field.node->children.end() || what) continue;
    const bool is_burst = known.kind == Fault::Kind::kPolicy &&
                          std::ranges::any_of(field.node->children, [](const JsonNode& child) {
                            return child.name == "burst" || child.name == "kthreads";
                          });
    if (is_burst) continue;
    what = fields.find(known.name);
    fault.kind = known.kind;
  }
  if (!what) {
    std::vector<std::string_view> there;
    there.reserve(field.node->children.size());
    for (const JsonNode& child : field.node->children) there.push_back(child.name);
    draft.refusal.at(field, fmt::format("a fault has one of {}; here are: {}",
                                        fmt::join(names, ", "), fmt::join(there, ", ")));
    return;
  }
  fault.at_ns = fields.duration_ns("at", 0);
  read_every(fields, fault, draft);
  fault.until_ns = fields.duration_ns("until", ~u64{0});
  read_what(fields, *what, fault, draft);
  fields.finish();
  if (fault.until_ns < fault.at_ns) draft.refusal.at(field, "it ends before it begins");
  draft.scenario.faults.push_back(std::move(fault));
}

}  // namespace

void read_faults(const FieldRef& section, ScenarioDraft& draft) {
  if (section.node->kind != JsonNode::Kind::kArray) {
    draft.refusal.at(section, "it takes an array of objects");
    return;
  }
  for (size_t i = 0; i < section.node->children.size(); i++) read_fault(section.item(i), draft);
}

}  // namespace scx_pair
