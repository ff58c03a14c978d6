// SPDX-License-Identifier: GPL-2.0-only
// What tasks and faults have in common: policies and affinities.
#include <algorithm>
#include <array>

#include "sim/scenario_reader.h"

namespace scx_pair {
namespace {

// In the order of TaskPolicy.
constexpr std::array<const char*, 6> kPolicies = {"SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE",
                                                  "SCHED_FIFO",  "SCHED_RR",    "SCHED_DEADLINE"};

}  // namespace

const char* policy_name(TaskPolicy policy) {
  return kPolicies[static_cast<size_t>(policy)];
}

bool is_real_time(TaskPolicy policy) {
  return policy == TaskPolicy::kFifo || policy == TaskPolicy::kRoundRobin;
}

PolicyFields read_policy(Fields& fields, std::string_view name, ScenarioDraft& draft) {
  PolicyFields read;
  if (const auto field = fields.find(name)) {
    const std::vector<std::string_view> names(kPolicies.begin(), kPolicies.end());
    read.policy = static_cast<TaskPolicy>(read_choice(*field, names, draft.refusal));
  }
  const auto priority = fields.find("priority");
  if (is_real_time(read.policy)) {
    read.priority = 50;
    if (priority) {
      read.priority = static_cast<u32>(read_whole(*priority, {1, 99}, draft.refusal));
    }
  } else if (priority) {
    const bool is_fair = read.policy == TaskPolicy::kOrdinary || read.policy == TaskPolicy::kBatch;
    const WholeRange nice = is_fair ? WholeRange{-20, 19} : WholeRange{0, 0};
    read.nice = static_cast<s32>(read_whole(*priority, nice, draft.refusal));
  }
  return read;
}

std::vector<u32> read_affinity(Fields& fields, ScenarioDraft& draft) {
  const auto field = fields.find("cpus");
  if (!field) return {};
  std::vector<u32> cpus = read_cpus(*field, cpu_count(draft.scenario.shape), draft.refusal);
  std::ranges::sort(cpus);
  const bool usable = std::ranges::any_of(
      cpus, [&](u32 cpu) { return !std::ranges::binary_search(draft.scenario.offline, cpu); });
  if (!usable) draft.refusal.at(*field, "none of these cpus is online");
  return cpus;
}

}  // namespace scx_pair
