// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/loading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "base/zones.h"
#include "sim/kernel/callbacks.h"
#include "sim/kernel/change.h"
#include "sim/kernel/ext_class.h"
#include "sim/kernel/idle.h"
#include "sim/kernel/kfuncs.h"
#include "sim/kernel/lifecycle.h"
#include "sim/kernel/runqueue.h"
#include "sim/kernel/schedule.h"
#include "sim/native/scx_types.h"

namespace scx_pair {
namespace {

// How long the kernel needs to give all tasks back, and the host to load again, roughly.
constexpr u64 kUnloadNs = 10'000'000;
constexpr u64 kLoadNs = 50'000'000;
// How long enabling takes between the first and the last bypassed moment.
constexpr u64 kEnableNs = 5'000'000;

// enum scx_exit_kind
constexpr int kExitUnregistered = 64;
constexpr int kExitError = 1024;

// scx_task_iter: every task that can still run.
template <typename Change>
void for_each_task(Kernel& k, Change change) {
  for (const auto& task : k.tasks) {
    const SchedClass c = task->sched_class;
    if (task->state == TaskState::kDead || c == SchedClass::kIdle || c == SchedClass::kStop) {
      continue;
    }
    change(*task);
  }
}

// Where the cpus sit, as the host reads it from sysfs: offline ones are in no pair.
void place_cpus(Kernel& k) {
  const std::vector<CpuSite> sites = sites_of(k.scenario.shape);
  std::vector<u32> caches;  // by pair
  k.places.assign(k.cpus.size(), cpu_place{NO_PAIR, 0, 0, 0});
  for (const std::vector<u32>& core : k.cores) {
    u32 seat = 0;
    for (const u32 cpu : core) {
      if (!k.cpus[cpu].online) continue;
      if (seat == 0) caches.push_back(sites[cpu].llc);
      k.places[cpu] = {static_cast<u32>(caches.size()) - 1, seat++, 0, 0};
    }
  }
  const std::vector<u32> zones = zones_of(caches, static_cast<u32>(k.cpus.size()));
  for (cpu_place& place : k.places) {
    if (place.pair != NO_PAIR) place.zone = zones[place.pair];
  }
  k.config.nr_pairs = static_cast<u32>(zones.size());
  k.config.nr_zones = zones.empty() ? 1 : *std::ranges::max_element(zones) + 1;
}

// scx_move_task() to the class that the policy now leads to.
void switch_class(Kernel& k, Task& p) {
  const TaskRqGuard guard(k, p);
  const SchedClass target = class_of(k, p.policy);
  const SchedChange change(k, p, target != p.sched_class);
  p.sched_class = target;
  p.time_slice_ns = 0;
}

// css_for_each_descendant_pre(): a parent before its children.
template <typename Visit>
void for_each_group_down(Group& from, Visit visit) {
  if (from.online) visit(from);
  for (Group* child : from.children) for_each_group_down(*child, visit);
}

// css_for_each_descendant_post(): a parent after its children.
template <typename Visit>
void for_each_group_up(Group& from, Visit visit) {
  for (Group* child : from.children) for_each_group_up(*child, visit);
  if (from.online) visit(from);
}

// scx_cgroup_init()
void initialise_groups(Kernel& k) {
  for_each_group_down(k.groups.front(), [&k](Group& group) {
    if (!group.initialised && !k.ending && !initialise_group(k, group)) {
      end_scheduler(k, true, "ops.cgroup_init() failed", false);
    }
  });
}

void abandon_queues(Kernel& k) {
  k.user_dsqs.clear();
  k.dsqs.clear();
  k.free_dsqs.clear();
  for (Cpu& rq : k.cpus) {
    rq.kicks.clear();
    rq.buffer.clear();
    rq.released = false;
  }
}

}  // namespace

void load_scheduler(Kernel& k) {
  NativeObject& object = *k.object;
  object.reset();
  const u32 cpus = static_cast<u32>(k.cpus.size());
  place_cpus(k);
  k.timers.clear();
  k.maps = std::make_unique<MapStore>(cpus, kArenaBase);
  k.border.arena = k.maps->arena_shift();
  k.config.nr_cpus = cpus;
  if (object.find("config") != nullptr) object.set_constant("config", &k.config, sizeof k.config);
  k.maps->resize(object.find("pairs"), k.config.nr_pairs);
  k.maps->resize(object.find("cpus"), cpus);
  k.maps->resize(object.find("places"), cpus);
  const auto places = std::as_bytes(std::span(k.places));
  k.maps->fill(object.find("places"), {places.begin(), places.end()});
  k.ending.reset();
  k.loading = Loading::kEnabling;
  k.ops = object.programs();
  if (k.ops.init != nullptr && call(k, Callback::kInit, k.ops.init) != 0) {
    end_scheduler(k, true, "ops.init() failed", false);
  }
  bypass(k, true);
  initialise_groups(k);
  announce_at(k, k.now_ns + (k.tasks_alive == 0 ? 0 : kEnableNs), EventKind::kLoading, k.here().id);
}

void begin_unload(Kernel& k) {
  if (k.loading != Loading::kEnabled) return;
  k.loading = Loading::kDisabling;
  bypass(k, true);
  announce_at(k, k.now_ns + kUnloadNs, EventKind::kLoading, k.here().id);
}

namespace {

void finish_enabling(Kernel& k) {
  k.loading = Loading::kEnabled;
  for (Cpu& rq : k.cpus) {
    if (rq.curr->is_idle()) update_idle(k, rq, true, false);
  }
  // Cgroups that were made meanwhile.
  initialise_groups(k);
  for_each_task(k, [&k](Task& p) {
    p.kernel.scx.slice = kSliceDefaultNs;
    switch_class(k, p);
  });
  bypass(k, false);
  if (k.ops.settle != nullptr)
    call(k, Callback::kSettle, k.ops.settle, static_cast<void*>(nullptr));
}

void finish_disabling(Kernel& k) {
  for_each_group_up(k.groups.front(), [&k](Group& group) {
    if (group.initialised && k.ops.cgroup_exit != nullptr) {
      call(k, Callback::kCgroupExit, k.ops.cgroup_exit, &group.cg);
    }
    group.initialised = false;
  });
  for_each_task(k, [&k](Task& p) { switch_class(k, p); });
  k.loading = Loading::kUnloaded;
  const SchedulerEnd& end = *k.ending;
  if (k.ops.exit != nullptr) {
    std::string reason = end.reason;
    scx_exit_info info{};
    info.kind = end.error ? kExitError : kExitUnregistered;
    info.reason = reason.c_str();
    info.msg = reason.data();
    info.dump = reason.data();
    call(k, Callback::kExit, k.ops.exit, &info);
  }
  bypass(k, false);
  k.ops = {};
  k.timers.clear();
  abandon_queues(k);
  if (k.restart) announce_at(k, k.now_ns + kLoadNs, EventKind::kLoading, k.here().id);
}

}  // namespace

void loading_goes_on(Kernel& k) {
  switch (k.loading) {
    case Loading::kEnabling:
      finish_enabling(k);
      break;
    case Loading::kDisabling:
      finish_disabling(k);
      break;
    case Loading::kUnloaded:
      k.restart = false;
      k.counters.reloads++;
      load_scheduler(k);
      break;
    case Loading::kEnabled:
      break;
  }
}

void bypass(Kernel& k, bool on) {
  const bool was = k.bypass_depth != 0;
  k.bypass_depth += on ? 1U : ~0U;
  const bool is = k.bypass_depth != 0;
  if (was == is) return;
  for (Cpu& rq : k.cpus) {
    const RqGuard guard(k, rq);
    rq.bypassing = is;
    if (!k.scx_enabled()) continue;
    // Every task that waits is queued again, as the new mode wants it, the last one first.
    std::vector<Task*> waiting;
    for (Link* link = rq.runnable.prev; link != &rq.runnable; link = link->prev) {
      waiting.push_back(link->task);
    }
    for (Task* p : waiting) {
      const SchedChange change(k, *p);
    }
    if (rq.online) resched_curr(k, rq);
  }
}

void end_scheduler(Kernel& k, bool error, const std::string& reason, bool restart) {
  if (k.ending || k.loading == Loading::kUnloaded) return;
  k.ending = SchedulerEnd{error, reason};
  k.restart = restart;
}

void take_offline(Kernel& k, Cpu& rq) {
  if (!rq.online) return;
  rq.active = false;
  {
    const RqGuard guard(k, rq);
    // rq_offline_scx(): what waits goes to the local queue, from where it is pushed away.
    rq.rq_online = false;
    std::vector<Task*> waiting;
    for (Link* link = rq.runnable.prev; link != &rq.runnable; link = link->prev) {
      if (link->task->dsq != &rq.local) waiting.push_back(link->task);
    }
    for (Task* p : waiting) {
      const SchedChange change(k, *p);
    }
  }
  end_scheduler(k, false, fmt::format("cpu {} going offline, exiting scheduler", rq.id), true);
  // balance_push(): whoever runs or waits there goes elsewhere.
  std::vector<Task*> moved;
  for_each_task(k, [&](Task& p) {
    if (p.cpu() == rq.id && p.on_rq() && &p != rq.curr) moved.push_back(&p);
  });
  for (Task* p : moved) {
    if (is_migration_disabled(*p)) widen_from_cpu(k, *p);
    move_queued_task(k, *p, fallback_cpu(k, *p));
  }
  if (!rq.curr->is_idle()) {
    const RqGuard guard(k, rq);
    push_away(k, rq, *rq.curr);
  }
  rq.online = false;
  k.online_cpus.clear(rq.id);
}

void bring_online(Kernel& k, Cpu& rq) {
  if (rq.online) return;
  rq.online = true;
  k.online_cpus.set(rq.id);
  rq.active = true;
  rq.rq_online = true;
  end_scheduler(k, false, fmt::format("cpu {} going online, exiting scheduler", rq.id), true);
}

}  // namespace scx_pair
