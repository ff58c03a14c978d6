// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/idle.h"

#include <algorithm>

#include "sim/kernel/callbacks.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

constexpr s32 kBusy = -16;

// scx_idle_test_and_clear_cpu()
bool take_idle(Kernel& k, u32 cpu) {
  for (const u32 sibling : k.cores[k.cpus[cpu].core]) k.idle_cores.clear(sibling);
  if (!k.idle_cpus.test(cpu)) return false;
  k.idle_cpus.clear(cpu);
  return true;
}

bool core_idles(const Kernel& k, u32 core) {
  return std::all_of(k.cores[core].begin(), k.cores[core].end(),
                     [&k](u32 cpu) { return k.idle_cpus.test(cpu); });
}

}  // namespace

void update_idle(Kernel& k, Cpu& rq, bool idle, bool transition) {
  if (!k.scx_enabled()) return;
  k.idle_cpus.assign(rq.id, idle);
  if (!idle) {
    for (const u32 cpu : k.cores[rq.core]) k.idle_cores.clear(cpu);
  } else if (core_idles(k, rq.core)) {
    for (const u32 cpu : k.cores[rq.core]) k.idle_cores.set(cpu);
  }
  if (transition && k.ops.update_idle != nullptr && !rq.bypassing) {
    call(k, Callback::kUpdateIdle, k.ops.update_idle, static_cast<s32>(rq.id), idle);
  }
}

s32 pick_idle_cpu(Kernel& k, const cpumask* allowed, u64 flags) {
  Cpu& here = k.here();
  const u32 start = (here.picked_last + 1) % static_cast<u32>(k.cpus.size());
  u32 cpu = first_in_both(k.idle_cores.words(), allowed->bits, start);
  if (cpu == kNoCpu && (flags & kPickIdleCore) != 0) return kBusy;
  if (cpu == kNoCpu) cpu = first_in_both(k.idle_cpus.words(), allowed->bits, start);
  if (cpu == kNoCpu) return kBusy;
  here.picked_last = cpu;
  take_idle(k, cpu);
  return static_cast<s32>(cpu);
}

s32 select_cpu_default(Kernel& k, const Task& p, u32 prev_cpu, bool* found) {
  const bool prev_allowed = may_run_on(p, prev_cpu);
  *found = true;
  if (prev_allowed && k.idle_cores.test(prev_cpu) && take_idle(k, prev_cpu)) {
    return static_cast<s32>(prev_cpu);
  }
  const s32 core = pick_idle_cpu(k, p.kernel.cpus_ptr, kPickIdleCore);
  if (core >= 0) return core;
  if (prev_allowed && take_idle(k, prev_cpu)) return static_cast<s32>(prev_cpu);
  for (const u32 sibling : k.cores[k.cpus[prev_cpu].core]) {
    if (sibling != prev_cpu && may_run_on(p, sibling) && take_idle(k, sibling)) {
      return static_cast<s32>(sibling);
    }
  }
  const s32 any = pick_idle_cpu(k, p.kernel.cpus_ptr, 0);
  *found = any >= 0;
  return any >= 0 ? any : static_cast<s32>(prev_cpu);
}

}  // namespace scx_pair
