// SPDX-License-Identifier: GPL-2.0-only
//
// Turns who ran where into what cgroups with a limit (cpu.max) have used of it, each with all that
// is below it. As in the kernel only ordinary tasks are charged: what real-time tasks and kernel
// threads use is nobody's quota.
#pragma once

#include <map>
#include <vector>

#include "base/switch_record.h"
#include "base/types.h"
#include "sim/scenario.h"

namespace scx_pair {

// What one limited cgroup has used inside the window.
struct QuotaUse {
  u32 cgroup = 0;  // index into Scenario::cgroups
  u64 quota_ns = 0;
  u64 period_ns = 0;
  u64 used_ns = 0;
  u64 window_ns = 0;
  std::vector<u64> periods_ns{};  // used in each period from the window's start on; the last may be
                                  // cut short

  // Of what the quota lets it use in the window; 1 is all of it.
  [[nodiscard]] double of_quota() const;
  // How far the period in which most was used is above the quota; 0: none is.
  [[nodiscard]] u64 most_above_ns() const;
};

class QuotaMeter {
 public:
  // The limits are those of the scenario's cgroups, and no fault changes them. Periods are counted
  // from `window_start_ns` on, and only what happens from there on counts.
  QuotaMeter(const std::vector<CgroupSpec>& cgroups, u64 window_start_ns);

  // A cgroup that was made while the scenario ran, in one that is known. Requires: the domain is
  // new.
  void add_cgroup(u64 domain, u64 parent_domain);

  // Requires: records come in the order of their times.
  void add(const switch_record& record);

  // Ends the window; one for each limited cgroup, in the scenario's order. Requires: the last call,
  // and end_ns not before the last record.
  std::vector<QuotaUse> finish(u64 end_ns);

 private:
  struct Limited {
    QuotaUse use;
    u32 running = 0;   // cpus that run a task of it, or of one below it
    u64 since_ns = 0;  // up to when it is accounted
  };
  struct Seat {
    s32 pid = 0;
    u64 domain = 0;
    bool charged = false;
  };

  void account(Limited& limited, u64 now_ns);
  void sit(u32 cpu, const Seat& seat);

  u64 window_start_ns_;
  std::vector<Limited> limited_;
  std::map<u64, std::vector<u32>> above_;  // domain to the limits it is under: into limited_
  std::map<u32, Seat> seats_;              // by cpu
  std::map<s32, u32> running_;             // pid to cpu
  u64 now_ns_ = 0;
};

}  // namespace scx_pair
