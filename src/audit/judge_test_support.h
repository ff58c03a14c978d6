// SPDX-License-Identifier: GPL-2.0-only
// Handmade records, for the tests of the judge only.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "audit/judge.h"
#include "base/switch_record.h"
#include "base/time_units.h"

namespace scx_pair {

struct TestTask {
  s32 pid = 0;
  u64 domain = 0;
  switch_record_class task_class = CLASS_ORDINARY;
};

inline constexpr TestTask kIdle{.pid = 0, .domain = ROOT_DOMAIN, .task_class = CLASS_IDLE};

// What most tests of the judge begin with: everybody is on a cpu at 1 ms, and the window is
// [10 ms, 110 ms). By a name of its own, because some tests have another window, or other people.
namespace one_window {

inline constexpr u64 kSetUp = 1 * kMs;
inline constexpr u64 kStart = 10 * kMs;
inline constexpr u64 kEnd = 110 * kMs;
inline constexpr u64 kWindow = kEnd - kStart;

inline constexpr TestTask kAlice{.pid = 101, .domain = 7};
inline constexpr TestTask kAlsoAlice{.pid = 102, .domain = 7};
inline constexpr TestTask kBob{.pid = 201, .domain = 8};
inline constexpr TestTask kRealtimeBob{.pid = 202, .domain = 8, .task_class = CLASS_HIGHER};
inline constexpr TestTask kKthread{.pid = 12, .domain = ROOT_DOMAIN, .task_class = CLASS_KERNEL};

}  // namespace one_window

// Writes the records a probe would write, in the order of the calls.
class Script {
 public:
  // The cpu switches to `next`; who was there before is remembered.
  Script& run(u64 time_ns, u32 cpu, const TestTask& next, bool prev_runnable = false) {
    switch_record record = make(time_ns, cpu, next, RECORD_SWITCH);
    record.prev_pid = on_cpu_[cpu];
    record.prev_runnable = prev_runnable ? 1 : 0;
    on_cpu_[cpu] = next.pid;
    records_.push_back(record);
    return *this;
  }
  Script& wake(u64 time_ns, u32 cpu, const TestTask& task) {
    records_.push_back(make(time_ns, cpu, task, RECORD_WAKE));
    return *this;
  }
  // The task is now as `task` says: another domain, another class.
  Script& change(u64 time_ns, const TestTask& task) {
    records_.push_back(make(time_ns, 0, task, RECORD_CHANGE));
    return *this;
  }
  Script& found_running(u64 time_ns, u32 cpu, const TestTask& task) {
    on_cpu_[cpu] = task.pid;
    records_.push_back(make(time_ns, cpu, task, RECORD_RUNNING));
    return *this;
  }
  Script& found_waiting(u64 time_ns, u32 cpu, const TestTask& task) {
    records_.push_back(make(time_ns, cpu, task, RECORD_WAITING));
    return *this;
  }
  // The kernel schedules by itself from here on, or not any more.
  Script& suspend(u64 time_ns) {
    suspensions_.push_back(time_ns);
    return *this;
  }
  Script& resume(u64 time_ns) {
    resumptions_.push_back(time_ns);
    return *this;
  }
  Script& last_dies() {
    records_.back().prev_dead = 1;
    return *this;
  }
  [[nodiscard]] std::vector<switch_record>& records() { return records_; }

  // The verdict over [window_start_ns of config, end_ns).
  Verdict judge(const JudgeConfig& config, u64 end_ns, u64 lost = 0) const {
    Judge judge(config);
    for (const switch_record& record : records_) judge.add(record);
    for (const u64 time_ns : suspensions_) judge.add_suspension(time_ns);
    for (const u64 time_ns : resumptions_) judge.add_resumption(time_ns);
    return judge.finish(end_ns, lost);
  }

 private:
  static switch_record make(u64 time_ns, u32 cpu, const TestTask& task, switch_record_kind kind) {
    switch_record record{};
    record.time_ns = time_ns;
    record.domain = task.domain;
    record.pid = task.pid;
    record.cpu = cpu;
    record.kind = static_cast<u8>(kind);
    record.task_class = static_cast<u8>(task.task_class);
    const std::string name = "task" + std::to_string(task.pid);
    name.copy(record.comm, SWITCH_RECORD_COMM - 1);
    return record;
  }

  std::vector<switch_record> records_;
  std::vector<u64> suspensions_;
  std::vector<u64> resumptions_;
  std::map<u32, s32> on_cpu_;
};

}  // namespace scx_pair
