// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "part.h"
#include "record.h"

namespace scx_pair {

// What a task needs to play its part.
struct TaskPlan {
  Part part;
  std::filesystem::path folder;                   // its cgroup; the churner makes its own below
  std::vector<std::string> command;               // kRun: what to execute
  std::vector<pid_t> movable;                     // kMove: whom to move
  std::vector<std::filesystem::path> to_folders;  // kMove: where to
};

// The life of one task, in the process forked for it: takes its place (cgroup, cpu, class), waits
// for the start, plays its part until the stage is over, ends. Never returns.
[[noreturn]] void live_as_task(const TaskPlan& plan, Signal& signal, TaskRecord& record);

}  // namespace scx_pair
