// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/kicks.h"

#include <algorithm>

#include "sim/kernel/dispatch.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

// Whether a kick that is meant for idle cpus finds one: can_skip_idle_kick().
bool is_busy(const Cpu& rq) {
  return !rq.curr->is_idle() || rq.in_dispatch;
}

// kick_one_cpu()
void kick_one(Kernel& k, const Cpu& here, const Kick& kick) {
  Cpu& rq = k.cpus[kick.cpu];
  const RqGuard guard(k, rq);
  const bool higher = rq.curr->sched_class > SchedClass::kExt;
  if (!rq.online && rq.id != here.id) return;
  if (higher && k.traits.kick_spares_higher) return;
  if (kick.preempt && rq.curr->sched_class == SchedClass::kExt) rq.curr->kernel.scx.slice = 0;
  resched_curr(k, rq);
}

}  // namespace

void kick_cpu(Kernel& k, u32 cpu, u64 flags) {
  Cpu& here = k.here();
  if (here.bypassing) return;
  if (cpu >= k.cpus.size()) {
    scx_error(k, "invalid CPU in scx_bpf_kick_cpu()");
    return;
  }
  if ((flags & kKickIdle) != 0 && is_busy(k.cpus[cpu])) return;
  k.counters.kicks++;
  const bool preempt = (flags & kKickPreempt) != 0;
  k.trace_hash =
      (k.trace_hash ^ (k.now_ns * 31 + u64{cpu} * 2 + (preempt ? 1 : 0))) * 0x100000001b3U;
  for (Observer* observer : k.observers) observer->on_kick(k.now_ns, here.id, cpu, preempt);
  const auto asked = std::find_if(here.kicks.begin(), here.kicks.end(),
                                  [cpu](const Kick& kick) { return kick.cpu == cpu; });
  if (asked != here.kicks.end()) {
    asked->preempt |= preempt;
  } else {
    here.kicks.push_back({cpu, preempt});
  }
  schedule_deferred(k, here);
}

void send_kicks(Kernel& k, Cpu& here) {
  std::vector<Kick> kicks;
  kicks.swap(here.kicks);
  std::sort(kicks.begin(), kicks.end(), [](const Kick& a, const Kick& b) { return a.cpu < b.cpu; });
  for (const Kick& kick : kicks) kick_one(k, here, kick);
}

}  // namespace scx_pair
