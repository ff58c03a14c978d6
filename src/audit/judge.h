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
// 3. A run with lost records is never kept. It is broken if a violation was seen all the same.
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
  s32 tasks_max = 0;               // how many tasks to report; negative is all
  u64 timeline_ns = 0;             // how much of the window's beginning to keep for drawing
  size_t timeline_pair = 0;
};

class Judge {
 public:
  explicit Judge(const JudgeConfig& config);
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  void add(const switch_record& record) { pending_.push_back({record, arrivals_++}); }

  // Judges everything before `until_ns`. Requires: until_ns never goes back.
  void advance(u64 until_ns);

  // Closes the window and gives the verdict; `lost` records are known not to have been added.
  // Requires: the last call, and end_ns not before the last advance().
  Verdict finish(u64 end_ns, u64 lost);

 private:
  struct Pending {
    switch_record record;
    u64 arrival;
  };

  struct Cpu {
    bool known = false;  // whether any record has said who is on it
    Occupant occupant;
    u64 since_ns = 0;  // up to when the occupant's time was charged
    std::optional<size_t> pair;
    size_t seat = 0;
  };

  void apply(const switch_record& record);
  void apply_switch(const switch_record& record);
  void apply_found_running(const switch_record& record);
  void apply_change(const switch_record& record);
  void leave(Cpu& cpu, const switch_record& record);
  void charge(Cpu& cpu, u64 now_ns);
  void observe(const TaskBook::Wait& wait);
  Cpu& cpu(u32 id);
  void sum(Verdict& verdict) const;

  JudgeConfig config_;
  std::vector<PairMeter> pairs_;
  SpreadMeter spread_;
  std::deque<Cpu> cpus_;  // grows while entries of it are in use
  TaskBook tasks_;
  std::vector<Pending> pending_;
  u64 arrivals_ = 0;
  u64 advanced_ns_ = 0;
  u64 missing_ = 0;
  u64 kernel_cpu_ns_ = 0;
};

}  // namespace scx_pair
