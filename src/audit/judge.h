// SPDX-License-Identifier: GPL-2.0-only
//
// The judge. It is told what happened on every cpu and says whether two ordinary tasks of different
// domains ever ran on the cpus of one pair at the same time. It is pure: no clock, no I/O, the same
// records give the same verdict. It shares no code with any scheduler and believes none.
//
// 1. Records may come in any order within the reorder window: the caller says with advance() up to
//    when no further record is expected. One that comes later all the same is applied at once, and
//    counted as lost.
// 2. Records before the window say who is on each cpu when it opens, and count for nothing else.
// 3. A run with lost records is never kept, nor is one in which a user task ran on a cpu of no pair
//    (one that came online, and so has siblings that nobody knows). It is broken if a violation was
//    seen all the same.
// 4. `kept` means that there was something to keep: two domains ran, and on some pair user tasks
//    shared it or one waited for another. Where nothing could have been broken it is `kNothing`.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "audit/pair_meter.h"
#include "audit/spread_meter.h"
#include "audit/task_book.h"
#include "audit/verdict.h"
#include "base/switch_record.h"
#include "base/types.h"

namespace scx_pair {

struct JudgeConfig {
  std::vector<std::vector<u32>> pairs;  // cpus of each, 1 to kSeatsMax, no cpu twice
  u64 window_start_ns = 0;
  u64 move_bound_ns = 10'000'000;  // how long a move of a running task excuses an overlap
  // How long an ordinary task may run beside a real-time or deadline one of another domain.
  u64 higher_bound_ns = 100'000'000;
  s32 tasks_max = 0;    // how many tasks to report; negative is all
  u64 timeline_ns = 0;  // how much of the window's beginning to keep for drawing
  size_t timeline_pair = 0;
};

class Judge {
 public:
  explicit Judge(const JudgeConfig& config);
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  void add(const switch_record& record) {
    pending_.push_back({record, arrivals_++, What::kRecord});
  }

  // From `time_ns` on the kernel schedules by itself; not any more.
  void add_suspension(u64 time_ns) { add_edge(time_ns, What::kSuspended); }
  void add_resumption(u64 time_ns) { add_edge(time_ns, What::kResumed); }

  // Judges everything before `until_ns`. Requires: until_ns never goes back.
  void advance(u64 until_ns);

  // Closes the window and gives the verdict; `lost` records are known not to have been added.
  // Requires: the last call, and end_ns not before the last advance().
  Verdict finish(u64 end_ns, u64 lost);

 private:
  enum class What { kSuspended, kRecord, kResumed };  // in the order of one instant

  struct Pending {
    switch_record record;  // of an edge only the time
    u64 arrival;
    What what;
  };

  struct Cpu {
    bool known = false;  // whether any record has said who is on it
    Occupant occupant;
    u64 since_ns = 0;  // up to when the occupant's time was charged
    std::optional<size_t> pair;
    size_t seat = 0;
    bool unjudged = false;  // of no pair, and a user task ran on it in the window
  };

  void add_edge(u64 time_ns, What what);
  void apply(const Pending& pending);
  void apply_record(const switch_record& record);
  void apply_switch(const switch_record& record);
  void apply_found_running(const switch_record& record);
  void apply_change(const switch_record& record);
  void apply_suspension(u64 now_ns, bool begins);
  void book_suspension(u64 end_ns);
  void leave(Cpu& cpu, const switch_record& record);
  void charge(Cpu& cpu, u64 now_ns);
  void observe(const TaskBook::Wait& wait);
  Cpu& cpu(u32 id);
  void sum(Verdict& verdict) const;
  void rule(Verdict& verdict) const;

  JudgeConfig config_;
  std::vector<PairMeter> pairs_;
  SpreadMeter spread_;
  std::deque<Cpu> cpus_;  // grows while entries of it are in use
  TaskBook tasks_;
  std::vector<Pending> pending_;
  u64 arrivals_ = 0;
  u64 advanced_ns_ = 0;
  u64 missing_ = 0;
  int suspensions_ = 0;
  u64 suspended_since_ns_ = 0;
  u64 suspended_ns_ = 0;
  u64 kernel_cpu_ns_ = 0;
};

}  // namespace scx_pair
