// SPDX-License-Identifier: GPL-2.0-only
//
// What differs between kernels, by release (612 is 6.12). The code asks for a trait, never for a
// release.
#pragma once

#include "base/types.h"

namespace scx_pair {

struct KernelTraits {
  // balance_scx() looks for a task before every pick, even when one of a higher class is about to
  // be picked. Since 6.19 do_pick_task_scx() looks, and only if nobody above wants the cpu.
  bool balances_before_pick = false;
  // ops.cgroup_set_bandwidth(), and what cpu.max says among the arguments of ops.cgroup_init()
  // (6.17).
  bool tells_bandwidth = false;
  // ops.cgroup_set_idle() (6.19).
  bool tells_idle = false;
  // cpu.idle is among the arguments of ops.cgroup_init() (a release of 7.3).
  bool tells_idle_at_init = false;
  // scx_bpf_dsq_insert_vtime() takes a struct (6.19).
  bool insert_vtime_takes_struct = false;
  // kick_one_cpu() leaves a cpu alone that runs a task of a higher class (6.19).
  bool kick_spares_higher = false;
  // Bypassed tasks queue on their cpu, with slices of 5 ms; before on the global queue, 20 ms.
  bool bypasses_per_cpu = false;
  // ops.dequeue() is called exactly once for a task that leaves the scheduler's custody (7.1).
  bool dequeue_is_exact = false;
  // ops.cgroup_exit() follows the last switch of the last task of a cgroup (7.1).
  bool cgroup_outlives_tasks = false;
};

constexpr KernelTraits traits_of(u32 release) {
  KernelTraits traits;
  traits.balances_before_pick = release < 619;
  traits.tells_bandwidth = release >= 617;
  traits.tells_idle = release >= 619;
  traits.tells_idle_at_init = release >= 703;
  traits.insert_vtime_takes_struct = release >= 619;
  traits.kick_spares_higher = release >= 619;
  traits.bypasses_per_cpu = release >= 619;
  traits.dequeue_is_exact = release >= 701;
  traits.cgroup_outlives_tasks = release >= 701;
  return traits;
}

}  // namespace scx_pair
