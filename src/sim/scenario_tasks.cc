// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <array>
#include <limits>

#include "sim/scenario_reader.h"

namespace scx_pair {
namespace {

// Rounds after which a loop counts as one that must take time.
constexpr s64 kLoopsWithoutTime = 1'000;
constexpr s64 kLoopsMax = 1'000'000'000;

// What one round of these steps takes on average, at least.
u64 time_of(const std::vector<Step>& steps) {
  u64 ns = 0;
  for (const Step& step : steps) {
    const bool has_duration = step.kind == Step::Kind::kRun ||
                              step.kind == Step::Kind::kRunPinned ||
                              step.kind == Step::Kind::kSleep || step.kind == Step::Kind::kTimer;
    if (has_duration) ns += step.duration_ns.mean();
  }
  return ns;
}

void check_loop(const FieldRef& field, s64 loops, u64 round_ns, ScenarioDraft& draft) {
  if (round_ns > 0 || (loops >= 0 && loops <= kLoopsWithoutTime)) return;
  draft.refusal.at(field,
                   "it would go round without end and without time passing; give it a run, "
                   "sleep or timer");
}

s64 read_loops(Fields& fields, s64 fallback) {
  return fields.signed_whole("loop", {-1, kLoopsMax}, fallback);
}

void read_phase(const FieldRef& field, u32 task, ScenarioDraft& draft) {
  std::vector<Phase>& phases = draft.scenario.tasks[task].phases;
  if (!phases.empty() && phases.back().loops == -1) {
    draft.refusal.at(field, "it is never reached: the phase before it has no end");
  }
  Fields fields(field, draft.refusal);
  Phase phase{.loops = read_loops(fields, 1), .steps = read_steps(fields, task, draft)};
  fields.finish();
  if (phase.steps.empty()) draft.refusal.at(field, "a phase without a step");
  check_loop(field, phase.loops, time_of(phase.steps), draft);
  phases.push_back(std::move(phase));
}

void read_phases(Fields& fields, u32 task, ScenarioDraft& draft) {
  TaskSpec& spec = draft.scenario.tasks[task];
  const auto phases = fields.find("phases");
  std::vector<Step> steps = read_steps(fields, task, draft);
  if (phases && !steps.empty()) {
    draft.refusal.at(*phases, "a task has either \"phases\" or steps of its own");
  }
  if (phases) {
    Fields sections(*phases, draft.refusal);
    for (const FieldRef& field : sections.members()) read_phase(field, task, draft);
  } else if (!steps.empty()) {
    spec.phases = {{.loops = 1, .steps = std::move(steps)}};
  }
}

// Requires: unknown fields have been refused, which one that is missing may be.
void check_phases(const FieldRef& field, const TaskSpec& spec, ScenarioDraft& draft) {
  if (spec.phases.empty()) {
    draft.refusal.at(field, "a task without a step: give it a run, a sleep, ...");
  }
  u64 round_ns = 0;
  for (const Phase& phase : spec.phases) round_ns += time_of(phase.steps);
  check_loop(field, spec.loops, round_ns, draft);
}

void read_deadline(Fields& fields, TaskSpec& spec, ScenarioDraft& draft) {
  const bool is_deadline = spec.policy == TaskPolicy::kDeadline;
  spec.dl_runtime_ns = fields.duration_ns("dl-runtime", 0);
  spec.dl_period_ns = fields.duration_ns("dl-period", spec.dl_runtime_ns);
  spec.dl_deadline_ns = fields.duration_ns("dl-deadline", spec.dl_period_ns);
  const bool in_order =
      spec.dl_runtime_ns <= spec.dl_deadline_ns && spec.dl_deadline_ns <= spec.dl_period_ns;
  if (is_deadline && (spec.dl_runtime_ns == 0 || !in_order)) {
    draft.refusal.at(fields.self(),
                     "SCHED_DEADLINE needs 0 < dl-runtime <= dl-deadline <= "
                     "dl-period");
  }
  // __checkparam_dl()
  if (is_deadline && spec.dl_runtime_ns < 1'024) {
    draft.refusal.at(fields.self(), "SCHED_DEADLINE takes a dl-runtime from 1024 ns on");
  }
  if (!is_deadline && spec.dl_period_ns + spec.dl_deadline_ns > 0) {
    draft.refusal.at(fields.self(), "dl-runtime and its like are for SCHED_DEADLINE");
  }
}

// What the kernel would not let a task be.
void check_class(const FieldRef& field, u32 task, ScenarioDraft& draft) {
  const TaskSpec& spec = draft.scenario.tasks[task];
  const bool forks = !draft.forks[task].empty();
  if (spec.policy == TaskPolicy::kDeadline && forks) {
    draft.refusal.at(field, "a SCHED_DEADLINE task may not fork");
  }
  if (spec.policy == TaskPolicy::kDeadline && (!spec.cpus.empty() || spec.one_cpu_each)) {
    draft.refusal.at(field, "a SCHED_DEADLINE task may use every cpu");
  }
  if (spec.kthread && (forks || spec.cgroups != std::vector<u32>{0})) {
    draft.refusal.at(field, "a kernel thread does not fork, and is in the root cgroup");
  }
}

void read_task(const FieldRef& field, u32 task, ScenarioDraft& draft) {
  TaskSpec& spec = draft.scenario.tasks[task];
  Fields fields(field, draft.refusal);
  fields.find("instance");  // read before
  spec.kthread = fields.flag("kthread", false);
  const PolicyFields policy = read_policy(fields, "policy", draft);
  spec.policy = policy.policy;
  spec.nice = policy.nice;
  spec.priority = policy.priority;
  read_deadline(fields, spec, draft);
  if (const auto cgroup = fields.find("cgroup")) spec.cgroups = read_cgroup_list(*cgroup, draft);
  spec.cpus = read_affinity(fields, draft);
  spec.one_cpu_each = fields.flag("one_cpu_each", false);
  spec.delay_ns = fields.duration_draw("delay", {});
  spec.loops = read_loops(fields, -1);
  read_phases(fields, task, draft);
  fields.finish();
  check_phases(field, spec, draft);
  check_class(field, task, draft);
}

// The names and numbers of all tasks, which steps refer to.
void declare_tasks(Fields& sections, ScenarioDraft& draft) {
  u64 total = 0;
  for (const FieldRef& field : sections.members()) {
    const auto task = static_cast<u32>(draft.scenario.tasks.size());
    Fields fields(field, draft.refusal);
    TaskSpec spec{.name = field.node->name,
                  .instances = fields.whole("instance", {0, kInstancesMax}, 1)};
    total += spec.instances;
    if (total > draft.scenario.tasks_max) {
      draft.refusal.at(field, fmt::format("with it there are {} tasks, more than tasks_max, {}",
                                          total, draft.scenario.tasks_max));
    }
    if (spec.name.empty()) draft.refusal.at(field, "a task has a name");
    draft.tasks[spec.name] = {task, 1};
    draft.scenario.tasks.push_back(std::move(spec));
  }
  draft.forks.resize(draft.scenario.tasks.size());
}

void check_channels(ScenarioDraft& draft) {
  for (const auto& [channel, where] : draft.suspends) {
    const ChannelSpec& spec = draft.scenario.channels[channel];
    if (draft.resumed[channel] || spec.filled > 0) continue;
    draft.refusal.at(where, fmt::format("nobody ever resumes {}", spec.name));
  }
}

// The kernel admits deadline tasks up to 95 % of the cpus.
void check_deadlines(const FieldRef& section, ScenarioDraft& draft) {
  double used = 0;
  for (const TaskSpec& spec : draft.scenario.tasks) {
    if (spec.policy != TaskPolicy::kDeadline || spec.dl_period_ns == 0) continue;
    used += spec.instances * static_cast<double>(spec.dl_runtime_ns) /
            static_cast<double>(spec.dl_period_ns);
  }
  const auto online = cpu_count(draft.scenario.shape) - draft.scenario.offline.size();
  if (used <= 0.95 * static_cast<double>(online)) return;
  draft.refusal.at(section, fmt::format("deadline tasks ask for {:.2f} of {} cpus, more than 95 %",
                                        used, online));
}

}  // namespace

void read_tasks(const FieldRef& section, ScenarioDraft& draft) {
  Fields sections(section, draft.refusal);
  declare_tasks(sections, draft);
  if (draft.scenario.tasks.empty()) draft.refusal.at(section, "a scenario without a task");
  if (draft.refusal.is_set()) return;
  u32 task = 0;
  for (const FieldRef& field : sections.members()) read_task(field, task++, draft);
  if (draft.refusal.is_set()) return;
  check_channels(draft);
  check_deadlines(section, draft);
}

}  // namespace scx_pair
