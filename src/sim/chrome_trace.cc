// SPDX-License-Identifier: GPL-2.0-only
#include "sim/chrome_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/hostile_text.h"

namespace scx_pair {
namespace {

// The track of a core's violations: an id that no cpu has.
constexpr u32 kViolations = 1'000'000;

std::string quoted(const std::string& text) {
  return json_text(nlohmann::json(text));
}

// Microseconds, as the format wants them, to the nanosecond.
std::string time_text(u64 ns) {
  return fmt::format("{}.{:03}", ns / 1000, ns % 1000);
}

std::string comm_of(const switch_record& record) {
  return {record.comm, strnlen(record.comm, sizeof(record.comm))};
}

}  // namespace

ChromeTrace::ChromeTrace(Config config, std::ostream& out)
    : config_(std::move(config)), out_(out), sites_(sites_of(config_.shape)) {
  for (const std::vector<u32>& cpus : pairs_of(config_.shape)) {
    Core& core = cores_.emplace_back();
    for (const u32 cpu : cpus) core.seats.push_back({.cpu = cpu, .since_ns = config_.origin_ns});
  }
  write_head();
}

void ChromeTrace::write_event(const std::string& body) {
  out_ << (std::exchange(first_, false) ? "\n{" : ",\n{") << body << '}';
}

void ChromeTrace::write_track_name(u32 core, u32 track, const std::string& name) {
  write_event(fmt::format(R"("ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":{}}})",
                          core, track, quoted(name)));
}

void ChromeTrace::write_head() {
  out_ << R"({"displayTimeUnit":"ns","traceEvents":[)";
  for (u32 core = 0; core < cores_.size(); core++) {
    const CpuSite& site = sites_[cores_[core].seats.front().cpu];
    const std::string name =
        fmt::format("core {} (socket {}, llc {})", core, site.socket, site.llc);
    write_event(fmt::format(R"("ph":"M","name":"process_name","pid":{},"args":{{"name":{}}})", core,
                            quoted(name)));
    write_event(fmt::format(
        R"("ph":"M","name":"process_sort_index","pid":{},"args":{{"sort_index":{}}})", core, core));
    for (const Seat& seat : cores_[core].seats) {
      write_track_name(core, seat.cpu, fmt::format("cpu {}", seat.cpu));
    }
  }
}

const std::string& ChromeTrace::name_of(u64 domain) {
  const auto [entry, is_new] = names_.try_emplace(domain);
  if (is_new) entry->second = quoted(config_.path_of(domain));
  return entry->second;
}

void ChromeTrace::write_slice(u32 core, const Seat& seat, u64 end_ns) {
  if (seat.state == State::kIdle || end_ns == seat.since_ns) return;
  const std::string where = fmt::format(R"("ph":"X","ts":{},"dur":{},"pid":{},"tid":{})",
                                        time_text(from_origin(seat.since_ns)),
                                        time_text(end_ns - seat.since_ns), core, seat.cpu);
  if (seat.state == State::kForcedIdle) {
    write_event(R"("name":"forced idle","cat":"idle",)" + where);
    return;
  }
  static constexpr const char* kClasses[] = {"idle", "kernel", "higher", "ordinary"};
  const bool kernel = seat.task_class == CLASS_KERNEL;
  write_event(fmt::format(R"("name":{},"cat":"{}",{},"args":{{"task":{},"pid":{}}})",
                          kernel ? "\"kernel\"" : name_of(seat.domain), kClasses[seat.task_class],
                          where, quoted(seat.comm), seat.pid));
}

void ChromeTrace::write_violation(u32 core, u64 end_ns) {
  const u64 since_ns = cores_[core].violated_since_ns;
  if (end_ns == since_ns) return;
  write_track_name(core, kViolations + core, "VIOLATION");
  write_event(fmt::format(R"("name":"VIOLATION","cat":"violation","ph":"X","ts":{},"dur":{},)"
                          R"("pid":{},"tid":{})",
                          time_text(from_origin(since_ns)), time_text(end_ns - since_ns), core,
                          kViolations + core));
}

// As the judge has it: somebody waits here, and nobody who waits is of a domain that runs here.
bool ChromeTrace::is_forced_idle(const Core& core) {
  if (core.waiters.empty()) return false;
  bool has_user = false;
  for (const Seat& seat : core.seats) {
    if (seat.task_class < CLASS_HIGHER) continue;
    has_user = true;
    if (core.waiters.contains(seat.domain)) return false;
  }
  return has_user;
}

bool ChromeTrace::is_violated(const Core& core) {
  const Seat* ordinary = nullptr;
  for (const Seat& seat : core.seats) {
    if (seat.task_class != CLASS_ORDINARY) continue;
    if (ordinary != nullptr && ordinary->domain != seat.domain) return true;
    ordinary = &seat;
  }
  return false;
}

void ChromeTrace::settle(u32 core_index, u64 now_ns) {
  Core& core = cores_[core_index];
  const State resting = is_forced_idle(core) ? State::kForcedIdle : State::kIdle;
  for (Seat& seat : core.seats) {
    const State state = seat.task_class == CLASS_IDLE ? resting : State::kTask;
    if (state == seat.state) continue;
    write_slice(core_index, seat, now_ns);
    seat.state = state;
    seat.since_ns = now_ns;
  }
  const bool violated = is_violated(core);
  if (violated == core.violated) return;
  if (core.violated) write_violation(core_index, now_ns);
  core.violated = violated;
  core.violated_since_ns = now_ns;
}

void ChromeTrace::stop_waiting(s32 pid) {
  const auto waiter = waiting_.find(pid);
  if (waiter == waiting_.end()) return;
  auto& waiters = cores_[waiter->second.core].waiters;
  const auto count = waiters.find(waiter->second.domain);
  if (--count->second == 0) waiters.erase(count);
  waiting_.erase(waiter);
}

void ChromeTrace::wait(const switch_record& record, u32 core) {
  stop_waiting(record.pid);
  if (record.task_class != CLASS_ORDINARY) return;
  waiting_[record.pid] = {.core = core, .domain = record.domain};
  cores_[core].waiters[record.domain]++;
}

void ChromeTrace::switch_to(const switch_record& record) {
  const CpuSite& site = sites_[record.cpu];
  Seat& seat = cores_[site.core].seats[site.thread];
  write_slice(site.core, seat, record.time_ns);
  if (record.kind == RECORD_SWITCH && record.prev_runnable != 0 &&
      seat.task_class == CLASS_ORDINARY) {
    switch_record left = record;
    left.pid = seat.pid;
    left.domain = seat.domain;
    left.task_class = seat.task_class;
    wait(left, site.core);
  }
  running_.erase(seat.pid);
  const auto waiter = waiting_.find(record.pid);
  const u32 from_core = waiter == waiting_.end() ? site.core : waiter->second.core;
  stop_waiting(record.pid);
  seat.task_class = static_cast<switch_record_class>(record.task_class);
  seat.pid = record.pid;
  seat.domain = record.domain;
  seat.comm = comm_of(record);
  seat.state = seat.task_class == CLASS_IDLE ? State::kIdle : State::kTask;
  seat.since_ns = record.time_ns;
  if (record.pid != 0) running_[record.pid] = record.cpu;
  settle(site.core, record.time_ns);
  if (from_core != site.core) settle(from_core, record.time_ns);
}

void ChromeTrace::change(const switch_record& record) {
  const auto waiter = waiting_.find(record.pid);
  if (waiter != waiting_.end()) {
    const u32 core = waiter->second.core;
    wait(record, core);
    settle(core, record.time_ns);
  }
  const auto cpu = running_.find(record.pid);
  if (cpu == running_.end()) return;
  const CpuSite& site = sites_[cpu->second];
  Seat& seat = cores_[site.core].seats[site.thread];
  write_slice(site.core, seat, record.time_ns);
  seat.domain = record.domain;
  seat.task_class = static_cast<switch_record_class>(record.task_class);
  seat.since_ns = record.time_ns;
  settle(site.core, record.time_ns);
}

void ChromeTrace::add(const switch_record& record) {
  switch (record.kind) {
    case RECORD_SWITCH:
    case RECORD_RUNNING:
      return switch_to(record);
    case RECORD_CHANGE:
      return change(record);
    default:
      // One that runs already and is woken once more waits for nothing.
      if (running_.contains(record.pid)) return;
      wait(record, sites_[record.cpu].core);
      return settle(sites_[record.cpu].core, record.time_ns);
  }
}

void ChromeTrace::add_kick(u64 time_ns, u32 from, u32 to, bool preempt) {
  write_event(fmt::format(R"("name":"{} {}","cat":"kick","ph":"i","s":"t","ts":{},"pid":{},)"
                          R"("tid":{})",
                          preempt ? "kick" : "wake", to, time_text(from_origin(time_ns)),
                          sites_[from].core, from));
}

Status ChromeTrace::finish(u64 end_ns) {
  for (u32 core = 0; core < cores_.size(); core++) {
    for (const Seat& seat : cores_[core].seats) write_slice(core, seat, end_ns);
    if (cores_[core].violated) write_violation(core, end_ns);
  }
  out_ << "\n]}\n" << std::flush;
  if (!out_) return Error{ExitCode::kInternal, "the trace cannot be written"};
  return Done{};
}

}  // namespace scx_pair
