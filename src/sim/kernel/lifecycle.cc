// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "sim/kernel/behaviour.h"
#include "sim/kernel/callbacks.h"
#include "sim/kernel/change.h"
#include "sim/kernel/ext_class.h"
#include "sim/kernel/runqueue.h"
#include "sim/native/scx_types.h"

namespace scx_pair {
namespace {

constexpr u64 kTaskStream = 1000;

void set_name(Task& p, const std::string& name) {
  const size_t length = std::min(name.size(), sizeof p.kernel.comm - 1);
  std::memcpy(p.kernel.comm, name.data(), length);
}

void join_group(Task& p, Group& group) {
  p.group = &group;
  p.kernel.sched_task_group = &group.tg;
  group.members++;
}

void join_parent(Group& group, Group& parent) {
  group.parent = &parent;
  group.cg.self.parent = &parent.cg.self;
  group.tg.css.parent = &parent.tg.css;
  parent.children.push_back(&group);
}

// scx_cgroup_enabled, and that the scheduler has been told of the cgroup.
bool is_watched(const Kernel& k, const Group& group) {
  return group.online && group.initialised && k.loading != Loading::kUnloaded;
}

TaskOrigin origin_of(Kernel& k, u32 spec, u32 instance, const Task* parent) {
  const TaskSpec& s = k.scenario.tasks[spec];
  TaskOrigin origin;
  origin.name = s.name;
  if (parent != nullptr) {
    origin.group = parent->group;
    origin.kthread = parent->is_kthread();
    origin.policy = parent->policy;
    origin.nice = parent->nice;
    origin.priority = parent->rt_priority;
    origin.cpus = parent->cpus_allowed;
    // sched_fork(): a child is no deadline task.
    if (origin.policy == TaskPolicy::kDeadline) origin.policy = TaskPolicy::kOrdinary;
    return origin;
  }
  origin.group = s.kthread ? &k.groups.front() : &k.groups[s.cgroups[instance % s.cgroups.size()]];
  origin.kthread = s.kthread;
  origin.policy = s.policy;
  origin.nice = s.nice;
  origin.priority = s.priority;
  origin.dl_runtime_ns = s.dl_runtime_ns;
  origin.dl_deadline_ns = s.dl_deadline_ns;
  origin.dl_period_ns = s.dl_period_ns;
  if (s.one_cpu_each) {
    const u32 cpus = static_cast<u32>(k.cpus.size());
    origin.cpus = k.single_cpu[s.cpus.empty() ? instance % cpus : s.cpus[instance % s.cpus.size()]];
  } else {
    origin.cpus = mask_of(k, s.cpus);
  }
  return origin;
}

}  // namespace

Task& make_task(Kernel& k, const TaskOrigin& origin) {
  k.tasks.push_back(std::make_unique<Task>());
  Task& p = *k.tasks.back();
  p.index = static_cast<u32>(k.tasks.size() - 1);
  p.kernel.pid = kFirstPid + static_cast<s32>(k.by_pid.size());
  p.kernel.tgid = p.kernel.pid;
  k.by_pid.push_back(&p);
  set_name(p, origin.name);
  if (origin.kthread) p.kernel.flags |= PF_KTHREAD;
  p.policy = origin.policy;
  p.nice = origin.nice;
  p.rt_priority = origin.priority;
  p.dl_runtime_ns = origin.dl_runtime_ns;
  p.dl_deadline_ns = origin.dl_deadline_ns;
  p.dl_period_ns = origin.dl_period_ns;
  p.dl_left_ns = origin.dl_runtime_ns;
  p.cpus_allowed = origin.cpus != nullptr ? origin.cpus : k.all_cpus;
  p.kernel.cpus_ptr = p.cpus_allowed->kernel();
  p.kernel.nr_cpus_allowed = static_cast<int>(p.cpus_allowed->count());
  p.kernel.scx.slice = kSliceDefaultNs;
  p.kernel.scx.flags = kTaskResetRunnableAt;
  p.sched_class = class_of(k, p.policy);
  p.random = Random(k.scenario.seed, kTaskStream + p.index);
  set_priorities(p);
  join_group(p, *origin.group);
  k.tasks_alive++;
  if (p.sched_class == SchedClass::kExt) enable_task(k, p);
  return p;
}

Task& make_instance(Kernel& k, u32 spec, const Task* parent) {
  const u32 instance = k.instances[spec]++;
  Task& p = make_task(k, origin_of(k, spec, instance, parent));
  p.spec_place = static_cast<u32>(k.alive[spec].size());
  k.alive[spec].push_back(&p);
  begin_life(k, p, spec, instance);
  return p;
}

Task& make_cpu_task(Kernel& k, Cpu& rq, SchedClass sched_class, const std::string& name) {
  k.tasks.push_back(std::make_unique<Task>());
  Task& p = *k.tasks.back();
  p.index = static_cast<u32>(k.tasks.size() - 1);
  if (sched_class != SchedClass::kIdle) {
    p.kernel.pid = kFirstPid + static_cast<s32>(k.by_pid.size());
    k.by_pid.push_back(&p);
  }
  p.kernel.flags = PF_KTHREAD;
  set_name(p, name);
  p.sched_class = sched_class;
  p.state = sched_class == SchedClass::kIdle ? TaskState::kRunnable : TaskState::kSleeping;
  p.kernel.static_prio = 120;
  p.kernel.prio = sched_class == SchedClass::kIdle ? 120 : 0;
  p.kernel.policy = sched_class == SchedClass::kIdle ? SCHED_NORMAL : SCHED_FIFO;
  p.cpus_allowed = k.single_cpu[rq.id];
  p.kernel.cpus_ptr = p.cpus_allowed->kernel();
  p.kernel.nr_cpus_allowed = 1;
  set_task_cpu(p, rq.id);
  join_group(p, k.groups.front());
  return p;
}

void begin_exit(Kernel& k, Task& p) {
  p.kernel.flags |= kPfExiting;
  p.progress.exiting = true;
  // exit_cgroup(): up to 7.0 the dying task no longer keeps its cgroup from being removed.
  if (!k.traits.cgroup_outlives_tasks) p.group->members--;
}

void finish_exit(Kernel& k, Task& p) {
  p.state = TaskState::kDead;
  p.kernel.__state = 0x80;
  p.timer_version++;
  if (p.progress.spec != kNoIndex) {
    std::vector<Task*>& alive = k.alive[p.progress.spec];
    alive.back()->spec_place = p.spec_place;
    alive[p.spec_place] = alive.back();
    alive.pop_back();
  }
}

void finish_dead_task(Kernel& k, Task& p) {
  if (k.traits.cgroup_outlives_tasks) p.group->members--;
  if (p.sched_class == SchedClass::kExt) disable_task(k, p);
  k.tasks_alive--;
}

Group* make_group(Kernel& k, Group* parent) {
  k.groups.emplace_back();
  Group& group = k.groups.back();
  group.index = static_cast<u32>(k.groups.size() - 1);
  group.node.id = k.next_group_id++;
  group.cg.kn = &group.node;
  group.cg.self.cgroup = &group.cg;
  group.tg.css.cgroup = &group.cg;
  if (parent != nullptr) join_parent(group, *parent);
  group.online = true;
  if (k.loading == Loading::kEnabled && !initialise_group(k, group)) {
    group.online = false;
    return nullptr;
  }
  // sched_online_group(), of which ops.cgroup_init() sees nothing yet.
  if (parent != nullptr) group.tg.parent = &parent->tg;
  return &group;
}

bool initialise_group(Kernel& k, Group& group) {
  if (k.ops.cgroup_init != nullptr) {
    const Bandwidth bandwidth = k.traits.tells_bandwidth ? group.bandwidth : Bandwidth{};
    scx_cgroup_init_args arguments{group.weight, bandwidth.period_us, bandwidth.quota_us,
                                   bandwidth.burst_us,
                                   k.traits.tells_idle_at_init && group.tg.idle != 0};
    if (call(k, Callback::kCgroupInit, k.ops.cgroup_init, &group.cg, &arguments) != 0) return false;
  }
  group.initialised = true;
  return true;
}

bool remove_group(Kernel& k, Group& group) {
  if (!group.online || group.members != 0) return false;
  group.online = false;
  if (group.initialised && k.loading == Loading::kEnabled && k.ops.cgroup_exit != nullptr) {
    call(k, Callback::kCgroupExit, k.ops.cgroup_exit, &group.cg);
  }
  group.initialised = false;
  return true;
}

void change_weight(Kernel& k, Group& group, u32 weight) {
  if (group.parent == nullptr || group.tg.idle != 0 || group.weight == weight) return;
  group.weight = weight;
  if (is_watched(k, group) && k.ops.cgroup_set_weight != nullptr) {
    call(k, Callback::kCgroupSetWeight, k.ops.cgroup_set_weight, &group.cg, weight);
  }
}

void change_bandwidth(Kernel& k, Group& group, const Bandwidth& bandwidth) {
  if (group.parent == nullptr || group.bandwidth == bandwidth) return;
  // -EINVAL of tg_set_bandwidth()
  if (bandwidth.quota_us != kNoQuota && bandwidth.burst_us > bandwidth.quota_us) return;
  if (group.bandwidth.quota_us != kNoQuota) {
    group.old_limit_until_ns = k.now_ns + group.bandwidth.period_us * 1'000;
  }
  group.bandwidth = bandwidth;
  if (!k.traits.tells_bandwidth || !is_watched(k, group)) return;
  if (k.ops.cgroup_set_bandwidth != nullptr) {
    call(k, Callback::kCgroupSetBandwidth, k.ops.cgroup_set_bandwidth, &group.cg,
         bandwidth.period_us, bandwidth.quota_us, bandwidth.burst_us);
  }
}

void change_idle(Kernel& k, Group& group, bool idle) {
  if (group.parent == nullptr || (group.tg.idle != 0) == idle) return;
  group.tg.idle = idle ? 1 : 0;
  if (!k.traits.tells_idle || !is_watched(k, group)) return;
  if (k.ops.cgroup_set_idle != nullptr) {
    call(k, Callback::kCgroupSetIdle, k.ops.cgroup_set_idle, &group.cg, idle);
  }
}

const CpuMask* shared_mask(Kernel& k, const CpuMask& mask) {
  auto& place = k.masks[mask];
  if (place == nullptr) place = std::make_unique<CpuMask>(mask);
  return place.get();
}

const CpuMask* mask_of(Kernel& k, const std::vector<u32>& cpus) {
  if (cpus.empty()) return k.all_cpus;
  CpuMask mask(static_cast<u32>(k.cpus.size()));
  for (const u32 cpu : cpus) mask.set(cpu);
  return shared_mask(k, mask);
}

}  // namespace scx_pair
