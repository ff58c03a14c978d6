// SPDX-License-Identifier: GPL-2.0-only
//
// Turns who ran where into work done, by the SMT model of the machine: a thread beside busy
// siblings is slower than one that has its core to itself. One nanosecond of work is what a thread
// alone does in a nanosecond.
#pragma once

#include <map>
#include <vector>

#include "base/switch_record.h"
#include "base/types.h"
#include "sim/scenario.h"

namespace scx_pair {

struct DomainWork {
  u64 cpu_ns = 0;   // of its user tasks, inside the window
  u64 work_ns = 0;  // what they got done in it
};

struct WorkSummary {
  std::map<u64, DomainWork> domains;
  DomainWork users;   // all domains
  DomainWork kernel;  // kernel threads
  u64 window_ns = 0;
};

class SmtMeter {
 public:
  // Only what happens from `window_start_ns` on counts.
  SmtMeter(const MachineShape& shape, u64 window_start_ns);

  // Requires: records come in the order of their times.
  void add(const switch_record& record);

  // Ends the window. Requires: the last call, and end_ns not before the last record.
  WorkSummary finish(u64 end_ns);

 private:
  struct Seat {
    switch_record_class task_class = CLASS_IDLE;
    s32 pid = 0;
    u64 domain = 0;
  };
  struct Core {
    std::vector<Seat> seats;
    u64 since_ns = 0;  // up to when it is accounted
  };

  void account(Core& core, u64 now_ns);
  void sit(const switch_record& record);

  MachineShape shape_;
  u64 window_start_ns_;
  std::vector<CpuSite> sites_;
  std::vector<Core> cores_;
  std::map<s32, u32> running_;  // pid to cpu
  WorkSummary summary_;
  u64 now_ns_ = 0;
};

}  // namespace scx_pair
