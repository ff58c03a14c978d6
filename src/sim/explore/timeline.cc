// SPDX-License-Identifier: GPL-2.0-only
#include "sim/explore/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/hostile_text.h"

namespace scx_pair {
namespace {

constexpr size_t kColumn = 30;

const char* text_of(EventKind kind) {
  static constexpr std::array kNames = {"run step ends",
                                        "tick",
                                        "sends its kicks",
                                        "interrupt: reschedule",
                                        "timer: wakes",
                                        "starts",
                                        "BPF timer",
                                        "deadline: replenished",
                                        "deadline: used up",
                                        "watchdog",
                                        "from outside",
                                        "from outside, undone",
                                        "loading"};
  return kNames.at(static_cast<size_t>(kind));
}

const char* text_of(Callback callback) {
  static constexpr std::array kNames = {"select_cpu",
                                        "enqueue",
                                        "dequeue",
                                        "dispatch",
                                        "tick",
                                        "yield",
                                        "runnable",
                                        "running",
                                        "stopping",
                                        "quiescent",
                                        "set_weight",
                                        "set_cpumask",
                                        "update_idle",
                                        "cpu_acquire",
                                        "cpu_release",
                                        "enable",
                                        "disable",
                                        "cgroup_init",
                                        "cgroup_exit",
                                        "cgroup_move",
                                        "cgroup_set_weight",
                                        "cgroup_set_bandwidth",
                                        "cgroup_set_idle",
                                        "cpu_online",
                                        "cpu_offline",
                                        "init",
                                        "exit",
                                        "sched_switch",
                                        "wakeup",
                                        "wakeup_new",
                                        "settle",
                                        "timer"};
  static_assert(kNames.size() == static_cast<size_t>(Callback::kTimer) + 1);
  return kNames.at(static_cast<size_t>(callback));
}

std::string task_text(const char* comm, s32 pid) {
  return fmt::format("{}[{}]", printable(comm), pid);
}

}  // namespace

Timeline::Timeline(const Scenario& scenario) : cpus_(cpu_count(scenario.shape)) {
  // The kernel gives ids in the order of the scenario's cgroups, from 1 on.
  domains_.emplace_back("nobody");
  for (const CgroupSpec& cgroup : scenario.cgroups) domains_.push_back(cgroup.path);
}

std::string Timeline::domain_name(u64 domain) const {
  return domain < domains_.size() ? domains_[domain] : fmt::format("domain {}", domain);
}

void Timeline::add(u32 cpu, std::string what) {
  rows_.push_back({now_ns_, cpu, std::move(what)});
}

void Timeline::on_begin(u32 cpu, const Event& event) {
  now_ns_ = std::max(now_ns_, event.time_ns);
  std::string what = fmt::format("> {}", text_of(event.kind));
  if (event.task != nullptr && event.kind != EventKind::kStep) {
    what += " " + task_text(event.task->kernel.comm, event.task->pid());
  }
  add(cpu, std::move(what));
}

void Timeline::on_end(u32 cpu) {
  add(cpu, "<");
}

void Timeline::on_change(u32 from, u32 to) {
  static_cast<void>(from);
  add(to, "... goes on");
}

void Timeline::on_wait(u32 cpu) {
  add(cpu, "waits for a lock");
}

void Timeline::on_record(const switch_record& record) {
  now_ns_ = std::max(now_ns_, record.time_ns);
  const std::string task = task_text(record.comm, record.pid);
  switch (record.kind) {
    case RECORD_SWITCH:
      add(record.cpu, record.pid == 0
                          ? "SWITCH to idle"
                          : fmt::format("SWITCH to {} {}", task, domain_name(record.domain)));
      break;
    case RECORD_WAKE:
      add(record.cpu, fmt::format("{} is awake", task));
      break;
    default:
      add(record.cpu, fmt::format("{} is now of {}", task, domain_name(record.domain)));
      break;
  }
}

void Timeline::on_kick(u64 time_ns, u32 from, u32 to, bool preempt) {
  now_ns_ = std::max(now_ns_, time_ns);
  add(from, fmt::format("  kicks cpu {}{}", to, preempt ? ", preempts" : ""));
}

void Timeline::on_callback(Callback callback, u32 cpu, bool begins) {
  if (begins) add(cpu, fmt::format(" {}()", text_of(callback)));
}

std::string Timeline::text(size_t rows_max) const {
  std::string text = fmt::format("{:>10} ", "us");
  for (u32 cpu = 0; cpu < cpus_; cpu++) {
    text += fmt::format("| {:<{}}", fmt::format("cpu {}", cpu), kColumn);
  }
  text += "\n";
  const size_t left_out = rows_max == 0 || rows_.size() <= rows_max ? 0 : rows_.size() - rows_max;
  if (left_out != 0) text += fmt::format("{:>10} | {} rows before these\n", "...", left_out);
  for (size_t i = left_out; i < rows_.size(); i++) {
    const Row& row = rows_[i];
    const bool loading = row.time_ns < kBootNs;
    text += fmt::format("{:>10.1f} ",
                        loading ? 0.0 : static_cast<double>(row.time_ns - kBootNs) / 1000);
    for (u32 cpu = 0; cpu < row.cpu; cpu++) text += fmt::format("| {:<{}}", "", kColumn);
    text += fmt::format("| {}\n", row.what);
  }
  return text;
}

}  // namespace scx_pair
