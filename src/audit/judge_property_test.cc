// SPDX-License-Identifier: GPL-2.0-only
// The judge against a reference that is too slow to be wrong: it looks at every nanosecond by
// itself and works out from the first record who is where.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <utility>

#include "audit/judge.h"
#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

constexpr u32 kCpus = 4;
constexpr u64 kFirst = 1;
constexpr u64 kOpen = 12;
constexpr u64 kClose = 60;
constexpr u64 kBound = 3;

using Pairs = std::vector<std::vector<u32>>;

// What one look at one pair at one moment says.
struct Look {
  size_t busy = 0;
  bool violation = false;
  bool higher = false;
  bool move = false;
  bool kernel = false;
};

struct Seen {
  s32 pid = 0;
  u64 domain = 0;
  u8 task_class = CLASS_IDLE;
  u64 moved_from = 0;
  u64 moved_ns = 0;
};

bool strangers(const Seen& a, const Seen& b) {
  return a.task_class == CLASS_ORDINARY && b.task_class == CLASS_ORDINARY && a.domain != b.domain;
}

class Reference {
 public:
  Reference(const std::vector<switch_record>& records, u64 now) {
    for (u64 time_ns = 0; time_ns <= now; ++time_ns) {
      for (u32 cpu = 0; cpu < kCpus; ++cpu) {
        for (const switch_record& record : records) {
          if (record.time_ns == time_ns && record.cpu == cpu) apply(record);
        }
      }
    }
  }

  [[nodiscard]] Look look(const std::vector<u32>& cpus, u64 now) const {
    Look look;
    for (const u32 cpu : cpus) look.busy += seen_[cpu].task_class != CLASS_IDLE;
    for (const u32 a : cpus) {
      for (const u32 b : cpus) {
        if (a < b) look_at(look, a, b, now);
      }
    }
    return look;
  }
  [[nodiscard]] const Seen& on(u32 cpu) const { return seen_[cpu]; }

 private:
  void apply(const switch_record& record) {
    const std::array<Seen, kCpus> before = seen_;
    const bool is_switch = record.kind == RECORD_SWITCH;
    for (u32 cpu = 0; cpu < kCpus; ++cpu) {
      Seen now{.pid = record.pid, .domain = record.domain, .task_class = record.task_class};
      const bool stays = record.pid != 0 && seen_[cpu].pid == record.pid;
      if (is_switch ? cpu != record.cpu : !stays) continue;
      if (!is_switch) {
        const bool moves = seen_[cpu].domain != record.domain;
        now.moved_from = moves ? seen_[cpu].domain : seen_[cpu].moved_from;
        now.moved_ns = moves ? record.time_ns : seen_[cpu].moved_ns;
      }
      seen_[cpu] = now;
    }
    for (u32 a = 0; a < kCpus; ++a) {
      for (u32 b = a + 1; b < kCpus; ++b) note_excuse(record, before, a, b);
    }
  }

  void note_excuse(const switch_record& record, const std::array<Seen, kCpus>& before, u32 a,
                   u32 b) {
    const bool started = record.kind == RECORD_SWITCH && (record.cpu == a || record.cpu == b);
    if (started || !strangers(seen_[a], seen_[b])) excused_since_.erase({a, b});
    if (!strangers(seen_[a], seen_[b])) return;
    if (started) {
      const Seen& starter = seen_[record.cpu];
      const Seen& stayer = seen_[record.cpu == a ? b : a];
      const bool excused = stayer.moved_ns != 0 && starter.domain == stayer.moved_from;
      if (excused) excused_since_[{a, b}] = stayer.moved_ns;
    } else if (!strangers(before[a], before[b])) {
      excused_since_[{a, b}] = record.time_ns;
    }
  }

  void look_at(Look& look, u32 a, u32 b, u64 now) const {
    const Seen& first = seen_[a];
    const Seen& second = seen_[b];
    if (first.task_class == CLASS_IDLE || second.task_class == CLASS_IDLE) return;
    if (first.domain == second.domain) return;
    if (strangers(first, second)) {
      const auto excuse = excused_since_.find({a, b});
      const bool excused = excuse != excused_since_.end() && now < excuse->second + kBound;
      (excused ? look.move : look.violation) = true;
    } else if (first.task_class != CLASS_KERNEL && second.task_class != CLASS_KERNEL) {
      look.higher = true;
    } else if (first.task_class != second.task_class) {
      look.kernel = true;
    }
  }

  std::array<Seen, kCpus> seen_{};
  std::map<std::pair<u32, u32>, u64> excused_since_;
};

// A stretch of nanoseconds, counted by looking at each.
struct Stretch {
  u64 ns = 0;
  u64 count = 0;
  u64 longest = 0;
  u64 current = 0;

  void look(bool is) {
    current = is ? current + 1 : 0;
    ns += is ? 1 : 0;
    count += current == 1 ? 1 : 0;
    longest = std::max(longest, current);
  }
};

void expect_same(const EpisodeStats& judged, const Stretch& seen) {
  RC_ASSERT(judged.ns == seen.ns);
  RC_ASSERT(judged.count == seen.count);
  RC_ASSERT((judged.longest ? judged.longest->length_ns : 0) == seen.longest);
}

void expect_pair(const PairVerdict& judged, const std::vector<switch_record>& records) {
  Stretch violation;
  Stretch higher;
  Stretch move;
  u64 kernel_ns = 0;
  u64 both_ns = 0;
  u64 busy_ns = 0;
  for (u64 now = kOpen; now < kClose; ++now) {
    const Look look = Reference(records, now).look(judged.cpus, now);
    violation.look(look.violation);
    higher.look(look.higher);
    move.look(look.move);
    kernel_ns += look.kernel ? 1 : 0;
    both_ns += look.busy >= 2 ? 1 : 0;
    busy_ns += look.busy;
  }
  expect_same(judged.overlap.violation, violation);
  expect_same(judged.overlap.higher, higher);
  expect_same(judged.overlap.move, move);
  RC_ASSERT(judged.overlap.kernel_ns == kernel_ns);
  RC_ASSERT(judged.both_busy_ns == both_ns);
  u64 judged_busy_ns = 0;
  for (const u64 cpu_busy_ns : judged.busy_ns) judged_busy_ns += cpu_busy_ns;
  RC_ASSERT(judged_busy_ns == busy_ns);
}

void expect_spread(const Verdict& verdict, const std::vector<switch_record>& records) {
  u64 crowded_ns = 0;
  u64 parallel_ns = 0;
  for (u64 now = kOpen; now < kClose; ++now) {
    const Reference reference(records, now);
    size_t users = 0;
    bool crowded = false;
    bool idle = false;
    for (const PairVerdict& pair : verdict.pairs) {
      size_t here = 0;
      for (const u32 cpu : pair.cpus) here += reference.on(cpu).task_class >= CLASS_HIGHER ? 1 : 0;
      users += here;
      crowded = crowded || here >= 2;
      idle = idle || reference.look(pair.cpus, now).busy == 0;
    }
    crowded_ns += crowded && idle ? 1 : 0;
    parallel_ns += users >= 2 ? 1 : 0;
  }
  RC_ASSERT(verdict.total.crowded_ns == crowded_ns);
  RC_ASSERT(verdict.total.parallel_ns == parallel_ns);
}

void expect_domains(const Verdict& verdict, const std::vector<switch_record>& records) {
  std::map<u64, u64> cpu_ns;
  for (u64 now = kOpen; now < kClose; ++now) {
    const Reference reference(records, now);
    for (u32 cpu = 0; cpu < kCpus; ++cpu) {
      if (reference.on(cpu).task_class >= CLASS_HIGHER) ++cpu_ns[reference.on(cpu).domain];
    }
  }
  for (const DomainVerdict& domain : verdict.domains) {
    RC_ASSERT(domain.cpu_ns == cpu_ns[domain.id]);
    cpu_ns.erase(domain.id);
  }
  for (const auto& [domain, missing_ns] : cpu_ns) RC_ASSERT(missing_ns == 0u);
}

// A history without contradictions: every task is on one cpu at most, and who leaves was there.
Script random_history() {
  Script script;
  std::array<TestTask, kCpus> on{};
  on.fill(kIdle);
  u64 now = kFirst;
  const auto steps = *rc::gen::inRange(0, 40);
  for (int step = 0; step < steps && now < kClose + 5; ++step) {
    now += *rc::gen::inRange<u64>(0, 6);
    const u32 cpu = *rc::gen::inRange<u32>(0, kCpus);
    const bool change = *rc::gen::inRange(0, 4) == 0 && on[cpu].task_class >= CLASS_HIGHER;
    TestTask next = change ? on[cpu] : TestTask{.pid = 100 + step, .domain = 0};
    next.domain = *rc::gen::inRange<u64>(1, 4);
    if (change) {
      next.task_class = *rc::gen::element(CLASS_HIGHER, CLASS_ORDINARY, CLASS_ORDINARY);
      script.change(now, next);
    } else {
      next.task_class = *rc::gen::element(CLASS_IDLE, CLASS_KERNEL, CLASS_HIGHER, CLASS_ORDINARY,
                                          CLASS_ORDINARY, CLASS_ORDINARY);
      if (next.task_class == CLASS_IDLE) next = kIdle;
      script.run(now, cpu, next);
    }
    on[cpu] = next;
  }
  return script;
}

RC_GTEST_PROP(JudgeProperty, AgreesWithALookAtEveryNanosecond, ()) {
  Script script = random_history();
  const Pairs pairs = *rc::gen::elementOf(
      std::vector<Pairs>{{{0, 1}, {2, 3}}, {{0, 1, 2, 3}}, {{0, 2}, {1}}, {{0, 1, 2}, {3}}});
  Judge judge({.pairs = pairs, .window_start_ns = kOpen, .move_bound_ns = kBound});
  // Cpu by cpu, as the rings are read, and in two pieces.
  const u64 pause = *rc::gen::inRange<u64>(kFirst, kClose);
  for (const bool late : {false, true}) {
    for (u32 cpu = 0; cpu < kCpus; ++cpu) {
      for (const switch_record& record : script.records()) {
        if (record.cpu == cpu && (record.time_ns >= pause) == late) judge.add(record);
      }
    }
    if (!late) judge.advance(pause);
  }
  const Verdict verdict = judge.finish(kClose, 0);
  // Records of one moment are taken cpu by cpu; who left whom may then look odd, which is no matter
  // here: every history is judged the same by both.
  for (const PairVerdict& pair : verdict.pairs) expect_pair(pair, script.records());
  expect_spread(verdict, script.records());
  expect_domains(verdict, script.records());
}

}  // namespace
}  // namespace scx_pair
