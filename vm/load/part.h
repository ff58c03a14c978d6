// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/types.h"

namespace scx_pair {

// What the tasks of one part of a workload do.
enum class Kind {
  kSpin,   // use a cpu without end
  kYield,  // use it for run_us, then yield to whoever waits
  kSleep,  // use it for run_us, sleep for rest_us, and note how late the wakeup was
  kFifo,   // SCHED_FIFO: use it for run_us in every run_us + rest_us of wall time
  kRun,    // the command behind `--`, once
  kMove,   // move the tasks of the other parts between the cgroups, `count` times a second
  kChurn,  // create a cgroup, let a child join it and end, remove it, as fast as it goes
};

// How the kernel is told to treat an ordinary task.
enum class Policy { kOther, kBatch, kIdle };

// One part of a workload, written KIND:CGROUP:COUNT[:TIMES][,batch|,idle][,nice=N][@CPU], where
// TIMES is RUN_US/REST_US for sleep and fifo and RUN_US for yield: "spin:a:2", "yield:a:1:100",
// "sleep:b:2:100/900", "spin:a:1@0", "spin:a/b:2,nice=5", "fifo:rt:1:1000/9000", "move:-:100",
// "churn:x:1", "run:a:1".
struct Part {
  Kind kind = Kind::kSpin;
  std::string text;
  std::string cgroup;  // below the cgroup root; empty is the root itself, written "-"
  u32 count = 1;       // tasks; moves a second for kMove
  u64 run_us = 0;
  u64 rest_us = 0;
  Policy policy = Policy::kOther;
  int nice = 0;  // -20 to 19
  std::optional<u32> cpu;
};

// How many tasks the part has: one mover makes all of a part's moves.
u32 part_tasks(const Part& part);

// The part's kind as written in its text and in the names of its tasks.
const char* kind_name(Kind kind);

Result<Part> parse_part(const std::string& text);

}  // namespace scx_pair
