// SPDX-License-Identifier: GPL-2.0-only
#include "sim/placement_observer.h"

#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

u64 most_of(const Draw& draw) {
  switch (draw.kind) {
    case Draw::Kind::kUniform:
      return draw.most;
    case Draw::Kind::kExponential:
      return 4 * draw.value;
    case Draw::Kind::kFixed:
      break;
  }
  return draw.value;
}

}  // namespace

u64 placement_tolerance_ns(const KernelSpec& kernel) {
  return most_of(kernel.timer_delay_ns) + most_of(kernel.kick_delay_ns) + 2 * kernel.switch_ns;
}

PlacementObserver::PlacementObserver(const Kernel& kernel)
    : kernel_(kernel),
      meter_({.shape = kernel.scenario.shape,
              .window_start_ns = kBootNs + kernel.scenario.warmup_ns,
              .tolerance_ns = placement_tolerance_ns(kernel.scenario.kernel),
              .kthreads_trusted = kernel.scenario.scheduler.kthreads_trusted}) {
  seats_.resize(kernel.cpus.size());
  learn_all();
}

// A switch, wakeup or change finds a task with migration enabled or disabled, which nothing else
// tells.
void PlacementObserver::on_record(const switch_record& record) {
  meter_.advance(record.time_ns);
  if (record.kind == RECORD_SWITCH) learn_task(record.prev_pid);
  learn_task(record.pid);
  charge(record);
  learn_limits(record.time_ns);
  meter_.add(record);
}

void PlacementObserver::set_seat(Seat& seat, const Seat& now, u64 now_ns) {
  const auto change = [&](const Group* group, u32 by) {
    for (; group != nullptr; group = group->parent) {
      Use& use = uses_[group->index];
      use.cpus += by;
      use.gauge.use(now_ns, use.cpus);
    }
  };
  change(seat.group, ~0U);
  change(now.group, 1);
  seat = now;
}

// As in the kernel, only ordinary tasks use up limits.
void PlacementObserver::charge(const switch_record& record) {
  if (record.kind == RECORD_WAKE || record.kind == RECORD_WAITING) return;
  const Task* p = task_by_pid(kernel_, record.pid);
  const bool charged = p != nullptr && record.task_class == CLASS_ORDINARY;
  const Seat now{record.pid, charged ? p->group : nullptr};
  if (record.kind != RECORD_CHANGE) {
    set_seat(seats_[record.cpu], now, record.time_ns);
    return;
  }
  for (Seat& seat : seats_) {
    if (seat.pid == record.pid) set_seat(seat, now, record.time_ns);
  }
}

// Limits come with a group, and are changed by faults.
void PlacementObserver::find_limits() {
  limited_.clear();
  if (!kernel_.traits.tells_bandwidth) return;
  for (const Group& group : kernel_.groups) {
    if (group.bandwidth.quota_us != kNoQuota) limited_.push_back(&group);
  }
}

void PlacementObserver::learn_limits(u64 now_ns) {
  if (uses_.size() < kernel_.groups.size()) {
    uses_.resize(kernel_.groups.size());
    find_limits();
  }
  bool changed = false;
  for (const Group* group : limited_) {
    const Bandwidth& limit = group->bandwidth;
    Use& use = uses_[group->index];
    const bool used_up =
        use.gauge.is_used_up(now_ns, limit.quota_us * 1'000, limit.period_us * 1'000);
    changed = changed || used_up != use.used_up;
    use.used_up = used_up;
  }
  if (!changed) return;
  for (const Group& group : kernel_.groups) {
    bool held_back = false;
    for (const Group* at = &group; at != nullptr; at = at->parent) {
      held_back = held_back || uses_[at->index].used_up;
    }
    meter_.set_held_back(group.node.id, held_back);
  }
}

// Affinities and limits change, and cpus come and go, by faults and by what undoes them.
void PlacementObserver::after_event(const Event& event) {
  if (event.kind == EventKind::kFault || event.kind == EventKind::kUndo) learn_all();
}

void PlacementObserver::learn_task(s32 pid) {
  const Task* p = task_by_pid(kernel_, pid);
  if (p == nullptr || p->is_kthread()) return;
  const CpuMask* cpus = is_migration_disabled(*p) ? kernel_.single_cpu[p->cpu()] : p->cpus_allowed;
  meter_.allow(pid, cpus == kernel_.all_cpus ? nullptr : &cpus->words());
}

void PlacementObserver::learn_all() {
  find_limits();
  meter_.advance(kernel_.now_ns);
  for (const Cpu& rq : kernel_.cpus) meter_.set_online(rq.id, rq.online && rq.active);
  for (const auto& alive : kernel_.alive) {
    for (const Task* p : alive) learn_task(p->pid());
  }
}

}  // namespace scx_pair
