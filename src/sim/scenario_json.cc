// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/hostile_text.h"
#include "sim/scenario_file.h"
#include "sim/scenario_reader.h"

namespace scx_pair {
namespace {

using Json = nlohmann::ordered_json;

std::string time_text(u64 ns) {
  return fmt::format("{}ns", ns);
}

Json time_json(const Draw& draw) {
  switch (draw.kind) {
    case Draw::Kind::kUniform:
      return {{"uniform", {time_text(draw.value), time_text(draw.most)}}};
    case Draw::Kind::kExponential:
      return {{"exponential", time_text(draw.value)}};
    case Draw::Kind::kFixed:
      break;
  }
  return time_text(draw.value);
}

// `base` is what a drawn 0 stands for.
Json whole_json(const Draw& draw, s64 base) {
  const s64 value = static_cast<s64>(draw.value) + base;
  if (draw.kind == Draw::Kind::kFixed) return value;
  return {{"uniform", {value, static_cast<s64>(draw.most) + base}}};
}

Json topology_json(const Scenario& scenario) {
  const MachineShape& shape = scenario.shape;
  Json out = {{"sockets", shape.sockets},
              {"llcs", shape.llcs},
              {"cores", shape.cores},
              {"smt", shape.smt},
              {"single_cores", shape.single_cores},
              {"numbering", shape.adjacent ? "adjacent" : "apart"}};
  for (const u32 speed : shape.speed_permille) out["speed"].push_back(speed / 1000.0);
  if (!scenario.offline.empty()) out["offline"] = scenario.offline;
  return out;
}

Json kernel_json(const KernelSpec& kernel) {
  Json out = {{"version", kernel_version_text(kernel.version)},
              {"hz", kernel.hz},
              {"kick_delay", time_json(kernel.kick_delay_ns)},
              {"timer_delay", time_json(kernel.timer_delay_ns)},
              {"switch", time_text(kernel.switch_ns)},
              {"watchdog", time_text(kernel.watchdog_ns)}};
  if (kernel.costs) {
    out["costs"] = {{"callback", time_text(kernel.costs->callback_ns)},
                    {"lock_hold", time_text(kernel.costs->lock_hold_ns)},
                    {"line", time_text(kernel.costs->line_ns)},
                    {"far_line", time_text(kernel.costs->far_line_ns)}};
  }
  return out;
}

Json cgroup_json(const CgroupSpec& cgroup) {
  const u64 period_us = cgroup.period_ns / 1000;
  const std::string quota =
      cgroup.quota_ns == 0 ? "max" : fmt::format("{}", cgroup.quota_ns / 1000);
  return {{"cpu.weight", cgroup.weight},
          {"cpu.max", fmt::format("{} {}", quota, period_us)},
          {"cpu.max.burst", cgroup.burst_ns / 1000},
          {"cpu.idle", cgroup.idle ? 1 : 0}};
}

Json cgroup_names(const Scenario& scenario, const std::vector<u32>& cgroups) {
  Json out = Json::array();
  for (const u32 cgroup : cgroups) out.push_back(scenario.cgroups[cgroup].path);
  return out;
}

Json task_names(const Scenario& scenario, const std::vector<u32>& tasks) {
  Json out = Json::array();
  for (const u32 task : tasks) out.push_back(scenario.tasks[task].name);
  return out;
}

Json channel_names(const Scenario& scenario, const Step& step) {
  Json out = Json::array();
  for (u32 i = 0; i < step.target_span; i++) {
    out.push_back(scenario.channels[step.target + i].name);
  }
  return out;
}

void put_step(Json& out, size_t number, const Scenario& scenario, const Step& step) {
  const auto put = [&](const char* name, Json value) {
    out[fmt::format("{}{}", name, number)] = std::move(value);
  };
  switch (step.kind) {
    case Step::Kind::kRun:
      return put("run", time_json(step.duration_ns));
    case Step::Kind::kRunPinned:
      return put("run_pinned", time_json(step.duration_ns));
    case Step::Kind::kSleep:
      return put("sleep", time_json(step.duration_ns));
    case Step::Kind::kTimer:
      return put("timer", time_json(step.duration_ns));
    case Step::Kind::kYield:
      return put("yield", "");
    case Step::Kind::kResume:
      return put("resume", channel_names(scenario, step));
    case Step::Kind::kSuspend:
      return put("suspend", channel_names(scenario, step));
    case Step::Kind::kBarrier:
      return put("barrier", fmt::format("barrier {}", step.target));
    case Step::Kind::kFork:
      return put("fork", scenario.tasks[step.target].name);
    case Step::Kind::kExec:
      return put("exec", "");
    case Step::Kind::kExit:
      return put("exit", "");
  }
}

void put_policy(Json& out, const char* name, TaskPolicy policy, s32 nice, u32 priority) {
  out[name] = policy_name(policy);
  if (is_real_time(policy)) {
    out["priority"] = priority;
  } else if (nice != 0) {
    out["priority"] = nice;
  }
}

Json task_json(const Scenario& scenario, const TaskSpec& task) {
  Json out = {{"instance", task.instances}, {"loop", task.loops}};
  if (task.kthread) out["kthread"] = true;
  put_policy(out, "policy", task.policy, task.nice, task.priority);
  if (task.policy == TaskPolicy::kDeadline) {
    out["dl-runtime"] = time_text(task.dl_runtime_ns);
    out["dl-deadline"] = time_text(task.dl_deadline_ns);
    out["dl-period"] = time_text(task.dl_period_ns);
  }
  out["cgroup"] = cgroup_names(scenario, task.cgroups);
  if (!task.cpus.empty()) out["cpus"] = task.cpus;
  if (task.one_cpu_each) out["one_cpu_each"] = true;
  out["delay"] = time_json(task.delay_ns);
  for (size_t i = 0; i < task.phases.size(); i++) {
    Json& phase = out["phases"][fmt::format("phase{}", i)];
    phase["loop"] = task.phases[i].loops;
    const std::vector<Step>& steps = task.phases[i].steps;
    for (size_t number = 0; number < steps.size(); number++) {
      put_step(phase, number, scenario, steps[number]);
    }
  }
  return out;
}

void put_crowd(Json& out, const Fault& fault) {
  put_policy(out, "policy", fault.policy, 0, fault.priority);
  if (!fault.cpus.empty()) out["cpus"] = fault.cpus;
  out["run"] = time_json(fault.run_ns);
}

void put_what(Json& out, const Scenario& scenario, const Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::kMove:
      out["move"] = task_names(scenario, fault.tasks);
      out["to"] = cgroup_names(scenario, fault.cgroups);
      return;
    case Fault::Kind::kChurn:
      out["churn"] = cgroup_names(scenario, fault.cgroups);
      out["run"] = time_json(fault.run_ns);
      return;
    case Fault::Kind::kAffinity:
      out["affinity"] = task_names(scenario, fault.tasks);
      if (!fault.cpus.empty()) out["cpus"] = fault.cpus;
      return;
    case Fault::Kind::kWeight:
      out["weight"] = cgroup_names(scenario, fault.cgroups);
      out["value"] = whole_json(fault.value, 0);
      return;
    case Fault::Kind::kNice:
      out["nice"] = task_names(scenario, fault.tasks);
      out["value"] = whole_json(fault.value, -20);
      return;
    case Fault::Kind::kPolicy:
      out["policy"] = task_names(scenario, fault.tasks);
      put_policy(out, "to", fault.policy, 0, fault.priority);
      out["for"] = time_json(fault.run_ns);
      return;
    case Fault::Kind::kOffline:
      out["offline"] = fault.cpus;
      out["for"] = time_json(fault.run_ns);
      return;
    case Fault::Kind::kBurst:
      out["burst"] = cgroup_names(scenario, fault.cgroups);
      out["count"] = fault.count;
      return put_crowd(out, fault);
    case Fault::Kind::kKthreads:
      out["kthreads"] = fault.count;
      return put_crowd(out, fault);
    case Fault::Kind::kReload:
      out["reload"] = true;
      return;
    case Fault::Kind::kLimit:
      out["limit"] = cgroup_names(scenario, fault.cgroups);
      out["value"] = whole_json(fault.value, 0);
      out["period"] = time_text(fault.period_ns);
      return;
    case Fault::Kind::kLeftover:
      out["idle"] = cgroup_names(scenario, fault.cgroups);
      return;
    case Fault::Kind::kBypass:
      out["bypass"] = time_json(fault.run_ns);
      return;
  }
}

Json fault_json(const Scenario& scenario, const Fault& fault) {
  Json out;
  put_what(out, scenario, fault);
  out["at"] = time_text(fault.at_ns);
  if (!fault.every_ns.is_zero()) out["every"] = time_json(fault.every_ns);
  if (fault.until_ns != ~u64{0}) out["until"] = time_text(fault.until_ns);
  return out;
}

}  // namespace

std::string scenario_json(const Scenario& scenario) {
  check(!scenario.cgroups.empty() && scenario.cgroups[0].path == "/", "a scenario has a root");
  Json out;
  out["name"] = scenario.name;
  if (!scenario.description.empty()) out["description"] = scenario.description;
  out["global"] = {{"duration", time_text(scenario.duration_ns)},
                   {"warmup", time_text(scenario.warmup_ns)},
                   {"seed", scenario.seed},
                   {"tasks_max", scenario.tasks_max}};
  out["topology"] = topology_json(scenario);
  out["kernel"] = kernel_json(scenario.kernel);
  out["scheduler"] = {{"turn", time_text(scenario.scheduler.turn_ns)},
                      {"turn_min", time_text(scenario.scheduler.turn_min_ns)},
                      {"slice", time_text(scenario.scheduler.slice_ns)},
                      {"kthreads", scenario.scheduler.kthreads_trusted ? "trusted" : "isolated"}};
  out["cgroups"] = Json::object();
  for (size_t i = 1; i < scenario.cgroups.size(); i++) {
    out["cgroups"][scenario.cgroups[i].path] = cgroup_json(scenario.cgroups[i]);
  }
  out["channels"] = Json::object();
  for (const ChannelSpec& channel : scenario.channels) {
    out["channels"][channel.name] = {{"capacity", channel.capacity}, {"filled", channel.filled}};
  }
  for (const TaskSpec& task : scenario.tasks) out["tasks"][task.name] = task_json(scenario, task);
  out["faults"] = Json::array();
  for (const Fault& fault : scenario.faults) out["faults"].push_back(fault_json(scenario, fault));
  for (const PublishedFigure& figure : scenario.published) {
    out["published"].push_back({{"who", figure.who}, {"kept", figure.kept}});
  }
  return json_text(out, 2) + "\n";
}

}  // namespace scx_pair
