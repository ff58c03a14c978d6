// SPDX-License-Identifier: GPL-2.0-only
#include "audit/judge.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/check.h"

namespace scx_pair {
namespace {

constexpr u32 kCpuIdsMax = 8192;

Occupant occupant_of(const switch_record& record) {
  Occupant occupant{.pid = record.pid,
                    .task_class = static_cast<switch_record_class>(record.task_class),
                    .domain = record.domain,
                    .comm = {}};
  std::ranges::copy(record.comm, occupant.comm.begin());
  return occupant;
}

}  // namespace

Judge::Judge(const JudgeConfig& config)
    : config_(config),
      spread_(config.pairs.size(), config.window_start_ns),
      tasks_({.window_start_ns = config.window_start_ns, .tasks_max = config.tasks_max},
             [this](const TaskBook::Wait& wait) { observe(wait); }) {
  for (size_t pair = 0; pair < config_.pairs.size(); ++pair) {
    const std::vector<u32>& cpus = config_.pairs[pair];
    const bool drawn = pair == config_.timeline_pair;
    pairs_.emplace_back(PairMeter::Config{.cpus = cpus,
                                          .window_start_ns = config_.window_start_ns,
                                          .move_bound_ns = config_.move_bound_ns,
                                          .higher_bound_ns = config_.higher_bound_ns,
                                          .timeline_ns = drawn ? config_.timeline_ns : 0});
    for (size_t seat = 0; seat < cpus.size(); ++seat) {
      Cpu& state = cpu(cpus[seat]);
      check(!state.pair, "no cpu is in two pairs");
      state.pair = pair;
      state.seat = seat;
    }
  }
}

Judge::Cpu& Judge::cpu(u32 id) {
  check(id < kCpuIdsMax, "a cpu id is below the kernel's limit");
  if (id >= cpus_.size()) cpus_.resize(id + 1);
  return cpus_[id];
}

void Judge::advance(u64 until_ns) {
  check(until_ns >= advanced_ns_, "time goes forward");
  // Ties go by cpu, and on one cpu by arrival. What the kernel does by itself at one instant it has
  // done before it hands over.
  std::ranges::sort(pending_, {}, [](const Pending& pending) {
    return std::tuple(pending.record.time_ns, pending.what, pending.record.cpu, pending.arrival);
  });
  const auto time_of = [](const Pending& pending) { return pending.record.time_ns; };
  const auto due = std::ranges::lower_bound(pending_, until_ns, {}, time_of);
  for (auto pending = pending_.begin(); pending != due; ++pending) {
    if (pending->record.time_ns < advanced_ns_) {
      pending->record.time_ns = advanced_ns_;
      ++missing_;
    }
    apply(*pending);
  }
  pending_.erase(pending_.begin(), due);
  advanced_ns_ = until_ns;
}

void Judge::add_edge(u64 time_ns, What what) {
  switch_record record{};
  record.time_ns = time_ns;
  pending_.push_back({record, arrivals_++, what});
}

void Judge::apply(const Pending& pending) {
  if (pending.what == What::kRecord) return apply_record(pending.record);
  apply_suspension(pending.record.time_ns, pending.what == What::kSuspended);
}

void Judge::apply_record(const switch_record& record) {
  switch (record.kind) {
    case RECORD_SWITCH:
      return apply_switch(record);
    case RECORD_WAKE:
    case RECORD_WAITING:
      if (occupant_of(record).is_user()) tasks_.wake(record);
      return;
    case RECORD_CHANGE:
      return apply_change(record);
    case RECORD_RUNNING:
      return apply_found_running(record);
    default:
      check(false, "a record has one of the kinds of switch_record_kind");
  }
}

void Judge::apply_switch(const switch_record& record) {
  Cpu& here = cpu(record.cpu);
  const u64 now_ns = record.time_ns;
  charge(here, now_ns);
  leave(here, record);
  const Occupant next = occupant_of(record);
  if (next.is_user()) tasks_.start(now_ns, record.cpu, next);
  if (here.pair) spread_.replace(now_ns, *here.pair, here.occupant, next);
  here.known = true;
  here.occupant = next;
  here.since_ns = now_ns;
  if (here.pair && pairs_[*here.pair].seat(now_ns, here.seat, next)) tasks_.begin_turn(next.domain);
}

// Who left should be who was there. A task may change its pid by exec, but the idle task does not:
// when only one of the two is idle, a switch between is missing.
void Judge::leave(Cpu& cpu, const switch_record& record) {
  const bool was_idle = cpu.occupant.is_idle();
  const bool left_idle = record.prev_pid == 0;
  if (was_idle != left_idle && record.time_ns > config_.window_start_ns) ++missing_;
  if (!was_idle && cpu.occupant.pid != record.prev_pid) {
    tasks_.forget(record.time_ns, cpu.occupant.pid);
  }
  if (left_idle) return;
  if (record.prev_dead != 0) {
    tasks_.forget(record.time_ns, record.prev_pid);
  } else {
    tasks_.stop(record.time_ns, record.cpu, record.prev_pid, record.prev_runnable != 0);
  }
}

void Judge::apply_found_running(const switch_record& record) {
  if (cpu(record.cpu).known) return;
  switch_record as_switch = record;
  as_switch.prev_pid = 0;
  apply_switch(as_switch);
}

void Judge::apply_change(const switch_record& record) {
  tasks_.change(record);
  const auto task_class = static_cast<switch_record_class>(record.task_class);
  for (Cpu& here : cpus_) {
    if (here.occupant.pid != record.pid || here.occupant.is_idle()) continue;
    charge(here, record.time_ns);
    const Occupant before = here.occupant;
    here.occupant.domain = record.domain;
    here.occupant.task_class = task_class;
    if (here.pair) spread_.replace(record.time_ns, *here.pair, before, here.occupant);
    if (here.pair) pairs_[*here.pair].change(record.time_ns, here.seat, record.domain, task_class);
  }
}

// One that ends and another that begins at one instant are sorted the other way round, so they are
// counted.
void Judge::apply_suspension(u64 now_ns, bool begins) {
  const bool was = suspensions_ > 0;
  suspensions_ += begins ? 1 : -1;
  const bool is = suspensions_ > 0;
  if (was == is) return;
  for (PairMeter& pair : pairs_) pair.suspend(now_ns, is);
  if (is) {
    suspended_since_ns_ = now_ns;
  } else {
    book_suspension(now_ns);
  }
}

void Judge::book_suspension(u64 end_ns) {
  const u64 begin_ns = std::max(suspended_since_ns_, config_.window_start_ns);
  suspended_ns_ += end_ns - std::min(end_ns, begin_ns);
}

void Judge::charge(Cpu& cpu, u64 now_ns) {
  const u64 begin_ns = std::max(cpu.since_ns, config_.window_start_ns);
  if (cpu.occupant.is_user()) {
    tasks_.charge(cpu.occupant, cpu.since_ns, now_ns);
    cpu.unjudged = cpu.unjudged || (!cpu.pair && now_ns > begin_ns);
  } else if (!cpu.occupant.is_idle() && now_ns > begin_ns) {
    kernel_cpu_ns_ += now_ns - begin_ns;
  }
  cpu.since_ns = now_ns;
}

void Judge::observe(const TaskBook::Wait& wait) {
  const Cpu& where = cpu(wait.cpu);
  if (!where.pair) return;
  PairMeter& pair = pairs_[*where.pair];
  if (wait.begins) {
    pair.add_waiter(wait.now_ns, wait.domain);
  } else {
    pair.remove_waiter(wait.now_ns, wait.domain);
  }
}

Verdict Judge::finish(u64 end_ns, u64 lost) {
  advance(end_ns);
  Verdict verdict;
  verdict.window_ns = end_ns - std::min(end_ns, config_.window_start_ns);
  verdict.lost = lost + missing_;
  for (Cpu& here : cpus_) charge(here, end_ns);
  tasks_.finish(end_ns, verdict);
  spread_.advance(end_ns);
  for (PairMeter& pair : pairs_) {
    verdict.pairs.push_back(pair.finish(end_ns));
    if (auto timeline = pair.take_timeline()) verdict.timeline = std::move(timeline);
  }
  if (suspensions_ > 0) book_suspension(end_ns);
  verdict.suspended_ns = suspended_ns_;
  for (u32 id = 0; id < cpus_.size(); ++id) {
    if (cpus_[id].unjudged) verdict.unjudged_cpus.push_back(id);
  }
  sum(verdict);
  rule(verdict);
  return verdict;
}

void Judge::rule(Verdict& verdict) const {
  const TotalVerdict& total = verdict.total;
  const auto ends = [&verdict](Ruling ruling, const char* reason) {
    verdict.ruling = ruling;
    verdict.reason = reason;
  };
  const bool siblings = std::ranges::any_of(
      config_.pairs, [](const std::vector<u32>& cpus) { return cpus.size() > 1; });
  const auto ran = std::ranges::count_if(
      verdict.domains, [](const DomainVerdict& domain) { return domain.cpu_ns > 0; });
  if (total.overlap.violation.ns > 0) return ends(Ruling::kBroken, "");
  if (verdict.window_ns == 0) return ends(Ruling::kInconclusive, "the window was empty");
  if (verdict.lost > 0) return ends(Ruling::kInconclusive, "records were lost");
  if (!verdict.unjudged_cpus.empty()) {
    return ends(Ruling::kInconclusive,
                "tasks ran on cpus that came online after the audit had begun");
  }
  if (!siblings) return ends(Ruling::kNothing, "no cpu has a sibling");
  if (ran < 2) {
    return ends(Ruling::kNothing,
                "tasks of fewer than two cgroups ran; a cgroup counts where the cpu controller is "
                "on");
  }
  if (total.company_ns + total.forced_idle_ns + total.overlap.suspended.ns == 0) {
    return ends(Ruling::kNothing,
                "no task ever ran beside another on one pair, or waited for one to leave it");
  }
  ends(Ruling::kKept, "");
}

void Judge::sum(Verdict& verdict) const {
  TotalVerdict& total = verdict.total;
  total.kernel_cpu_ns = kernel_cpu_ns_;
  total.crowded_ns = spread_.crowded_ns();
  total.parallel_ns = spread_.parallel_ns();
  for (const PairVerdict& pair : verdict.pairs) {
    total.cpu_ns_available += verdict.window_ns * pair.cpus.size();
    for (const u64 busy_ns : pair.busy_ns) total.busy_ns += busy_ns;
    total.both_busy_ns += pair.both_busy_ns;
    total.company_ns += pair.company_ns;
    total.turns += pair.turns;
    total.overlap.violation.merge(pair.overlap.violation);
    total.overlap.suspended.merge(pair.overlap.suspended);
    total.overlap.both_higher.merge(pair.overlap.both_higher);
    total.overlap.higher.merge(pair.overlap.higher);
    total.overlap.move.merge(pair.overlap.move);
    total.overlap.kernel_ns += pair.overlap.kernel_ns;
    total.forced_idle_ns += pair.forced_idle_ns;
    total.missed_idle_ns += pair.missed_idle_ns;
  }
}

}  // namespace scx_pair
