// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/trace.h"

#include <cstring>

#include "sim/kernel/callbacks.h"

namespace scx_pair {
namespace {

u8 class_of(const Task& p) {
  if (p.pid() == 0) return CLASS_IDLE;
  if (p.is_kthread()) return CLASS_KERNEL;
  return p.kernel.prio < MAX_RT_PRIO ? CLASS_HIGHER : CLASS_ORDINARY;
}

switch_record record_about(const Kernel& k, const Task& p, u8 kind, u32 cpu) {
  switch_record record{};
  record.time_ns = k.now_ns;
  record.domain = p.kernel.sched_task_group->css.cgroup->kn->id;
  record.pid = p.pid();
  record.cpu = cpu;
  record.kind = kind;
  record.task_class = class_of(p);
  static_assert(sizeof record.comm == sizeof p.kernel.comm);
  std::memcpy(record.comm, p.kernel.comm, sizeof record.comm);
  return record;
}

void mix(u64& hash, u64 word) {
  hash = (hash ^ word) * 0x100000001b3U;
  hash ^= hash >> 29U;
}

void emit(Kernel& k, const switch_record& record) {
  mix(k.trace_hash, record.time_ns);
  mix(k.trace_hash, record.domain);
  mix(k.trace_hash, static_cast<u64>(record.pid) << 32U | static_cast<u32>(record.prev_pid));
  mix(k.trace_hash, u64{record.cpu} << 32U | u64{record.kind} << 16U |
                        u64{record.task_class} << 8U | u64{record.prev_runnable} << 1U |
                        record.prev_dead);
  for (Observer* observer : k.observers) observer->on_record(record);
}

}  // namespace

void trace_switch(Kernel& k, const Cpu& rq, Task& prev, Task& next, bool preempt) {
  switch_record record = record_about(k, next, RECORD_SWITCH, rq.id);
  record.prev_pid = prev.pid();
  record.prev_runnable = preempt || prev.state == TaskState::kRunnable;
  record.prev_dead = !preempt && prev.state == TaskState::kDead;
  emit(k, record);
  if (k.loading != Loading::kUnloaded && k.ops.sched_switch != nullptr) {
    call(k, Callback::kSwitch, k.ops.sched_switch, preempt, &prev.kernel, &next.kernel);
  }
}

void trace_wakeup(Kernel& k, Task& p, bool is_new) {
  if (!p.is_kthread()) emit(k, record_about(k, p, RECORD_WAKE, p.cpu()));
  if (k.loading == Loading::kUnloaded) return;
  if (is_new && k.ops.sched_wakeup_new != nullptr) {
    call(k, Callback::kWakeupNew, k.ops.sched_wakeup_new, &p.kernel);
  } else if (!is_new && k.ops.sched_wakeup != nullptr) {
    call(k, Callback::kWakeup, k.ops.sched_wakeup, &p.kernel);
  }
}

void trace_task(Kernel& k, const Task& p, u8 kind) {
  emit(k, record_about(k, p, kind, p.cpu()));
}

}  // namespace scx_pair
