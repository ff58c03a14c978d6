// SPDX-License-Identifier: GPL-2.0-only
#include "sim/explore/oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <vector>

#include "base/time_units.h"
#include "policy/pair.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

// struct pair_cell of bpf/state.h: a lock, then the pair, then its zone.
constexpr size_t kPairOffset = 8;
constexpr size_t kPairCellBytes = kPairOffset + sizeof(pair) + sizeof(u64);
// How long a pair may drain: until a burst that has just begun is over (burst_ns), and the
// scheduler's clock, which may have gone to sleep a moment before, looks (TIMER_MOST_NS).
constexpr u64 kClockNs = 4'000'000;
constexpr u64 kDrainNs = 1'000'000 + kClockNs;

u64 group_of(const Task& p) {
  return p.group->node.id;
}

Violation violation(const Kernel& k, Oracle oracle, std::string what) {
  return {oracle, std::move(what), k.now_ns - kBootNs};
}

bool is_higher(const Task& p) {
  return p.sched_class > SchedClass::kExt && p.sched_class != SchedClass::kStop;
}

// Whether this cpu executes user code, or will without anybody being asked.
bool in_user_mode(const Kernel& k, const Moment& moment, u32 cpu) {
  const Task& curr = *k.cpus[cpu].curr;
  return !moment.in_kernel[cpu] && !curr.is_idle() && !curr.is_kthread() && !curr.progress.exiting;
}

// Whether an interrupt that makes the cpu look for another task is on its way.
bool is_called(const Kernel& k, u32 cpu) {
  if (k.cpus[cpu].need_resched) return true;
  return std::any_of(k.cpus.begin(), k.cpus.end(), [cpu](const Cpu& rq) {
    return std::any_of(rq.kicks.begin(), rq.kicks.end(),
                       [cpu](const Kick& kick) { return kick.cpu == cpu; });
  });
}

// Whether two domains may meet here for the moment: one of the named windows is open, and somebody
// is being sent away to close it.
bool window_is_open(const Kernel& k, const Moment& moment, u32 a, u32 b) {
  const bool higher_a = is_higher(*k.cpus[a].curr);
  const bool higher_b = is_higher(*k.cpus[b].curr);
  if (higher_a && higher_b) return true;  // no kick can move either
  // Whoever changes the class of a running task has not come to the kick yet.
  if (k.cpus[a].curr->changes_class || k.cpus[b].curr->changes_class) return true;
  const bool moved = moment.moved[a] || moment.moved[b];
  // Whoever moves the task may not have come to the kick yet.
  if (moved &&
      std::any_of(moment.in_kernel.begin(), moment.in_kernel.end(), [](bool in) { return in; })) {
    return true;
  }
  if (higher_a) return is_called(k, b);
  if (higher_b) return is_called(k, a);
  return moved && (is_called(k, a) || is_called(k, b));
}

bool is_trusted(const Kernel& k, const Task& p) {
  return p.is_kthread() && k.config.kthreads_trusted != 0;
}

// The domain that a cpu's task stands for; DOMAIN_NONE if it is idle.
u64 domain_on(const Kernel& k, const Cpu& rq) {
  const Task& curr = *rq.curr;
  if (curr.is_idle()) return DOMAIN_NONE;
  if (is_trusted(k, curr)) return DOMAIN_TRUSTED;
  return group_of(curr);
}

// What the scheduler keeps in its map `pairs`, where it lies.
class Books {
 public:
  Books(const std::byte* first, u64 stride, u64 nr) : first_(first), stride_(stride), nr_(nr) {}

  class Iterator {
   public:
    Iterator(const std::byte* at, u64 stride) : at_(at), stride_(stride) {}
    const pair& operator*() const { return *std::launder(reinterpret_cast<const pair*>(at_)); }
    Iterator& operator++() {
      at_ += stride_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const std::byte* at_;
    u64 stride_;
  };

  [[nodiscard]] Iterator begin() const { return {first_, stride_}; }
  [[nodiscard]] Iterator end() const { return {first_ + nr_ * stride_, stride_}; }

 private:
  const std::byte* first_;
  u64 stride_;
  u64 nr_;
};

// Of a scheduler that has no such map they are empty.
Books books_of(const Kernel& k) {
  const void* map = k.object->find("pairs");
  for (const MapStore::Array& array : k.maps->arrays()) {
    const sim_values& values = *array.values;
    if (array.map != map || values.stride != kPairCellBytes) continue;
    return {reinterpret_cast<const std::byte*>(values.bytes) + kPairOffset, values.stride,
            values.nr};
  }
  return {nullptr, 0, 0};
}

// Whether a task of another group than p's is on the cpu's local queue: below one of a higher
// class, when that leaves, it runs without anybody being asked.
bool awaits_stranger(const Kernel& k, const Cpu& rq, const Task& p) {
  const Task* const first = first_task(rq.local);
  return first != nullptr && !is_trusted(k, *first) && first->group != p.group;
}

// Whether the cpu's task is one of a higher class, or was one when it started.
bool began_higher(const Moment& moment, const Cpu& rq) {
  return rq.curr->kernel.prio < MAX_RT_PRIO || moment.moved[rq.id];
}

// Whether the claim for such a task is still there although it was taken away, which no callback
// says: until that cpu's next switch nobody of another domain may start beside it.
bool keeps_a_stale_claim(const Kernel& k, const Moment& moment, const Cpu& rq, const Task& p) {
  for (const pair& books : books_of(k)) {
    for (u32 s = 0; s < books.nr_seats; s++) {
      const seat& seat = books.seats[s];
      if (seat.cpu == rq.id && rq.local.nr == 0 && !domains_agree(seat.claim, group_of(p))) {
        return began_higher(moment, rq);
      }
    }
  }
  return false;
}

// Whether a task may have to wait because a cgroup that it is in, however far above, has used up
// what it is allowed in this period. How much it has used only the scheduler knows; and that it may
// go on after a change of the limit, its clock finds out. A limit that all cpus together cannot
// reach is none.
bool may_be_throttled(const Kernel& k, const Task& p) {
  for (const Group* group = p.group; group != nullptr; group = group->parent) {
    const Bandwidth& limit = group->bandwidth;
    if (limit.quota_us < limit.period_us * k.cpus.size()) return true;
    if (k.now_ns < group->old_limit_until_ns + kClockNs) return true;
  }
  return false;
}

// Whether a cgroup that it is in, however far above, gives way to others: cpu.idle.
bool gives_way(const Task& p) {
  for (const Group* group = p.group; group != nullptr; group = group->parent) {
    if (group->tg.idle != 0) return true;
  }
  return false;
}

enum class Fit : u8 { kNo, kIdlePair, kBesideOwn };

// Whether a waiting task could start on this idle cpu, as its siblings stand.
Fit fit_of(const Kernel& k, const Moment& moment, const Task& p, const Cpu& rq) {
  const bool trusted = is_trusted(k, p);
  const bool stays = trusted || is_migration_disabled(p);
  if (!rq.curr->is_idle() || !rq.active || !may_run_on(p, rq.id)) return Fit::kNo;
  if (stays && p.cpu() != rq.id) return Fit::kNo;
  Fit fit = Fit::kIdlePair;
  for (const u32 cpu : k.cores[rq.core]) {
    const u64 domain = domain_on(k, k.cpus[cpu]);
    if (!trusted && (!domains_agree(domain, group_of(p)) || awaits_stranger(k, k.cpus[cpu], p) ||
                     keeps_a_stale_claim(k, moment, k.cpus[cpu], p))) {
      return Fit::kNo;
    }
    if (domain_excludes(domain)) fit = Fit::kBesideOwn;
  }
  return fit;
}

// Whether a task that was claimed for waits below one that nobody of ours can send away.
bool lingers(const Kernel& k, const seat& seat) {
  return seat.claim != DOMAIN_NONE && k.cpus[seat.cpu].curr->kernel.prio < MAX_RT_PRIO;
}

// Whether the pair that a cpu sits in drains, and has a reason to do so still: nobody starts there,
// and who runs may finish the burst it has just begun.
bool drains(const Kernel& k, u32 cpu) {
  for (const pair& books : books_of(k)) {
    const auto* const end = books.seats + books.nr_seats;
    const bool mine = std::any_of(books.seats, end, [cpu](const seat& s) { return s.cpu == cpu; });
    if (!mine || books.draining == 0) continue;
    return k.now_ns <= books.turn_end_ns + kDrainNs ||
           std::any_of(books.seats, end, [&k](const seat& s) { return lingers(k, s); });
  }
  return false;
}

// Where a waiting task waits.
std::string place_of(const Task& p) {
  if (p.dsq == nullptr) return "no queue yet";
  if (p.dsq->is_local()) return fmt::format("the local queue of cpu {}", p.dsq->cpu);
  return fmt::format("queue {:x} on cpu {}", p.dsq->id, p.cpu());
}

// Whether the scheduler may not know yet that p is in its queue: a change has put it there, and no
// callback follows on the cpu that made the change before its next tick.
bool is_landing(const Kernel& k, const Task& p) {
  return p.changed_at_ns != 0 && k.now_ns - p.changed_at_ns < 1000 * kMs / k.scenario.kernel.hz;
}

std::optional<Violation> judge_waiting(const Kernel& k, const Moment& moment, const Task& p,
                                       bool conserving) {
  if (p.dsq == nullptr && !p.dsq_link.linked()) {
    // Only scx_pair is known to keep nobody in queues of its own.
    if (p.ops_state == OpsState::kQueued && k.object->find("pairs") == nullptr) {
      return std::nullopt;
    }
    return violation(k, Oracle::kLostTask,
                     fmt::format("{} can run, and no queue has it", name_of(p)));
  }
  // Before 6.19 a task may be moved to its cpu although one of a higher class is about to run
  // there. From then on it is that cpu's: it waits as any task does below a higher class.
  const bool is_taken = p.dsq != nullptr && p.dsq->is_local();
  if (!conserving || is_taken || is_landing(k, p) || may_be_throttled(k, p)) return std::nullopt;
  for (const Cpu& rq : k.cpus) {
    const Fit fit = fit_of(k, moment, p, rq);
    if (fit == Fit::kNo || drains(k, rq.id)) continue;
    const bool lost = fit == Fit::kIdlePair;
    return violation(
        k, lost ? Oracle::kLostWakeup : Oracle::kIdleSibling,
        fmt::format("{} waits in {}, cpu {} idles {}, and nobody is about to look ({})", name_of(p),
                    place_of(p), rq.id,
                    lost ? "and no domain holds its pair" : "beside the task's own domain",
                    books_about(k, rq.id)));
  }
  return std::nullopt;
}

std::optional<Violation> judge_seat(const Kernel& k, const Moment& moment,
                                    const struct seat& seat) {
  const Cpu& rq = k.cpus[seat.cpu];
  const u64 domain = domain_on(k, rq);
  const auto wrong = [&](const char* what, u64 believed, u64 true_one) {
    return violation(k, Oracle::kBooks,
                     fmt::format("the {} of cpu {}'s seat is {:x}; it should be {:x}", what, rq.id,
                                 believed, true_one));
  };
  if (seat.occupant != domain) return wrong("occupant", seat.occupant, domain);
  const bool higher = domain_excludes(domain) && rq.curr->kernel.prio < MAX_RT_PRIO;
  if (moment.moved[rq.id]) return std::nullopt;  // its class may have changed where it runs
  // A task that was kept has been claimed for again. One that waited below a higher class may be
  // taken away from there without a callback, and then its claim is in the way of the siblings
  // until the cpu's next switch: too long, but nobody's isolation.
  if (rq.local.nr == 0 && seat.claim != DOMAIN_NONE && seat.claim != domain &&
      rq.curr->kernel.prio >= MAX_RT_PRIO) {
    return wrong("claim", seat.claim, DOMAIN_NONE);
  }
  if ((seat.higher != 0) != higher) return wrong("class", seat.higher, higher ? 1 : 0);
  return std::nullopt;
}

std::optional<Violation> judge_books(const Kernel& k, const Moment& moment) {
  for (const pair& books : books_of(k)) {
    for (u32 s = 0; s < books.nr_seats; s++) {
      std::optional<Violation> wrong = judge_seat(k, moment, books.seats[s]);
      if (wrong) return wrong;
    }
  }
  return std::nullopt;
}

bool waits_for_cpu(const Task& p) {
  return p.sched_class == SchedClass::kExt && p.state == TaskState::kRunnable &&
         p.kernel.on_cpu == 0;
}

}  // namespace

const char* name_of(Oracle oracle) {
  static constexpr std::array kNames = {"isolation", "lost wakeup", "idle sibling",
                                        "lost task", "books",       "starvation",
                                        "deadlock",  "livelock",    "ended"};
  return kNames.at(static_cast<size_t>(oracle));
}

std::string books_about(const Kernel& k, u32 cpu) {
  for (const pair& books : books_of(k)) {
    const auto* const end = books.seats + books.nr_seats;
    if (std::none_of(books.seats, end, [cpu](const seat& s) { return s.cpu == cpu; })) continue;
    std::string text = fmt::format("owner {:x}{}, its turn ends in {} us;", books.owner,
                                   books.draining != 0 ? " draining" : "",
                                   static_cast<s64>(books.turn_end_ns - k.now_ns) / 1000);
    for (const seat* s = books.seats; s != end; s++) {
      text +=
          fmt::format(" cpu {}: {:x}{}{}{}", s->cpu, s->occupant, s->higher != 0 ? " higher" : "",
                      s->resting != 0 ? " rests" : "", s->blocked != 0 ? " blocked" : "");
      if (s->claim != DOMAIN_NONE) text += fmt::format(" claims {:x}", s->claim);
    }
    return text;
  }
  return "no pair";
}

std::optional<Violation> judge_moment(const Kernel& k, const Moment& moment) {
  for (const std::vector<u32>& core : k.cores) {
    for (size_t i = 0; i < core.size(); i++) {
      for (size_t j = i + 1; j < core.size(); j++) {
        const u32 a = core[i];
        const u32 b = core[j];
        if (!in_user_mode(k, moment, a) || !in_user_mode(k, moment, b)) continue;
        const Task& p = *k.cpus[a].curr;
        const Task& q = *k.cpus[b].curr;
        if (group_of(p) == group_of(q) || window_is_open(k, moment, a, b)) continue;
        return violation(k, Oracle::kIsolation,
                         fmt::format("cpu {} runs {} of domain {} and cpu {} runs {} of domain {}",
                                     a, name_of(p), group_of(p), b, name_of(q), group_of(q)));
      }
    }
  }
  return std::nullopt;
}

bool is_calm(const Kernel& k, const Moment& moment) {
  if (std::any_of(moment.in_kernel.begin(), moment.in_kernel.end(), [](bool in) { return in; })) {
    return false;
  }
  for (const Cpu& rq : k.cpus) {
    if (rq.need_resched || rq.irq_work_pending || rq.stopper->queued) return false;
  }
  return true;
}

std::optional<Violation> judge_calm(const Kernel& k, const Moment& moment, bool conserving) {
  for (const auto& p : k.tasks) {
    if (!waits_for_cpu(*p)) continue;
    std::optional<Violation> wrong = judge_waiting(k, moment, *p, conserving);
    if (wrong) return wrong;
  }
  return judge_books(k, moment);
}

std::optional<Violation> judge_patience(const Kernel& k, u64 patience_ns) {
  // Who gives way waits as long as anybody comes before it.
  const bool others = std::any_of(k.tasks.begin(), k.tasks.end(), [](const auto& p) {
    return p->sched_class == SchedClass::kExt && p->on_rq() && !gives_way(*p);
  });
  for (const auto& p : k.tasks) {
    if (!waits_for_cpu(*p) || k.now_ns - p->runnable_at_ns <= patience_ns) continue;
    if (may_be_throttled(k, *p) || (others && gives_way(*p))) continue;
    return violation(
        k, Oracle::kStarvation,
        fmt::format("{} has waited for {} us", name_of(*p), (k.now_ns - p->runnable_at_ns) / 1000));
  }
  return std::nullopt;
}

}  // namespace scx_pair
