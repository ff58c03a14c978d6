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
  learn_all();
}

// A switch, wakeup or change finds a task with migration enabled or disabled, which nothing else
// tells.
void PlacementObserver::on_record(const switch_record& record) {
  meter_.advance(record.time_ns);
  if (record.kind == RECORD_SWITCH) learn_task(record.prev_pid);
  learn_task(record.pid);
  meter_.add(record);
}

// Affinities change and cpus come and go by faults, and by what undoes them.
void PlacementObserver::after_event(const Event& event) {
  if (event.kind == EventKind::kFault || event.kind == EventKind::kUndo) learn_all();
}

void PlacementObserver::learn_task(s32 pid) {
  const s64 place = s64{pid} - kFirstPid;
  if (place < 0 || place >= static_cast<s64>(kernel_.by_pid.size())) return;
  const Task* p = kernel_.by_pid[static_cast<size_t>(place)];
  if (p == nullptr || p->is_kthread()) return;
  const CpuMask* cpus = is_migration_disabled(*p) ? kernel_.single_cpu[p->cpu()] : p->cpus_allowed;
  meter_.allow(pid, cpus == kernel_.all_cpus ? nullptr : &cpus->words());
}

void PlacementObserver::learn_all() {
  meter_.advance(kernel_.now_ns);
  for (const Cpu& rq : kernel_.cpus) meter_.set_online(rq.id, rq.online && rq.active);
  for (const auto& alive : kernel_.alive) {
    for (const Task* p : alive) learn_task(p->pid());
  }
}

}  // namespace scx_pair
