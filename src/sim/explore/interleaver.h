// SPDX-License-Identifier: GPL-2.0-only
//
// Runs the activities of a machine's cpus as fibres, and asks a chooser at every shared access
// which of them goes on. The inner side of execution.h.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sim/explore/execution.h"

namespace scx_pair {

class Interleaver : public Switchboard, public Observer {
 public:
  Interleaver(const Model& model, NativeObject& object, FibrePool& fibres, Chooser& chooser,
              const ExecutionLimits& limits, Audience* audience);

  Executed run();

  void on_access(u32 cpu, sim_access kind, const volatile void* address, u32 size) override;
  void wait_for_lock(u32 cpu, const u32* lock) override;
  void on_record(const switch_record& record) override;

 private:
  // A cpu's activity.
  struct Activity {
    Fibre* fibre = nullptr;
    const u32* waits_for = nullptr;  // a lock that somebody else holds
    u64 history = 0;                 // hash of all it has seen of the others
    u64 accesses = 0;                // since it last saw something of them
    // The earliest that it may begin with, while options are collected.
    const Event* interrupt = nullptr;
    const Event* other = nullptr;
  };

  [[nodiscard]] bool is_point(sim_access kind, const volatile void* address) const;
  [[nodiscard]] bool is_shared(const volatile void* address) const;
  [[nodiscard]] bool blocked(u32 cpu) const;
  [[nodiscard]] std::string waits() const;
  [[nodiscard]] bool over() const;
  void collect_options();
  void add_beginnings();
  bool decide();
  u64 state() const;
  void perform(const Option& option);
  void begin(const Option& option);
  void settle(u32 cpu);
  void judge();
  void pass_time();
  void drain();
  void calm_down();
  void fail(Oracle oracle, const std::string& what);

  const Model& model_;
  Machine machine_;
  Kernel& kernel_;
  Chooser& chooser_;
  const ExecutionLimits limits_;
  Audience* audience_;
  std::vector<Activity> activities_;
  Moment moment_;
  std::vector<Option> options_;
  Option chosen_{};
  u32 last_ = kNoCpu;  // whose activity ran last, if it has not ended
  u64 at_once_ = 0;
  const void* cells_ = nullptr;  // maps whose values only their own cpu uses
  const void* statistics_ = nullptr;
  std::vector<std::span<std::byte>> variables_;  // of the scheduler
  bool pending_ = false;                         // an activity has already decided what comes next
  bool draining_ = false;
  Executed result_;
};

}  // namespace scx_pair
