// SPDX-License-Identifier: GPL-2.0-only
//
// Integrates over time what the cpus of one pair were to each other. Knows nothing of records: its
// owner tells it who sits on which cpu and when that changes.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "audit/verdict.h"
#include "base/switch_record.h"
#include "base/types.h"

namespace scx_pair {

inline constexpr size_t kSeatsMax = 8;

// Who is on a cpu. The default is the idle task.
struct Occupant {
  s32 pid = 0;
  switch_record_class task_class = CLASS_IDLE;
  u64 domain = 0;
  std::array<char, SWITCH_RECORD_COMM> comm{};
  u64 moved_from = 0;  // its domain before it was last moved here
  u64 moved_ns = 0;    // when that was; 0 if it has not been moved since it was started

  [[nodiscard]] bool is_idle() const { return task_class == CLASS_IDLE; }
  [[nodiscard]] bool is_user() const { return task_class >= CLASS_HIGHER; }
};

// Adds up the episodes of one kind from steps of time without gaps.
class EpisodeMeter {
 public:
  // What the step [begin_ns, end_ns) was: nothing, or an overlap begun by these two.
  void step(u64 begin_ns, u64 end_ns, const std::optional<std::array<TaskSight, 2>>& culprits);
  [[nodiscard]] bool is_open() const { return open_.has_value(); }
  EpisodeStats close();

 private:
  EpisodeStats stats_;
  std::optional<Episode> open_;
};

// Rules:
// 1. Only time inside the window counts; what happens before it only sets the stage.
// 2. Two seats conflict when both have ordinary tasks of different domains. A conflict is a
//    violation, unless it began by a change of domain or class of one of the two while it was
//    running: then it is a move until either seat switches, and a violation from `move_bound_ns`
//    after the change on. A sibling that starts a task of the domain that the moved one has come
//    from is seen the same way, because no scheduler can call back what it decided before the
//    move; a task of a third domain has no such excuse.
//    While the kernel schedules by itself a conflict is counted apart, and so is what that leaves
//    behind, until either seat switches, at most for `move_bound_ns`.
// 3. An ordinary task beside a real-time or deadline one of another domain is `higher`, whoever
//    follows whom, and a violation from `higher_bound_ns` after the beginning on. Two real-time or
//    deadline tasks have no bound. The clock starts anew when the kernel hands over.
// 4. An idle seat is forced idle while another seat runs a user task, a task was last seen waiting
//    on this pair, and every such waiter is of another domain than every user task on the pair. It
//    is missed idle when one of them is of the same domain and so could have run, affinity
//    permitting. An outside judge cannot know where a waiter would be allowed to run, so both are
//    approximations.
// 5. A turn begins when an ordinary task starts whose domain is not that of the last one that
//    started on any seat. Under a scheduler that keeps nobody apart it is just a number.
class PairMeter {
 public:
  struct Config {
    std::vector<u32> cpus;  // 1 to kSeatsMax
    u64 window_start_ns = 0;
    u64 move_bound_ns = 0;
    u64 higher_bound_ns = 0;
    u64 timeline_ns = 0;  // how much of the window's beginning to keep for drawing
  };

  explicit PairMeter(const Config& config);

  // Integrates up to now. Requires: now_ns never goes back. The calls below it do this first.
  void advance(u64 now_ns);

  // The cpu of this seat switches to another task. Returns whether that begins a turn.
  bool seat(u64 now_ns, size_t seat, const Occupant& occupant);

  // The task on this seat has changed its domain or class and goes on running.
  void change(u64 now_ns, size_t seat, u64 domain, switch_record_class task_class);

  // The kernel begins, or ends, to schedule by itself.
  void suspend(u64 now_ns, bool suspended);

  // An ordinary task of this domain begins, or ends, to wait on this pair.
  void add_waiter(u64 now_ns, u64 domain);
  void remove_waiter(u64 now_ns, u64 domain);

  // Ends the window. Requires: the last call.
  PairVerdict finish(u64 end_ns);
  std::optional<TimelineCapture> take_timeline() { return std::move(timeline_); }

 private:
  enum class Couple { kNone, kViolation, kSuspended, kMove, kHigher, kBothHigher, kKernel };
  static constexpr size_t kCouples = static_cast<size_t>(Couple::kKernel) + 1;

  // Makes a conflict something else than a violation, for a while.
  struct Excuse {
    u64 since_ns = 0;  // 0: there is none
    Couple as = Couple::kMove;
  };
  template <typename Entry>
  using Couples = std::array<std::array<Entry, kSeatsMax>, kSeatsMax>;  // [a][b] with a < b only

  [[nodiscard]] Couple judge(size_t a, size_t b, u64 now_ns) const;
  [[nodiscard]] bool conflict(size_t a, size_t b) const;
  [[nodiscard]] u64 next_boundary(u64 now_ns) const;
  [[nodiscard]] TaskSight sight(size_t seat) const;
  Excuse& excuse(size_t a, size_t b) { return excuses_[a < b ? a : b][a < b ? b : a]; }
  [[nodiscard]] bool mixed(size_t a, size_t b) const;
  void keep_mixed_clocks(u64 now_ns);
  bool begins_turn(u64 now_ns, const Occupant& occupant);
  void step(u64 begin_ns, u64 end_ns);
  void step_overlaps(u64 begin_ns, u64 end_ns);
  void step_idle(u64 length_ns);
  void step_timeline(u64 begin_ns, u64 end_ns);

  Config config_;
  u64 now_ns_ = 0;
  std::vector<Occupant> seats_;
  u64 turn_domain_ = 0;  // of the ordinary task that started last; 0 if none has
  bool suspended_ = false;
  Couples<Excuse> excuses_{};
  Couples<u64> mixed_since_ns_;  // kNever: the two are not mixed
  std::map<u64, u64> waiters_;   // domain to number
  PairVerdict verdict_;
  EpisodeMeter violation_;
  EpisodeMeter suspended_overlap_;
  EpisodeMeter higher_;
  EpisodeMeter both_higher_;
  EpisodeMeter move_;
  std::optional<TimelineCapture> timeline_;
};

}  // namespace scx_pair
