// SPDX-License-Identifier: GPL-2.0-only
#include "sim/explore/search.h"

#include <algorithm>
#include <vector>

#include "sim/explore/visited.h"
#include "sim/random.h"

namespace scx_pair {
namespace {

// Depth first: replays the way to the last decision that has options left, takes the next one, and
// what happens by itself from there on.
class DepthFirst : public Chooser {
 public:
  explicit DepthFirst(u32 preemptions) : preemptions_(preemptions) {}

  [[nodiscard]] bool wants_state() const override { return true; }

  std::optional<size_t> choose(const Decision& decision) override {
    if (at_ < path_.size()) return path_[at_++].index;
    const u32 used = path_.empty() ? 0 : path_.back().used_after();
    if (visited_.meet(decision.state, preemptions_ - used)) {
      merged_++;
      return std::nullopt;
    }
    path_.push_back({decision.options.size(), 0, used, decision.running});
    transitions_++;
    at_++;
    return 0;
  }

  // Prepares for the next execution. Returns whether there is one.
  bool advance() {
    at_ = 0;
    while (!path_.empty()) {
      Node& node = path_.back();
      const bool affordable = !node.running || node.used < preemptions_;
      if (affordable && node.index + 1 < node.options) {
        node.index++;
        transitions_++;
        return true;
      }
      if (!affordable) left_out_ += node.options - 1;
      path_.pop_back();
    }
    return false;
  }

  void describe(SearchReport& report) const {
    report.states += visited_.size();
    report.transitions += transitions_;
    report.merged += merged_;
    report.left_out = left_out_;
  }

 private:
  struct Node {
    size_t options = 0;
    size_t index = 0;
    u32 used = 0;  // preemptions before it
    bool running = false;
    [[nodiscard]] u32 used_after() const { return used + (running && index != 0 ? 1 : 0); }
  };

  u32 preemptions_;
  std::vector<Node> path_;
  size_t at_ = 0;
  VisitedStates visited_;
  u64 transitions_ = 0;
  u64 merged_ = 0;
  u64 left_out_ = 0;
};

// Priorities of cpus; at a few points the one that goes first is put last.
class Priorities : public Chooser {
 public:
  Priorities(u64 seed, u32 changes, u64 decisions) : random_(seed, kStream) {
    for (u32 i = 0; i < changes; i++) changes_.push_back(random_.below(decisions + 1));
  }

  std::optional<size_t> choose(const Decision& decision) override {
    // Whoever waits for a cpu that has a low priority must not keep others waiting for good.
    if (random_.chance(1, kFairness)) return random_.below(decision.options.size());
    const size_t best = first_of(decision);
    if (std::find(changes_.begin(), changes_.end(), decision.number) == changes_.end()) return best;
    priorities_[decision.options[best].cpu] = --least_;
    return first_of(decision);
  }

 private:
  static constexpr u64 kStream = 7;
  static constexpr u64 kFairness = 100;

  size_t first_of(const Decision& decision) {
    size_t best = 0;
    for (size_t i = 1; i < decision.options.size(); i++) {
      const s64 priority = priority_of(decision.options[i].cpu);
      const s64 most = priority_of(decision.options[best].cpu);
      if (priority > most || (priority == most && random_.chance(1, 2))) best = i;
    }
    return best;
  }

  s64 priority_of(u32 cpu) {
    const auto found = priorities_.find(cpu);
    if (found != priorities_.end()) return found->second;
    return priorities_[cpu] = static_cast<s64>(random_.below(1U << 30U));
  }

  Random random_;
  std::vector<u64> changes_;
  std::map<u32, s64> priorities_;
  s64 least_ = 0;
};

// Leaves what happens by itself once in `rarity` decisions.
class Walk : public Chooser {
 public:
  explicit Walk(u64 seed) : random_(seed, kStream), rarity_(random_.between(1, kRarest)) {}

  std::optional<size_t> choose(const Decision& decision) override {
    return random_.chance(1, rarity_) ? random_.below(decision.options.size()) : 0;
  }

 private:
  static constexpr u64 kStream = 8;
  static constexpr u64 kRarest = 30;

  Random random_;
  u64 rarity_;
};

SearchReport search_bounded(const Model& model, NativeObject& object, const ExecutionLimits& limits,
                            u32 preemptions, const Bound& bound) {
  FibrePool fibres;
  DepthFirst chooser(preemptions);
  SearchReport report;
  do {
    if (report.executions == bound.executions || (bound.go_on && !bound.go_on())) break;
    Executed executed = execute(model, object, fibres, chooser, limits);
    report.executions++;
    report.depth = std::max(report.depth, executed.decisions);
    if (executed.violation) {
      report.violation = std::move(executed.violation);
      report.deviations = std::move(executed.deviations);
      break;
    }
    report.complete = !chooser.advance();
  } while (!report.complete);
  chooser.describe(report);
  return report;
}

}  // namespace

SearchReport search_all(const Model& model, NativeObject& object, const ExecutionLimits& limits,
                        const Bound& bound) {
  SearchReport sum;
  for (u32 preemptions = 0; preemptions <= bound.preemptions; preemptions++) {
    SearchReport report = search_bounded(model, object, limits, preemptions, bound);
    report.executions += sum.executions;
    report.transitions += sum.transitions;
    report.depth = std::max(report.depth, sum.depth);
    report.merged += sum.merged;
    sum = std::move(report);
    if (sum.violation || !sum.complete) break;
  }
  return sum;
}

Executed search_once(const Model& model, NativeObject& object, FibrePool& fibres,
                     const ExecutionLimits& limits, u64 seed, u32 changes) {
  if (seed % 3 == 0) {
    Walk walk(seed);
    return execute(model, object, fibres, walk, limits);
  }
  // Where the points may lie is known from an execution without any.
  Replayer plain({});
  Executed measured = execute(model, object, fibres, plain, limits);
  if (measured.violation) return measured;
  Priorities priorities(seed, changes, measured.decisions);
  return execute(model, object, fibres, priorities, limits);
}

Deviations shrink(const Model& model, NativeObject& object, const ExecutionLimits& limits,
                  const Deviations& deviations, Oracle oracle) {
  FibrePool fibres;
  using Pair = std::pair<u64, size_t>;
  std::vector<Pair> kept(deviations.begin(), deviations.end());
  u64 callbacks = 0;
  const auto still_violates = [&](const std::vector<Pair>& some) {
    Replayer replayer(Deviations(some.begin(), some.end()));
    const Executed executed = execute(model, object, fibres, replayer, limits);
    callbacks += executed.callbacks;
    return executed.violation && executed.violation->oracle == oracle;
  };
  for (size_t chunk = std::max<size_t>(1, kept.size() / 2);; chunk = (chunk + 1) / 2) {
    bool fewer = false;
    for (size_t at = 0; at < kept.size() && callbacks < kShrinkCallbacks;) {
      std::vector<Pair> rest(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(at));
      const size_t after = std::min(kept.size(), at + chunk);
      rest.insert(rest.end(), kept.begin() + static_cast<std::ptrdiff_t>(after), kept.end());
      if (still_violates(rest)) {
        kept = std::move(rest);
        fewer = true;
      } else {
        at += chunk;
      }
    }
    if (callbacks >= kShrinkCallbacks || (chunk == 1 && !fewer)) break;
  }
  return {kept.begin(), kept.end()};
}

}  // namespace scx_pair
