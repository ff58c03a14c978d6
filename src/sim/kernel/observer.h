// SPDX-License-Identifier: GPL-2.0-only
//
// Who may look, and who may choose: observers are told what happens and change nothing; a
// switchboard decides, at every shared access, which cpu's activity goes on.
#pragma once

#include "base/switch_record.h"
#include "base/types.h"
#include "sim/kernel/event_queue.h"
#include "sim/native/border.h"

namespace scx_pair {

enum class Callback : u8 {
  kSelectCpu,
  kEnqueue,
  kDequeue,
  kDispatch,
  kTick,
  kYield,
  kRunnable,
  kRunning,
  kStopping,
  kQuiescent,
  kSetWeight,
  kSetCpumask,
  kUpdateIdle,
  kCpuAcquire,
  kCpuRelease,
  kEnable,
  kDisable,
  kCgroupInit,
  kCgroupExit,
  kCgroupMove,
  kCgroupSetWeight,
  kCgroupSetBandwidth,
  kCgroupSetIdle,
  kCpuOnline,
  kCpuOffline,
  kInit,
  kExit,
  kSwitch,
  kWakeup,
  kWakeupNew,
  kSettle,
  kTimer,
};

class Observer {
 public:
  virtual ~Observer() = default;

  // What the audit probe would have written. Times are the kernel's: kBootNs and up.
  virtual void on_record(const switch_record& record) { static_cast<void>(record); }
  // A rescheduling of `to` was asked for on `from`; it has not arrived yet.
  virtual void on_kick(u64 time_ns, u32 from, u32 to, bool preempt) {
    static_cast<void>(time_ns), static_cast<void>(from), static_cast<void>(to),
        static_cast<void>(preempt);
  }
  // The scheduler is called on a cpu, or has returned.
  virtual void on_callback(Callback callback, u32 cpu, bool begins) {
    static_cast<void>(callback), static_cast<void>(cpu), static_cast<void>(begins);
  }
  // An event was handled, and every cpu is between two of its activities.
  virtual void after_event(const Event& event) { static_cast<void>(event); }
};

class Switchboard {
 public:
  virtual ~Switchboard() = default;

  // The activity of a cpu is about to touch something shared: another may go first. `kind` is a
  // sim_access; the address is that of the memory, lock or map, or nullptr.
  virtual void on_access(u32 cpu, sim_access kind, const volatile void* address, u32 size) = 0;
  // The activity of a cpu needs a lock whose word is not 0 while it is held. Returns when it is 0.
  virtual void wait_for_lock(u32 cpu, const u32* lock) = 0;
};

}  // namespace scx_pair
