// SPDX-License-Identifier: GPL-2.0-only
//
// Feeds the placement meter from the simulated kernel: its records, and where its tasks may run.
#pragma once

#include "sim/kernel/kernel.h"
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
  void learn_task(s32 pid);
  void learn_all();

  const Kernel& kernel_;
  PlacementMeter meter_;
};

// How long a seat may idle beside work that is on its way to it: until the clock that ends a turn
// has fired, an interrupt has arrived, and that cpu's sibling has switched as well. Four times the
// mean where a delay has no most.
u64 placement_tolerance_ns(const KernelSpec& kernel);

}  // namespace scx_pair
