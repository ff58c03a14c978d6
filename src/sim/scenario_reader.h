// SPDX-License-Identifier: GPL-2.0-only
//
// How the parts of a scenario file are read, one function a section; for scenario_file.cc only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fields.h"
#include "sim/scenario.h"

namespace scx_pair {

// Indices that belong to one name: all instances of "pipe#", or a single one.
struct NameRange {
  u32 first = 0;
  u32 count = 1;
};
using NameTable = std::map<std::string, NameRange>;

// A scenario while it is read.
struct ScenarioDraft {
  Scenario scenario{};
  Refusal& refusal;
  std::map<std::string, std::vector<u32>> cgroups{};  // by path, and by pattern
  NameTable channels{};
  NameTable barriers{};
  NameTable tasks{};
  std::map<u32, FieldRef> suspends{};             // channel: where a task waits for it
  std::vector<bool> resumed{};                    // by channel: somebody sends to it
  std::vector<std::vector<u32>> forks{};          // by task: what it forks
  std::set<std::pair<u32, u32>> barrier_users{};  // barrier, task
};

inline constexpr s64 kInstancesMax = 1'000'000;
inline constexpr s64 kCgroupsMax = 100'000;

// Whether the name has one "#" where there are `instances`, and none where not. Refuses it if not.
bool check_pattern(const FieldRef& field, const std::string& name, std::optional<u32> instances,
                   Refusal& refusal);
std::string pattern_instance(const std::string& pattern, u32 index);

void read_cgroups(const FieldRef& section, ScenarioDraft& draft);
void read_channels(const FieldRef& section, ScenarioDraft& draft);
void read_tasks(const FieldRef& section, ScenarioDraft& draft);
void read_faults(const FieldRef& section, ScenarioDraft& draft);

// The steps of one task or phase, from the members that are one; the others stay unknown.
std::vector<Step> read_steps(Fields& fields, u32 task, ScenarioDraft& draft);

// Cgroups by their paths and patterns; cpus below cpu_count(), one of which is online at the start;
// a policy with its priority or nice value.
std::vector<u32> read_cgroup_list(const FieldRef& field, ScenarioDraft& draft);
std::vector<u32> read_affinity(Fields& fields, ScenarioDraft& draft);
struct PolicyFields {
  TaskPolicy policy = TaskPolicy::kOrdinary;
  s32 nice = 0;
  u32 priority = 0;
};
PolicyFields read_policy(Fields& fields, std::string_view name, ScenarioDraft& draft);
const char* policy_name(TaskPolicy policy);
bool is_real_time(TaskPolicy policy);

}  // namespace scx_pair
