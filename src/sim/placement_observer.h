// SPDX-License-Identifier: GPL-2.0-only
//
// Feeds the placement meter from the simulated kernel: its records, where its tasks may run, and
// whom the limits of its cgroups may hold back.
#pragma once

#include <deque>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/limit_gauge.h"
#include "sim/placement_meter.h"

namespace scx_pair {

class PlacementObserver : public Observer {
 public:
  // Requires: the kernel lives as long, and nothing has happened in it yet.
  explicit PlacementObserver(const Kernel& kernel);

  void on_record(const switch_record& record) override;
  void after_event(const Event& event) override;

  // Requires: the last call.
  PlacementSummary finish(u64 end_ns) { return meter_.finish(end_ns); }

 private:
  // An ordinary task, and the group that pays for it; nullptr: nobody does.
  struct Seat {
    s32 pid = 0;
    const Group* group = nullptr;
  };

  // What a cgroup and all below it use.
  struct Use {
    LimitGauge gauge;
    u32 cpus = 0;
    bool used_up = false;  // its own limit
  };

  void learn_task(s32 pid);
  void learn_all();
  void charge(const switch_record& record);
  void set_seat(Seat& seat, const Seat& now, u64 now_ns);
  void find_limits();
  void learn_limits(u64 now_ns);

  const Kernel& kernel_;
  PlacementMeter meter_;
  std::vector<const Group*> limited_;
  std::deque<Use> uses_;     // by the index of the group
  std::vector<Seat> seats_;  // by cpu
};

// How long a seat may idle beside work that is on its way to it: until the clock that ends a turn
// has fired, an interrupt has arrived, and that cpu's sibling has switched as well. Four times the
// mean where a delay has no most.
u64 placement_tolerance_ns(const KernelSpec& kernel);

}  // namespace scx_pair
