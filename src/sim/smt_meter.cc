// SPDX-License-Identifier: GPL-2.0-only
#include "sim/smt_meter.h"

#include <algorithm>

#include "base/check.h"

namespace scx_pair {

SmtMeter::SmtMeter(const MachineShape& shape, u64 window_start_ns)
    : shape_(shape), window_start_ns_(window_start_ns), sites_(sites_of(shape)) {
  for (const std::vector<u32>& cpus : pairs_of(shape)) {
    cores_.push_back({.seats = std::vector<Seat>(cpus.size()), .since_ns = 0});
  }
}

void SmtMeter::account(Core& core, u64 now_ns) {
  const u64 begin_ns = std::max(core.since_ns, window_start_ns_);
  core.since_ns = now_ns;
  if (now_ns <= begin_ns) return;
  const u64 length_ns = now_ns - begin_ns;
  const auto busy = static_cast<size_t>(std::ranges::count_if(
      core.seats, [](const Seat& seat) { return seat.task_class != CLASS_IDLE; }));
  if (busy == 0) return;
  const u64 work_ns = length_ns * speed_permille(shape_, busy) / 1000;
  const auto add = [&](DomainWork& to) {
    to.cpu_ns += length_ns;
    to.work_ns += work_ns;
  };
  for (const Seat& seat : core.seats) {
    if (seat.task_class == CLASS_KERNEL) add(summary_.kernel);
    if (seat.task_class < CLASS_HIGHER) continue;
    add(summary_.users);
    add(summary_.domains[seat.domain]);
  }
}

void SmtMeter::sit(const switch_record& record) {
  Seat& seat = cores_[sites_[record.cpu].core].seats[sites_[record.cpu].thread];
  running_.erase(seat.pid);
  seat = {.task_class = static_cast<switch_record_class>(record.task_class),
          .pid = record.pid,
          .domain = record.domain};
  if (record.pid != 0) running_[record.pid] = record.cpu;
}

void SmtMeter::add(const switch_record& record) {
  check(record.time_ns >= now_ns_, "a record that comes before an earlier one");
  now_ns_ = record.time_ns;
  if (record.kind == RECORD_SWITCH || record.kind == RECORD_RUNNING) {
    account(cores_[sites_[record.cpu].core], now_ns_);
    sit(record);
  }
  if (record.kind != RECORD_CHANGE) return;
  const auto cpu = running_.find(record.pid);
  if (cpu == running_.end()) return;
  const CpuSite& site = sites_[cpu->second];
  account(cores_[site.core], now_ns_);
  Seat& seat = cores_[site.core].seats[site.thread];
  seat.domain = record.domain;
  seat.task_class = static_cast<switch_record_class>(record.task_class);
}

WorkSummary SmtMeter::finish(u64 end_ns) {
  for (Core& core : cores_) account(core, end_ns);
  summary_.window_ns = end_ns - std::min(end_ns, window_start_ns_);
  return std::move(summary_);
}

}  // namespace scx_pair
