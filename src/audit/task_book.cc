// SPDX-License-Identifier: GPL-2.0-only
#include "audit/task_book.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

namespace scx_pair {
namespace {

std::string comm_text(const char* comm) {
  return std::string(comm, strnlen(comm, SWITCH_RECORD_COMM));
}

void keep_longest_waits(std::vector<TaskVerdict>& tasks, s32 tasks_max) {
  std::ranges::sort(tasks, [](const TaskVerdict& a, const TaskVerdict& b) {
    if (a.longest_wait_ns != b.longest_wait_ns) return a.longest_wait_ns > b.longest_wait_ns;
    return std::tie(a.pid, a.domain, a.cpu_ns) < std::tie(b.pid, b.domain, b.cpu_ns);
  });
  if (tasks_max >= 0 && tasks.size() > static_cast<size_t>(tasks_max)) {
    tasks.resize(static_cast<size_t>(tasks_max));
  }
}

}  // namespace

TaskBook::TaskBook(const Config& config, WaitObserver observer)
    : config_(config), observer_(std::move(observer)) {}

u64 TaskBook::in_window(u64 begin_ns, u64 end_ns) const {
  const u64 begin = std::max(begin_ns, config_.window_start_ns);
  return end_ns > begin ? end_ns - begin : 0;
}

TaskBook::Domain& TaskBook::domain(u64 id) {
  if (domains_.size() >= kDomainsMax && !domains_.contains(id)) return domains_[0];
  return domains_[id];
}

void TaskBook::observe(const Task& task, u64 now_ns, bool begins) {
  if (task.task_class != CLASS_ORDINARY) return;
  observer_({.now_ns = now_ns, .cpu = task.cpu, .domain = task.domain, .begins = begins});
}

void TaskBook::set_state(Task& task, State state, u64 now_ns, u32 cpu) {
  if (is_waiting(task)) observe(task, now_ns, false);
  task.state = state;
  task.since_ns = now_ns;
  task.cpu = cpu;
  if (is_waiting(task)) observe(task, now_ns, true);
}

// `over` is false for a wait that the end of the window cuts off.
void TaskBook::end_wait(Task& task, u64 now_ns, bool over) {
  task.longest_wait_ns = std::max(task.longest_wait_ns, in_window(task.since_ns, now_ns));
  if (now_ns <= config_.window_start_ns) return;
  Domain& books = domain(task.domain);
  LatencyHistogram& histogram = task.state == State::kWoken ? books.wake : books.wait;
  if (!over) {
    histogram.add_unfinished(in_window(task.since_ns, now_ns));
  } else if (task.since_ns >= config_.window_start_ns) {
    histogram.add(now_ns - task.since_ns);
  }
}

void TaskBook::wake(const switch_record& record) {
  Task& task = tasks_[record.pid];
  // A task that is about to sleep can be woken while it still runs, and one that was preempted on
  // the way to sleep while it is still queued. Neither begins a new wait.
  if (task.state != State::kSleeping) return;
  task.task_class = static_cast<switch_record_class>(record.task_class);
  task.domain = record.domain;
  task.comm = comm_text(record.comm);
  set_state(task, record.kind == RECORD_WAKE ? State::kWoken : State::kPreempted, record.time_ns,
            record.cpu);
}

void TaskBook::start(u64 now_ns, u32 cpu, const Occupant& occupant) {
  Task& task = tasks_[occupant.pid];
  if (is_waiting(task)) {
    // The wait is booked where the task now belongs, but leaves the queue it was known to be on.
    observe(task, now_ns, false);
    task.domain = occupant.domain;
    end_wait(task, now_ns, true);
    task.state = State::kRunning;
  }
  task.task_class = occupant.task_class;
  task.domain = occupant.domain;
  task.comm = comm_text(occupant.comm.data());
  set_state(task, State::kRunning, now_ns, cpu);
}

void TaskBook::stop(u64 now_ns, u32 cpu, s32 pid, bool runnable) {
  const auto found = tasks_.find(pid);
  if (found == tasks_.end() || found->second.state != State::kRunning) return;
  Task& task = found->second;
  // Another cpu has gone on with it at the same moment, and its record came first.
  if (task.cpu != cpu) return;
  set_state(task, runnable ? State::kPreempted : State::kSleeping, now_ns, task.cpu);
}

void TaskBook::forget(u64 now_ns, s32 pid) {
  const auto found = tasks_.find(pid);
  if (found == tasks_.end()) return;
  set_state(found->second, State::kSleeping, now_ns, found->second.cpu);
  bury(pid, found->second);
  tasks_.erase(found);
}

void TaskBook::bury(s32 pid, const Task& task) {
  if (config_.tasks_max == 0 || (task.cpu_ns == 0 && task.longest_wait_ns == 0)) return;
  dead_.push_back({.pid = pid,
                   .comm = task.comm,
                   .domain = task.domain,
                   .cpu_ns = task.cpu_ns,
                   .longest_wait_ns = task.longest_wait_ns});
  const size_t enough = 2 * static_cast<size_t>(std::max(config_.tasks_max, 1)) + 1024;
  if (config_.tasks_max > 0 && dead_.size() > enough) {
    keep_longest_waits(dead_, config_.tasks_max);
  }
}

void TaskBook::change(const switch_record& record) {
  const auto found = tasks_.find(record.pid);
  if (found == tasks_.end()) return;
  Task& task = found->second;
  if (is_waiting(task)) observe(task, record.time_ns, false);
  task.domain = record.domain;
  task.task_class = static_cast<switch_record_class>(record.task_class);
  if (is_waiting(task)) observe(task, record.time_ns, true);
}

void TaskBook::charge(const Occupant& task, u64 begin_ns, u64 end_ns) {
  const u64 cpu_ns = in_window(begin_ns, end_ns);
  if (cpu_ns == 0) return;
  domain(task.domain).cpu_ns += cpu_ns;
  const auto found = tasks_.find(task.pid);
  if (found != tasks_.end()) found->second.cpu_ns += cpu_ns;
}

void TaskBook::finish(u64 end_ns, Verdict& verdict) {
  for (auto& [pid, task] : tasks_) {
    if (is_waiting(task)) end_wait(task, end_ns, false);
    bury(pid, task);
  }
  keep_longest_waits(dead_, config_.tasks_max);
  verdict.tasks = std::move(dead_);
  for (const auto& [id, books] : domains_) {
    verdict.domains.push_back({.id = id,
                               .cpu_ns = books.cpu_ns,
                               .turns = books.turns,
                               .wake = books.wake.summary(),
                               .wait = books.wait.summary()});
  }
}

}  // namespace scx_pair
