// SPDX-License-Identifier: GPL-2.0-only
//
// Collects from switch records where the cpu time of a run went, column by column of time: to which
// domain, to kernel threads, or to nobody.
#pragma once

#include <map>
#include <vector>

#include "audit/task_book.h"
#include "base/switch_record.h"
#include "base/types.h"
#include "sim/scenario.h"

namespace scx_pair {

// What one domain's user tasks had and wanted.
struct DomainShares {
  std::vector<u64> cpu_ns{};  // by column
  u64 wanted_ns = 0;          // of the window: the domain had a task that ran or waited
};

// Where the time of all cpus went. In each column the domains' cpu_ns, kernel_ns, forced_idle_ns
// and idle_ns add up to its length times the number of cpus; all columns but the last are column_ns
// long.
struct ShareHistory {
  u64 column_ns = 1;  // at least 1
  u64 window_ns = 0;
  u64 cpus = 0;
  std::map<u64, DomainShares> domains{};
  std::vector<u64> kernel_ns{};       // kernel threads
  std::vector<u64> forced_idle_ns{};  // as the judge has it, src/audit/pair_meter.h, rule 3
  std::vector<u64> idle_ns{};         // all other
};

class ShareMeter {
 public:
  // Only what happens from `window_start_ns` on counts. Requires: column_ns > 0.
  ShareMeter(const MachineShape& shape, u64 window_start_ns, u64 column_ns);

  // Requires: records come in the order of their times.
  void add(const switch_record& record);

  // Ends the window. Requires: the last call, and end_ns not before the last record.
  ShareHistory finish(u64 end_ns);

 private:
  struct Seat {
    switch_record_class task_class = CLASS_IDLE;
    s32 pid = 0;
    u64 domain = 0;
  };
  struct Core {
    std::vector<Seat> seats{};
    std::map<u64, u64> waiters{};  // domain to number
    u64 since_ns = 0;              // up to when it is accounted
  };
  // How many tasks of a domain run or wait.
  struct Wish {
    u64 tasks = 0;
    u64 since_ns = 0;  // up to when it is accounted
  };

  void account(Core& core, u64 now_ns);
  void account(const Core& core, size_t column, u64 length_ns);
  void wish(u64 now_ns, u64 domain, bool begins);
  void observe(const TaskBook::Wait& wait);
  void switch_to(const switch_record& record);
  void change(const switch_record& record);
  [[nodiscard]] static bool is_forced_idle(const Core& core);

  u64 window_start_ns_;
  std::vector<CpuSite> sites_;
  std::vector<Core> cores_;
  std::map<s32, u32> running_;  // user tasks: pid to cpu
  std::map<u64, Wish> wishes_;  // by domain
  TaskBook tasks_;
  ShareHistory history_;
  u64 now_ns_ = 0;
};

}  // namespace scx_pair
