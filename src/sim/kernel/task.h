// SPDX-License-Identifier: GPL-2.0-only
//
// A simulated task: what BPF programs see of it, what sched_ext keeps about it, and how far it has
// got in what its scenario makes it do.
#pragma once

#include <vector>

#include "sim/kernel/cpu_mask.h"
#include "sim/kernel/dispatch_queue.h"
#include "sim/kernel/list.h"
#include "sim/random.h"
#include "sim/scenario.h"

namespace scx_pair {

// In the order of their rank.
enum class SchedClass : u8 { kIdle, kExt, kFair, kRealtime, kDeadline, kStop };

enum class TaskState : u8 { kNew, kRunnable, kSleeping, kDead };

// Bits of task_struct::scx.flags.
inline constexpr u32 kTaskQueued = 1U << 0U;
inline constexpr u32 kTaskInCustody = 1U << 1U;
inline constexpr u32 kTaskResetRunnableAt = 1U << 2U;

// Bits of task_struct::flags: include/linux/sched.h.
inline constexpr u32 kPfExiting = 0x00000004;
inline constexpr u32 kPfIdle = 0x00000002;

// Who owns a task in BPF custody: SCX_OPSS_*.
enum class OpsState : u8 { kNone, kQueueing, kQueued, kDispatching };

inline constexpr u64 kNoQuota = ~u64{0};  // RUNTIME_INF

// What cpu.max and cpu.max.burst say, as tg->scx keeps it: microseconds.
struct Bandwidth {
  u64 period_us = 100'000;  // default_bw_period_us()
  u64 quota_us = kNoQuota;
  u64 burst_us = 0;

  bool operator==(const Bandwidth&) const = default;
};

// A cgroup of the cpu controller.
struct Group {
  task_group tg{};
  cgroup cg{};
  kernfs_node node{};
  u32 index = 0;  // into Kernel::groups
  Group* parent = nullptr;
  std::vector<Group*> children;  // all there ever were, in the order in which they were made
  u32 weight = 100;              // tg->scx.weight, which knows nothing of cpu.idle
  Bandwidth bandwidth;
  u64 old_limit_until_ns = 0;  // up to when a limit that was changed may still be felt
  u64 members = 0;             // tasks that keep it from being removed
  bool online = false;
  bool initialised = false;  // ops.cgroup_init() has been called for it
};

// What a direct dispatch from ops.select_cpu() or ops.enqueue() asked for.
struct DirectDispatch {
  u64 dsq_id = kDsqInvalid;
  u64 enq_flags = 0;
  u64 slice = 0;
  u64 vtime = 0;
};

// Where a task is in its scenario's steps.
struct Progress {
  // Index into Scenario::tasks; kNoIndex: it only runs for `left_ns`, and exits.
  u32 spec = kNoIndex;
  u32 instance = 0;
  s64 loops_left = 0;
  u32 phase = 0;
  s64 phase_loops_left = 0;
  u32 step = 0;
  u64 left_ns = 0;       // of the running step, at full speed
  bool pinned = false;   // the running step is one with migration disabled
  bool ends = false;     // after the running step there is none
  bool exiting = false;  // do_exit() has begun
  u64 due_ns = 0;        // of the last kTimer step
};

struct Task {
  // First, so that a pointer to either is a pointer to both.
  task_struct kernel{};

  Task() : dsq_link(this), runnable_link(this), class_link(this), wait_link(this) {}

  SchedClass sched_class = SchedClass::kFair;
  TaskState state = TaskState::kNew;
  TaskPolicy policy = TaskPolicy::kOrdinary;
  s32 nice = 0;
  u32 rt_priority = 0;
  Group* group = nullptr;
  u32 index = 0;                          // into Kernel::tasks
  const CpuMask* cpus_allowed = nullptr;  // p->cpus_mask; cpus_ptr may be narrower for a while
  bool pinned_switch = false;             // cpus_ptr is narrower: migrate_disable_switch()
  bool enabled = false;                   // ops.enable() has been called

  // struct sched_ext_entity, what of it BPF programs do not see.
  DispatchQueue* dsq = nullptr;
  Link dsq_link;
  u64 dsq_seq = 0;
  u64 queued_vtime = 0;
  VtimeTree::iterator tree_place;
  VtimeTree::node_type tree_node;
  bool on_tree = false;
  Link runnable_link;  // on Cpu::runnable
  u64 runnable_at_ns = 0;
  bool changes_class = false;  // some cpu is about to: see SchedChange
  u64 changed_at_ns = 0;       // when it was last taken off its runqueue and put back, by a change
  u32 sticky_cpu = kNoCpu;
  u32 holding_cpu = kNoCpu;
  u32 migrating = 0;  // task_on_rq_migrating()
  OpsState ops_state = OpsState::kNone;
  u64 ops_qseq = 0;
  DirectDispatch direct;

  // The other classes.
  Link class_link;      // on Cpu::realtime, deadline or fair
  bool queued = false;  // of a class other than ext: on the cpu's runqueue, running or not
  u64 dl_runtime_ns = 0;
  u64 dl_deadline_ns = 0;  // relative
  u64 dl_period_ns = 0;
  u64 dl_left_ns = 0;
  u64 dl_due_ns = 0;  // absolute
  bool dl_throttled = false;
  u64 time_slice_ns = 0;  // of round robin, and of the fair class

  u64 exec_start_ns = 0;  // up to when its running was accounted
  u64 cpu_ns = 0;
  u64 work_ns = 0;  // progress in its run steps, at full speed
  u64 loops_done = 0;
  u64 timer_version = 0;
  Link wait_link;      // on a channel
  u32 spec_place = 0;  // in Kernel::alive of its spec
  Progress progress;
  Random random{0};

  [[nodiscard]] s32 pid() const { return kernel.pid; }
  [[nodiscard]] u32 cpu() const { return kernel.thread_info.cpu; }
  [[nodiscard]] bool is_kthread() const { return (kernel.flags & PF_KTHREAD) != 0; }
  [[nodiscard]] bool is_idle() const { return sched_class == SchedClass::kIdle; }
  [[nodiscard]] bool is_queued() const { return (kernel.scx.flags & kTaskQueued) != 0; }
  // task_on_rq_queued(): on a runqueue, running or waiting.
  [[nodiscard]] bool on_rq() const {
    return sched_class == SchedClass::kExt ? is_queued() : queued;
  }
};

inline Task& task_of(task_struct* p) {
  return *reinterpret_cast<Task*>(p);
}
inline const Task& task_of(const task_struct* p) {
  return *reinterpret_cast<const Task*>(p);
}

}  // namespace scx_pair
