// SPDX-License-Identifier: GPL-2.0-only
//
// Dispatch queues (DSQs): where sched_ext keeps runnable tasks. Local ones belong to a cpu, user
// ones to the scheduler; a queue is in the order of arrival or of virtual time, never both.
// Mirrors struct scx_dispatch_q and what dispatch_enqueue() does with it.
#pragma once

#include <set>

#include "base/types.h"
#include "sim/kernel/list.h"

namespace scx_pair {

struct Task;

inline constexpr u64 kDsqFlagBuiltin = 1ULL << 63U;
inline constexpr u64 kDsqFlagLocalOn = 1ULL << 62U;
inline constexpr u64 kDsqInvalid = kDsqFlagBuiltin;
inline constexpr u64 kDsqGlobal = kDsqFlagBuiltin | 1U;
inline constexpr u64 kDsqLocal = kDsqFlagBuiltin | 2U;
inline constexpr u64 kDsqBypass = kDsqFlagBuiltin | 3U;
inline constexpr u64 kDsqLocalOn = kDsqFlagBuiltin | kDsqFlagLocalOn;
inline constexpr u64 kDsqLocalCpuMask = 0xffffffffULL;

struct EarlierVtime {
  bool operator()(const Task* a, const Task* b) const;
};
using VtimeTree = std::set<Task*, EarlierVtime>;

struct DispatchQueue {
  u64 id = kDsqInvalid;
  u32 cpu = 0;  // whose it is, if it is a local or bypass one
  u32 nr = 0;
  u64 seq = 0;        // grows with every insertion
  bool dead = false;  // destroyed; iterators may still point here
  List list;          // every queued task, in order; cursors of iterators between them
  VtimeTree tree;     // those that are ordered by virtual time

  [[nodiscard]] bool is_local() const { return id == kDsqLocal; }
  [[nodiscard]] bool is_builtin() const { return (id & kDsqFlagBuiltin) != 0; }
};

// The first task after a place in a list, past the cursors; nullptr at its end. nldsq_next_task().
Task* next_task(const DispatchQueue& dsq, const Link& place);
// The last one before it; nullptr at the start.
Task* previous_task(const DispatchQueue& dsq, const Link& place);
Task* first_task(const DispatchQueue& dsq);

enum class QueuePlace : u8 { kTail, kHead, kByVtime };

// Requires: the task is in no queue.
void queue_task(DispatchQueue& dsq, Task& task, QueuePlace place);

// Requires: the task is in this queue. task_unlink_from_dsq().
void unqueue_task(DispatchQueue& dsq, Task& task);

}  // namespace scx_pair
