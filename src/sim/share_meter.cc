// SPDX-License-Identifier: GPL-2.0-only
#include "sim/share_meter.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace scx_pair {
namespace {

bool is_user(u8 task_class) {
  return task_class >= CLASS_HIGHER;
}

void add_to(std::vector<u64>& columns, size_t column, u64 length_ns) {
  if (columns.size() <= column) columns.resize(column + 1);
  columns[column] += length_ns;
}

}  // namespace

ShareMeter::ShareMeter(const MachineShape& shape, u64 window_start_ns, u64 column_ns)
    : window_start_ns_(window_start_ns),
      sites_(sites_of(shape)),
      tasks_({.window_start_ns = window_start_ns, .tasks_max = 0},
             [this](const TaskBook::Wait& wait) { observe(wait); }) {
  check(column_ns > 0, "a column has a length");
  history_.column_ns = column_ns;
  history_.cpus = sites_.size();
  for (const std::vector<u32>& cpus : pairs_of(shape)) {
    cores_.push_back({.seats = std::vector<Seat>(cpus.size())});
  }
}

bool ShareMeter::is_forced_idle(const Core& core) {
  if (core.waiters.empty()) return false;
  bool has_user = false;
  for (const Seat& seat : core.seats) {
    if (!is_user(seat.task_class)) continue;
    has_user = true;
    if (core.waiters.contains(seat.domain)) return false;
  }
  return has_user;
}

void ShareMeter::account(const Core& core, size_t column, u64 length_ns) {
  const bool forced = is_forced_idle(core);
  for (const Seat& seat : core.seats) {
    if (is_user(seat.task_class)) {
      add_to(history_.domains[seat.domain].cpu_ns, column, length_ns);
    } else if (seat.task_class == CLASS_KERNEL) {
      add_to(history_.kernel_ns, column, length_ns);
    } else {
      add_to(forced ? history_.forced_idle_ns : history_.idle_ns, column, length_ns);
    }
  }
}

void ShareMeter::account(Core& core, u64 now_ns) {
  u64 begin_ns = std::max(core.since_ns, window_start_ns_);
  core.since_ns = now_ns;
  while (begin_ns < now_ns) {
    const u64 column = (begin_ns - window_start_ns_) / history_.column_ns;
    const u64 end_ns = std::min(now_ns, window_start_ns_ + (column + 1) * history_.column_ns);
    account(core, column, end_ns - begin_ns);
    begin_ns = end_ns;
  }
}

void ShareMeter::wish(u64 now_ns, u64 domain, bool begins) {
  Wish& wish = wishes_[domain];
  const u64 since_ns = std::max(wish.since_ns, window_start_ns_);
  if (wish.tasks > 0 && now_ns > since_ns) {
    history_.domains[domain].wanted_ns += now_ns - since_ns;
  }
  wish.since_ns = now_ns;
  check(begins || wish.tasks > 0, "a task that no longer wants a cpu has wanted one");
  wish.tasks = begins ? wish.tasks + 1 : wish.tasks - 1;
}

void ShareMeter::observe(const TaskBook::Wait& wait) {
  wish(wait.now_ns, wait.domain, wait.begins);
  Core& core = cores_[sites_[wait.cpu].core];
  account(core, wait.now_ns);
  if (wait.begins) {
    ++core.waiters[wait.domain];
  } else if (--core.waiters[wait.domain] == 0) {
    core.waiters.erase(wait.domain);
  }
}

void ShareMeter::switch_to(const switch_record& record) {
  Core& core = cores_[sites_[record.cpu].core];
  Seat& seat = core.seats[sites_[record.cpu].thread];
  account(core, record.time_ns);
  if (is_user(seat.task_class)) {
    wish(record.time_ns, seat.domain, false);
    running_.erase(seat.pid);
    if (record.prev_dead != 0) {
      tasks_.forget(record.time_ns, seat.pid);
    } else {
      tasks_.stop(record.time_ns, record.cpu, seat.pid, record.prev_runnable != 0);
    }
  }
  seat = {.task_class = static_cast<switch_record_class>(record.task_class),
          .pid = record.pid,
          .domain = record.domain};
  if (!is_user(seat.task_class)) return;
  tasks_.start(record.time_ns, record.cpu,
               {.pid = seat.pid, .task_class = seat.task_class, .domain = seat.domain});
  wish(record.time_ns, seat.domain, true);
  running_[seat.pid] = record.cpu;
}

void ShareMeter::change(const switch_record& record) {
  tasks_.change(record);
  const auto cpu = running_.find(record.pid);
  if (cpu == running_.end()) return;
  Core& core = cores_[sites_[cpu->second].core];
  account(core, record.time_ns);
  Seat& seat = core.seats[sites_[cpu->second].thread];
  wish(record.time_ns, seat.domain, false);
  wish(record.time_ns, record.domain, true);
  seat.domain = record.domain;
  seat.task_class = static_cast<switch_record_class>(record.task_class);
}

void ShareMeter::add(const switch_record& record) {
  check(record.time_ns >= now_ns_, "a record that comes before an earlier one");
  now_ns_ = record.time_ns;
  switch (record.kind) {
    case RECORD_SWITCH:
    case RECORD_RUNNING:
      return switch_to(record);
    case RECORD_CHANGE:
      return change(record);
    default:
      if (is_user(record.task_class)) tasks_.wake(record);
  }
}

ShareHistory ShareMeter::finish(u64 end_ns) {
  for (Core& core : cores_) account(core, end_ns);
  for (const auto& [domain, wish] : wishes_) {
    const u64 since_ns = std::max(wish.since_ns, window_start_ns_);
    if (wish.tasks > 0 && end_ns > since_ns) {
      history_.domains[domain].wanted_ns += end_ns - since_ns;
    }
  }
  history_.window_ns = end_ns - std::min(end_ns, window_start_ns_);
  const u64 columns = (history_.window_ns + history_.column_ns - 1) / history_.column_ns;
  for (auto& [domain, shares] : history_.domains) shares.cpu_ns.resize(columns);
  history_.kernel_ns.resize(columns);
  history_.forced_idle_ns.resize(columns);
  history_.idle_ns.resize(columns);
  return std::move(history_);
}

}  // namespace scx_pair
