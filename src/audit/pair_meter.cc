// SPDX-License-Identifier: GPL-2.0-only
#include "audit/pair_meter.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace scx_pair {
namespace {

// A timeline is for the eye; a run that switches so often that this overflows is drawn in part.
constexpr size_t kTimelineSpansMax = 200'000;

constexpr u64 kNever = std::numeric_limits<u64>::max();

void append_span(std::vector<TimelineSpan>& spans, const TimelineSpan& span) {
  if (!spans.empty()) {
    TimelineSpan& last = spans.back();
    if (last.end_ns == span.begin_ns && last.domain == span.domain &&
        last.task_class == span.task_class) {
      last.end_ns = span.end_ns;
      return;
    }
  }
  if (spans.size() < kTimelineSpansMax) spans.push_back(span);
}

}  // namespace

void EpisodeMeter::step(u64 begin_ns, u64 end_ns,
                        const std::optional<std::array<TaskSight, 2>>& culprits) {
  if (culprits) {
    if (!open_) open_ = Episode{.at_ns = begin_ns, .length_ns = 0, .tasks = *culprits};
    open_->length_ns += end_ns - begin_ns;
  } else if (open_) {
    stats_.add(*open_);
    open_.reset();
  }
}

EpisodeStats EpisodeMeter::close() {
  if (open_) stats_.add(*open_);
  open_.reset();
  return stats_;
}

PairMeter::PairMeter(const Config& config) : config_(config), seats_(config.cpus.size()) {
  check(!config.cpus.empty() && config.cpus.size() <= kSeatsMax, "a pair has 1 to 8 cpus");
  for (auto& row : mixed_since_ns_) row.fill(kNever);
  verdict_.cpus = config.cpus;
  verdict_.busy_ns.resize(config.cpus.size());
  if (config.timeline_ns > 0) {
    timeline_ = TimelineCapture{.cpus = config.cpus,
                                .length_ns = config.timeline_ns,
                                .spans = std::vector<std::vector<TimelineSpan>>(config.cpus.size()),
                                .violations = {}};
  }
}

void PairMeter::advance(u64 now_ns) {
  check(now_ns >= now_ns_, "time goes forward");
  while (now_ns_ < now_ns) {
    const u64 end_ns = std::min(now_ns, next_boundary(now_ns_));
    if (now_ns_ >= config_.window_start_ns) step(now_ns_, end_ns);
    now_ns_ = end_ns;
  }
}

bool PairMeter::seat(u64 now_ns, size_t seat, const Occupant& occupant) {
  advance(now_ns);
  seats_[seat] = occupant;
  for (size_t other = 0; other < seats_.size(); ++other) {
    if (other == seat) continue;
    const bool came_from_here = occupant.domain == seats_[other].moved_from;
    const bool excused = conflict(seat, other) && came_from_here;
    excuse(seat, other) = {.since_ns = excused ? seats_[other].moved_ns : 0};
  }
  keep_mixed_clocks(now_ns);
  return begins_turn(now_ns, occupant);
}

bool PairMeter::begins_turn(u64 now_ns, const Occupant& occupant) {
  if (occupant.task_class != CLASS_ORDINARY || occupant.domain == turn_domain_) return false;
  turn_domain_ = occupant.domain;
  if (now_ns < config_.window_start_ns) return false;
  ++verdict_.turns;
  return true;
}

void PairMeter::change(u64 now_ns, size_t seat, u64 domain, switch_record_class task_class) {
  advance(now_ns);
  const Occupant before = seats_[seat];
  for (size_t other = 0; other < seats_.size(); ++other) {
    if (other == seat) continue;
    seats_[seat] = before;
    const bool was = conflict(seat, other);
    seats_[seat].domain = domain;
    seats_[seat].task_class = task_class;
    // A conflict that was there before keeps its clock, or a task that is moved all the time would
    // be excused for ever.
    if (!was && conflict(seat, other)) excuse(seat, other) = {.since_ns = now_ns};
  }
  seats_[seat].domain = domain;
  seats_[seat].task_class = task_class;
  keep_mixed_clocks(now_ns);
  if (domain == before.domain) return;
  seats_[seat].moved_from = before.domain;
  seats_[seat].moved_ns = now_ns;
}

void PairMeter::suspend(u64 now_ns, bool suspended) {
  advance(now_ns);
  suspended_ = suspended;
  if (suspended) return;
  for (size_t a = 0; a < seats_.size(); ++a) {
    for (size_t b = a + 1; b < seats_.size(); ++b) {
      if (conflict(a, b)) excuse(a, b) = {.since_ns = now_ns, .as = Couple::kSuspended};
      mixed_since_ns_[a][b] = mixed(a, b) ? now_ns : kNever;
    }
  }
}

void PairMeter::add_waiter(u64 now_ns, u64 domain) {
  advance(now_ns);
  ++waiters_[domain];
}

void PairMeter::remove_waiter(u64 now_ns, u64 domain) {
  advance(now_ns);
  const auto found = waiters_.find(domain);
  check(found != waiters_.end(), "a waiter that ends has begun");
  if (--found->second == 0) waiters_.erase(found);
}

PairVerdict PairMeter::finish(u64 end_ns) {
  advance(end_ns);
  verdict_.overlap.violation = violation_.close();
  verdict_.overlap.suspended = suspended_overlap_.close();
  verdict_.overlap.higher = higher_.close();
  verdict_.overlap.both_higher = both_higher_.close();
  verdict_.overlap.move = move_.close();
  if (timeline_) {
    const u64 window_ns = end_ns - std::min(end_ns, config_.window_start_ns);
    timeline_->length_ns = std::min(timeline_->length_ns, window_ns);
  }
  return verdict_;
}

bool PairMeter::conflict(size_t a, size_t b) const {
  return seats_[a].task_class == CLASS_ORDINARY && seats_[b].task_class == CLASS_ORDINARY &&
         seats_[a].domain != seats_[b].domain;
}

// An ordinary task beside a higher one of another domain.
bool PairMeter::mixed(size_t a, size_t b) const {
  if (!seats_[a].is_user() || !seats_[b].is_user()) return false;
  return seats_[a].domain != seats_[b].domain && seats_[a].task_class != seats_[b].task_class;
}

void PairMeter::keep_mixed_clocks(u64 now_ns) {
  for (size_t a = 0; a < seats_.size(); ++a) {
    for (size_t b = a + 1; b < seats_.size(); ++b) {
      u64& since_ns = mixed_since_ns_[a][b];
      since_ns = mixed(a, b) ? std::min(since_ns, now_ns) : kNever;
    }
  }
}

PairMeter::Couple PairMeter::judge(size_t a, size_t b, u64 now_ns) const {
  if (seats_[a].is_idle() || seats_[b].is_idle()) return Couple::kNone;
  if (seats_[a].domain == seats_[b].domain) return Couple::kNone;
  if (conflict(a, b)) {
    if (suspended_) return Couple::kSuspended;
    const Excuse& excuse = excuses_[a][b];
    const bool excused = excuse.since_ns != 0 && now_ns < excuse.since_ns + config_.move_bound_ns;
    return excused ? excuse.as : Couple::kViolation;
  }
  if (mixed(a, b)) {
    const bool within = suspended_ || now_ns - mixed_since_ns_[a][b] < config_.higher_bound_ns;
    return within ? Couple::kHigher : Couple::kViolation;
  }
  if (seats_[a].is_user() && seats_[b].is_user()) return Couple::kBothHigher;
  return seats_[a].is_user() || seats_[b].is_user() ? Couple::kKernel : Couple::kNone;
}

// The first moment after now at which a step has to end although nobody switches.
u64 PairMeter::next_boundary(u64 now_ns) const {
  u64 boundary_ns = std::numeric_limits<u64>::max();
  if (now_ns < config_.window_start_ns) boundary_ns = config_.window_start_ns;
  for (size_t a = 0; a < seats_.size(); ++a) {
    for (size_t b = a + 1; b < seats_.size(); ++b) {
      const u64 excused_ns = excuses_[a][b].since_ns;
      const u64 mixed_ns = mixed_since_ns_[a][b];
      const u64 excuse_ends_ns = excused_ns == 0 ? 0 : excused_ns + config_.move_bound_ns;
      const u64 mixed_ends_ns = mixed_ns == kNever ? 0 : mixed_ns + config_.higher_bound_ns;
      if (excuse_ends_ns > now_ns) boundary_ns = std::min(boundary_ns, excuse_ends_ns);
      if (mixed_ends_ns > now_ns) boundary_ns = std::min(boundary_ns, mixed_ends_ns);
    }
  }
  return boundary_ns;
}

TaskSight PairMeter::sight(size_t seat) const {
  const Occupant& occupant = seats_[seat];
  return {.pid = occupant.pid,
          .comm = std::string(occupant.comm.data(),
                              strnlen(occupant.comm.data(), occupant.comm.size())),
          .domain = occupant.domain,
          .cpu = config_.cpus[seat]};
}

void PairMeter::step(u64 begin_ns, u64 end_ns) {
  const u64 length_ns = end_ns - begin_ns;
  size_t busy = 0;
  size_t users = 0;
  for (size_t seat = 0; seat < seats_.size(); ++seat) {
    if (seats_[seat].is_idle()) continue;
    users += seats_[seat].is_user() ? 1 : 0;
    verdict_.busy_ns[seat] += length_ns;
    ++busy;
  }
  if (busy >= 2) verdict_.both_busy_ns += length_ns;
  if (users >= 2) verdict_.company_ns += length_ns;
  step_overlaps(begin_ns, end_ns);
  if (busy > 0 && busy < seats_.size() && !waiters_.empty()) step_idle(length_ns);
  if (timeline_) step_timeline(begin_ns, end_ns);
}

void PairMeter::step_overlaps(u64 begin_ns, u64 end_ns) {
  std::array<std::optional<std::array<TaskSight, 2>>, kCouples> seen;
  const auto kind = [&seen](Couple couple) -> auto& { return seen[static_cast<size_t>(couple)]; };
  for (size_t a = 0; a < seats_.size(); ++a) {
    for (size_t b = a + 1; b < seats_.size(); ++b) {
      auto& first = kind(judge(a, b, begin_ns));
      if (!first) first = std::array{sight(a), sight(b)};
    }
  }
  const u64 begin = begin_ns - config_.window_start_ns;
  const u64 end = end_ns - config_.window_start_ns;
  const auto& both_higher = kind(Couple::kBothHigher);
  violation_.step(begin, end, kind(Couple::kViolation));
  suspended_overlap_.step(begin, end, kind(Couple::kSuspended));
  higher_.step(begin, end, kind(Couple::kHigher) ? kind(Couple::kHigher) : both_higher);
  both_higher_.step(begin, end, both_higher);
  move_.step(begin, end, kind(Couple::kMove));
  if (kind(Couple::kKernel)) verdict_.overlap.kernel_ns += end - begin;
}

void PairMeter::step_idle(u64 length_ns) {
  u64 idle = 0;
  bool user = false;
  bool eligible = false;
  for (const Occupant& occupant : seats_) {
    idle += occupant.is_idle() ? 1 : 0;
    if (!occupant.is_user()) continue;
    user = true;
    eligible = eligible || waiters_.contains(occupant.domain);
  }
  if (!user) return;
  (eligible ? verdict_.missed_idle_ns : verdict_.forced_idle_ns) += idle * length_ns;
}

void PairMeter::step_timeline(u64 begin_ns, u64 end_ns) {
  const u64 begin = begin_ns - config_.window_start_ns;
  const u64 end = std::min(end_ns - config_.window_start_ns, timeline_->length_ns);
  if (begin >= end) return;
  for (size_t seat = 0; seat < seats_.size(); ++seat) {
    append_span(timeline_->spans[seat], {.begin_ns = begin,
                                         .end_ns = end,
                                         .domain = seats_[seat].domain,
                                         .task_class = seats_[seat].task_class});
  }
  if (violation_.is_open()) {
    append_span(timeline_->violations, {.begin_ns = begin, .end_ns = end});
  }
}

}  // namespace scx_pair
