// SPDX-License-Identifier: GPL-2.0-only
//
// Writes a run as Chrome trace JSON, which opens in Perfetto: a process a core, a track a cpu, a
// slice a stretch of one task. A slice is named after the cgroup, and Perfetto colours by name, so
// a cgroup has one colour everywhere. "forced idle" is a cpu that rests because its siblings' work
// excludes all who wait on the core; "VIOLATION" is a track of its own, below the cpus of a core on
// which the promise was broken. Kicks are instants on the cpu that sent them.
//
// The file grows as the run goes: nothing is kept but who is where.
#pragma once

#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/switch_record.h"
#include "base/types.h"
#include "sim/scenario.h"

namespace scx_pair {

class ChromeTrace {
 public:
  struct Config {
    MachineShape shape{};
    u64 origin_ns = 0;  // the trace's 0
    // The path of a domain; asked once for each, when it is first seen.
    std::function<std::string(u64)> path_of{};
  };

  // Requires: `out` outlives this.
  ChromeTrace(Config config, std::ostream& out);

  // Requires: records and kicks come in the order of their times, not before the origin.
  void add(const switch_record& record);
  void add_kick(u64 time_ns, u32 from, u32 to, bool preempt);

  // Ends all slices and the file. An error is one of writing. Requires: the last call.
  Status finish(u64 end_ns);

 private:
  enum class State : u8 { kIdle, kForcedIdle, kTask };

  struct Seat {
    u32 cpu = 0;
    switch_record_class task_class = CLASS_IDLE;
    s32 pid = 0;
    u64 domain = 0;
    std::string comm{};
    State state = State::kIdle;
    u64 since_ns = 0;  // of the slice
  };
  struct Core {
    std::vector<Seat> seats{};
    std::map<u64, u32> waiters{};  // domain to number
    bool violated = false;
    u64 violated_since_ns = 0;
  };
  struct Waiter {
    u32 core = 0;
    u64 domain = 0;
  };

  void write_head();
  void write_track_name(u32 core, u32 track, const std::string& name);
  void write_event(const std::string& body);
  void write_slice(u32 core, const Seat& seat, u64 end_ns);
  void write_violation(u32 core, u64 end_ns);
  const std::string& name_of(u64 domain);

  void switch_to(const switch_record& record);
  void change(const switch_record& record);
  void wait(const switch_record& record, u32 core);
  void stop_waiting(s32 pid);
  void settle(u32 core, u64 now_ns);
  [[nodiscard]] static bool is_forced_idle(const Core& core);
  [[nodiscard]] static bool is_violated(const Core& core);
  [[nodiscard]] u64 from_origin(u64 time_ns) const { return time_ns - config_.origin_ns; }

  Config config_;
  std::ostream& out_;
  std::vector<CpuSite> sites_;
  std::vector<Core> cores_;
  std::map<s32, Waiter> waiting_;     // by pid
  std::map<s32, u32> running_;        // pid to cpu
  std::map<u64, std::string> names_;  // quoted
  bool first_ = true;
};

}  // namespace scx_pair
