// SPDX-License-Identifier: GPL-2.0-only
#include "sim/placement_meter.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"

namespace scx_pair {
namespace {

constexpr u32 kWordBits = std::numeric_limits<unsigned long>::digits;

bool intersect(const PlacementMeter::CpuWords& a, const PlacementMeter::CpuWords& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); i++) {
    if ((a[i] & b[i]) != 0) return true;
  }
  return false;
}

}  // namespace

PlacementMeter::PlacementMeter(const Config& config)
    : config_(config), sites_(sites_of(config.shape)) {
  for (const std::vector<u32>& cpus : pairs_of(config.shape)) {
    Core& core = cores_.emplace_back();
    for (const u32 cpu : cpus) core.seats.push_back({.cpu = cpu});
  }
  restricted_.resize(sites_.size());
  idle_core_cpus_.assign((sites_.size() + kWordBits - 1) / kWordBits, ~0UL);
  idle_cores_ = static_cast<u32>(cores_.size());
  summary_.tolerance_ns = config.tolerance_ns;
}

PlacementMeter::Task& PlacementMeter::task_of(s32 pid) {
  const auto place = static_cast<size_t>(pid);
  if (place >= tasks_.size()) tasks_.resize(place + 1);
  return tasks_[place];
}

PlacementMeter::Domain& PlacementMeter::domain_of(u64 id) {
  Domain& domain = domains_[id];
  domain.id = id;
  return domain;
}

// A task begins, or ends, to wait. Only the first and the last of a kind change what a seat is.
void PlacementMeter::wait(const Task& task, bool begins) {
  if (task.task_class != CLASS_ORDINARY) return;
  if (task.cpus != nullptr) {
    for (size_t word = 0; word < task.cpus->size(); word++) {
      for (unsigned long bits = (*task.cpus)[word]; bits != 0; bits &= bits - 1) {
        const auto bit = static_cast<u32>(std::countr_zero(bits));
        wait_on(static_cast<u32>(word) * kWordBits + bit, *task.domain, begins);
      }
    }
    return;
  }
  Domain& domain = *task.domain;
  domain.waiting += begins ? 1 : ~u64{0};
  if (domain.waiting != (begins ? 1 : 0)) return;
  touched_.insert(touched_.end(), domain.cores.begin(), domain.cores.end());
  if (!domain.held_back) count_waiting(begins);
}

// A domain that is not held back begins, or ends, to wait for any cpu.
void PlacementMeter::count_waiting(bool begins) {
  waiting_domains_ += begins ? 1 : ~u64{0};
  if (waiting_domains_ == (begins ? 1 : 0)) seats_touched_ = true;
}

void PlacementMeter::wait_on(u32 cpu, Domain& domain, bool begins) {
  Crowd& crowd = restricted_[cpu];
  u64& number = crowd[&domain];
  number += begins ? 1 : ~u64{0};
  if (number == (begins ? 1 : 0)) touched_.push_back(sites_[cpu].core);
  if (number == 0) crowd.erase(&domain);
}

void PlacementMeter::set_held_back(u64 domain, bool held_back) {
  Domain& here = domain_of(domain);
  if (here.held_back == held_back) return;
  here.held_back = held_back;
  if (here.waiting > 0) count_waiting(!held_back);
  seats_touched_ = true;
}

bool PlacementMeter::excludes(const Task& task) const {
  return task.task_class != CLASS_KERNEL || !config_.kthreads_trusted;
}

void PlacementMeter::exclude(const Task& task, bool begins) {
  const u32 core = sites_[task.last_cpu].core;
  touched_.push_back(core);
  if (!excludes(task)) return;
  std::vector<u32>& cores = task.domain->cores;
  if (begins) {
    cores.push_back(core);
  } else {
    cores.erase(std::ranges::find(cores, core));
  }
}

void PlacementMeter::set_state(Task& task, TaskState state) {
  if (task.state == TaskState::kWaiting) wait(task, false);
  if (task.state == TaskState::kRunning) exclude(task, false);
  task.state = state;
  if (task.state == TaskState::kWaiting) wait(task, true);
  if (task.state == TaskState::kRunning) exclude(task, true);
}

// Requires: it sleeps, which is a state in which nothing depends on who it is.
void PlacementMeter::set_identity(Task& task, const switch_record& record) {
  task.task_class = static_cast<switch_record_class>(record.task_class);
  if (task.domain == nullptr || task.domain->id != record.domain) {
    task.domain = &domain_of(record.domain);
  }
}

void PlacementMeter::allow(s32 pid, const CpuWords* cpus) {
  Task& task = task_of(pid);
  if (task.cpus == cpus) return;
  const TaskState state = task.state;
  set_state(task, TaskState::kSleeping);
  task.cpus = cpus;
  set_state(task, state);
}

void PlacementMeter::set_online(u32 cpu, bool online) {
  Seat& seat = cores_[sites_[cpu].core].seats[sites_[cpu].thread];
  if (seat.online == online) return;
  seat.online = online;
  touched_.push_back(sites_[cpu].core);
}

void PlacementMeter::count_start(const Task& task, u32 cpu) {
  if (!task.has_run || task.task_class != CLASS_ORDINARY || now_ns_ < config_.window_start_ns) {
    return;
  }
  const CpuSite& from = sites_[task.last_cpu];
  const CpuSite& to = sites_[cpu];
  summary_.starts++;
  summary_.other_core += from.core != to.core ? 1 : 0;
  summary_.other_llc += from.llc != to.llc ? 1 : 0;
  summary_.other_socket += from.socket != to.socket ? 1 : 0;
}

void PlacementMeter::sit(const switch_record& record) {
  if (record.prev_pid != 0) {
    Task& prev = task_of(record.prev_pid);
    if (prev.state == TaskState::kRunning) {
      set_state(prev, record.prev_runnable != 0 ? TaskState::kWaiting : TaskState::kSleeping);
    }
    if (record.prev_dead != 0) prev.has_run = false;
  }
  const CpuSite& site = sites_[record.cpu];
  Seat& seat = cores_[site.core].seats[site.thread];
  seat.task = nullptr;
  touched_.push_back(site.core);
  if (record.pid == 0) return;
  Task& task = task_of(record.pid);
  set_state(task, TaskState::kSleeping);
  set_identity(task, record);
  count_start(task, record.cpu);
  task.has_run = true;
  task.last_cpu = record.cpu;
  set_state(task, TaskState::kRunning);
  seat.task = &task;
}

void PlacementMeter::advance(u64 now_ns) {
  check(now_ns >= now_ns_, "time goes forward");
  if (now_ns > now_ns_) settle();
  now_ns_ = now_ns;
}

void PlacementMeter::add(const switch_record& record) {
  advance(record.time_ns);
  if (record.kind == RECORD_SWITCH || record.kind == RECORD_RUNNING) {
    sit(record);
    return;
  }
  Task& task = task_of(record.pid);
  // A task can be woken while it still runs, on its way to sleep.
  TaskState state = task.state;
  if (record.kind != RECORD_CHANGE && state == TaskState::kSleeping) state = TaskState::kWaiting;
  set_state(task, TaskState::kSleeping);
  set_identity(task, record);
  set_state(task, state);
}

// What the seats and cores have been since the last time is known; what they are from now on is
// found out when time goes on, so that what happens at one instant is one thing.
void PlacementMeter::settle() {
  for (const u32 core : touched_) settle_core(cores_[core]);
  if (seats_touched_) {
    for (Core& core : cores_) settle_seats(core);
  }
  if (room_touched_) {
    for (Core& core : cores_) settle_use(core);
  }
  if (!seats_touched_ || !room_touched_) {
    for (const u32 core : touched_) {
      settle_seats(cores_[core]);
      settle_use(cores_[core]);
    }
  }
  touched_.clear();
  seats_touched_ = room_touched_ = false;
}

// Who is on the core, and whether it is idle.
void PlacementMeter::settle_core(Core& core) {
  bool online = false;
  bool idle = true;
  core.ordinary = 0;
  core.unbound = core.may_leave = false;
  for (const Seat& seat : core.seats) {
    online = online || seat.online;
    idle = idle && (!seat.online || seat.task == nullptr);
    if (seat.task == nullptr || seat.task->task_class != CLASS_ORDINARY) continue;
    core.ordinary++;
    core.unbound = core.unbound || seat.task->cpus == nullptr;
    core.may_leave = core.may_leave || reaches_another_core(core, *seat.task);
  }
  for (const Seat& seat : core.seats) {
    const unsigned long bit = 1UL << (seat.cpu % kWordBits);
    unsigned long& word = idle_core_cpus_[seat.cpu / kWordBits];
    word = idle && seat.online ? word | bit : word & ~bit;
  }
  if (core.idle == (idle && online)) return;
  core.idle = idle && online;
  idle_cores_ += core.idle ? 1U : ~0U;
  room_touched_ = true;
}

bool PlacementMeter::reaches_another_core(const Core& core, const Task& task) const {
  if (task.cpus == nullptr) return false;
  CpuWords others = *task.cpus;
  for (const Seat& seat : core.seats) {
    others[seat.cpu / kWordBits] &= ~(1UL << (seat.cpu % kWordBits));
  }
  return std::ranges::any_of(others, [](unsigned long word) { return word != 0; });
}

void PlacementMeter::settle_seats(Core& core) {
  for (Seat& seat : core.seats) {
    const SeatUse use = use_of(core, seat);
    if (use == seat.use) continue;
    end_use(seat);
    seat.use = use;
    seat.since_ns = now_ns_;
  }
}

void PlacementMeter::settle_use(Core& core) {
  const CoreUse use = use_of(core);
  if (use == core.use) return;
  end_use(core);
  core.use = use;
  core.since_ns = now_ns_;
}

PlacementMeter::SeatUse PlacementMeter::use_of(const Core& core, const Seat& seat) const {
  if (!seat.online) return SeatUse::kOffline;
  if (seat.task != nullptr) return SeatUse::kBusy;
  const Crowd& restricted = restricted_[seat.cpu];
  const auto may_start = [](const auto& entry) { return !entry.first->held_back; };
  if (waiting_domains_ == 0 && std::ranges::none_of(restricted, may_start)) return SeatUse::kIdle;
  bool excluding = false;
  for (const Seat& sibling : core.seats) {
    if (sibling.task == nullptr || !excludes(*sibling.task)) continue;
    excluding = true;
    Domain* const domain = sibling.task->domain;
    if (domain->held_back) continue;
    if (domain->waiting > 0 || restricted.contains(domain)) return SeatUse::kNeglected;
  }
  return excluding ? SeatUse::kForced : SeatUse::kNeglected;
}

PlacementMeter::CoreUse PlacementMeter::use_of(const Core& core) const {
  if (core.ordinary == 0 || idle_cores_ == 0) return CoreUse::kPlain;
  const auto has_room = [this](const Seat& seat) {
    return seat.task != nullptr && seat.task->task_class == CLASS_ORDINARY &&
           seat.task->cpus != nullptr && intersect(*seat.task->cpus, idle_core_cpus_);
  };
  const bool room = core.unbound || (core.may_leave && std::ranges::any_of(core.seats, has_room));
  if (!room) return CoreUse::kPlain;
  return core.ordinary > 1 ? CoreUse::kCrowded : CoreUse::kSpread;
}

u64 PlacementMeter::in_window(u64 since_ns) const {
  const u64 begin_ns = std::max(since_ns, config_.window_start_ns);
  return now_ns_ > begin_ns ? now_ns_ - begin_ns : 0;
}

void PlacementMeter::end_use(const Seat& seat) {
  if (seat.use == SeatUse::kOffline) return;
  const u64 length_ns = in_window(seat.since_ns);
  summary_.seat_ns += length_ns;
  if (seat.use == SeatUse::kForced) summary_.forced_idle_ns += length_ns;
  if (seat.use != SeatUse::kNeglected) return;
  summary_.neglected_ns += length_ns;
  // What was in flight before the window is excused in it for as long as it would have been.
  summary_.late_ns += in_window(seat.since_ns + config_.tolerance_ns);
}

void PlacementMeter::end_use(const Core& core) {
  if (core.use == CoreUse::kPlain) return;
  const u64 length_ns = in_window(core.since_ns);
  summary_.spacious_ns += length_ns;
  if (core.use == CoreUse::kCrowded) summary_.crowded_ns += length_ns;
}

PlacementSummary PlacementMeter::finish(u64 end_ns) {
  advance(end_ns);
  settle();
  for (const Core& core : cores_) {
    for (const Seat& seat : core.seats) end_use(seat);
    end_use(core);
  }
  return summary_;
}

}  // namespace scx_pair
