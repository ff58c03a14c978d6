// SPDX-License-Identifier: GPL-2.0-only
//
// How well the places of a machine were used: whether tasks crowded on a core beside an idle one,
// whether seats idled beside work, and how far tasks went between two of their starts. Unlike the
// audit, which sees records only, it is told where each task may run, so nothing here is a guess.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "base/switch_record.h"
#include "base/types.h"
#include "sim/scenario.h"

namespace scx_pair {

// All inside the window. Only ordinary tasks wait, crowd and start here: nobody asks a scheduler of
// theirs about the others.
struct PlacementSummary {
  u64 seat_ns = 0;  // of all cpus that were online
  // A seat idles, a task waits that may run there, and every such task is of another domain than
  // the siblings' tasks.
  u64 forced_idle_ns = 0;
  // A seat idles, and a task waits that could start there: one of the siblings' domain, or any
  // where the siblings exclude nobody; but none that a limit may hold back. `late` is what of each
  // such time goes beyond the tolerance: what is in flight when a task wakes or leaves does not
  // count.
  u64 neglected_ns = 0;
  u64 late_ns = 0;
  u64 tolerance_ns = 0;
  // Time of cores that run a task while another core is wholly idle where one of their tasks may
  // run; and what of it they ran two or more.
  u64 spacious_ns = 0;
  u64 crowded_ns = 0;
  // How often a task was switched in that had run before; and where it had run last: on another
  // core, or LLC, or socket. Who crosses to another socket crosses the other two as well.
  u64 starts = 0;
  u64 other_core = 0;
  u64 other_llc = 0;
  u64 other_socket = 0;
};

class PlacementMeter {
 public:
  struct Config {
    MachineShape shape{};
    u64 window_start_ns = 0;
    u64 tolerance_ns = 0;
    bool kthreads_trusted = true;  // else they exclude, as tasks of the root domain
  };
  // A bit a cpu.
  using CpuWords = std::vector<unsigned long>;

  // Every cpu is online and idle, and every task may run on all.
  explicit PlacementMeter(const Config& config);

  // Goes on to this time, at which the calls below happen. Requires: it never goes back.
  void advance(u64 now_ns);

  // Tasks have small numbers, as the simulated kernel's do: what is known of them is kept for each
  // number up to the largest.

  // Where a task may run from now on; nullptr is everywhere. Requires: *cpus stays as it is as long
  // as the meter lives.
  void allow(s32 pid, const CpuWords* cpus);
  void set_online(u32 cpu, bool online);
  // Whether a limit may hold back the tasks of a domain from now on: then nobody waits for them.
  void set_held_back(u64 domain, bool held_back);

  // At the record's own time.
  void add(const switch_record& record);

  // Ends the window. Requires: the last call.
  PlacementSummary finish(u64 end_ns);

 private:
  struct Domain {
    u64 id = 0;
    u64 waiting = 0;         // tasks that may run on all cpus
    bool held_back = false;  // by a limit
    std::vector<u32> cores;  // where its tasks run and exclude others; as often as they do
  };
  enum class TaskState : u8 { kSleeping, kWaiting, kRunning };
  struct Task {
    Domain* domain = nullptr;
    const CpuWords* cpus = nullptr;
    TaskState state = TaskState::kSleeping;
    switch_record_class task_class = CLASS_IDLE;
    bool has_run = false;
    u32 last_cpu = 0;
  };
  enum class SeatUse : u8 { kOffline, kBusy, kIdle, kForced, kNeglected };
  struct Seat {
    u32 cpu = 0;
    bool online = true;
    const Task* task = nullptr;
    SeatUse use = SeatUse::kIdle;
    u64 since_ns = 0;
  };
  enum class CoreUse : u8 { kPlain, kSpread, kCrowded };
  struct Core {
    std::vector<Seat> seats;
    bool idle = true;        // all seats that are online, and one is
    u32 ordinary = 0;        // tasks that run here
    bool unbound = false;    // one of them may run everywhere
    bool may_leave = false;  // one of them may not, but on another core too
    CoreUse use = CoreUse::kPlain;
    u64 since_ns = 0;
  };
  using Crowd = std::map<Domain*, u64>;  // to the number of waiting tasks

  Task& task_of(s32 pid);
  Domain& domain_of(u64 id);
  void set_state(Task& task, TaskState state);
  void set_identity(Task& task, const switch_record& record);
  void wait(const Task& task, bool begins);
  void wait_on(u32 cpu, Domain& domain, bool begins);
  void count_waiting(bool begins);
  void exclude(const Task& task, bool begins);
  void sit(const switch_record& record);
  void count_start(const Task& task, u32 cpu);

  void settle();
  void settle_core(Core& core);
  void settle_seats(Core& core);
  void settle_use(Core& core);
  [[nodiscard]] bool excludes(const Task& task) const;
  [[nodiscard]] SeatUse use_of(const Core& core, const Seat& seat) const;
  [[nodiscard]] CoreUse use_of(const Core& core) const;
  [[nodiscard]] bool reaches_another_core(const Core& core, const Task& task) const;
  void end_use(const Seat& seat);
  void end_use(const Core& core);
  [[nodiscard]] u64 in_window(u64 since_ns) const;

  Config config_;
  std::vector<CpuSite> sites_;
  std::vector<Core> cores_;
  std::deque<Task> tasks_;  // by pid
  std::map<u64, Domain> domains_;
  u64 waiting_domains_ = 0;        // not held back, of which a task waits that may run on all cpus
  std::vector<Crowd> restricted_;  // by cpu: the other tasks that may run there
  CpuWords idle_core_cpus_;
  u32 idle_cores_ = 0;
  // What has to be looked at again: cores, all seats, or all cores' room.
  std::vector<u32> touched_;
  bool seats_touched_ = false;
  bool room_touched_ = false;
  u64 now_ns_ = 0;
  PlacementSummary summary_;
};

}  // namespace scx_pair
