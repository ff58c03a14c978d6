// SPDX-License-Identifier: GPL-2.0-only
//
// Tries a natively compiled scheduler before the simulator's judges:
//   convict quick COARSE
//   convict deep COARSE FINE
//   convict itself COARSE FINE
// where FINE is the same scheduler with every plain access announced. The quick judges take
// seconds, the deep ones minutes; for the scheduler itself they leave out what the bounded search
// of every check goes through, which is more. Prints one line, which says who convicts it of what,
// or "acquitted". Exit status 1 when it is convicted, 0 when not.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "sim/explore/regression_seeds.h"
#include "sim/explore/search.h"
#include "sim/fairness_judges.h"
#include "sim/generate.h"
#include "sim/liveness_judges.h"
#include "sim/machine_test_support.h"
#include "sim/restricted_judges.h"

namespace scx_pair {
namespace {

const Bound kOneOrder{0, 1};
const Bound kManyOrders{1, 400};
const Bound kTwicePreempted{2, 3000};
const Bound kFineOrders{1, 350};
// Of a model that can meet a race of plain accesses, some four orders of a hundred do.
constexpr u64 kSmallOrders = 150;
constexpr u64 kRandomOrders = 100;
constexpr u64 kRandomScenarios = 60;

// Who convicts of what; nothing: nobody does.
using Finding = std::optional<std::string>;

struct Accused {
  NativeObject coarse;
  std::optional<NativeObject> fine;  // for the deep judges only
  FibrePool fibres;

  NativeObject& of(Grain grain) { return grain == Grain::kMemory ? *fine : coarse; }
};

std::string sentence(const std::string& where, const Violation& violation) {
  return fmt::format("{} {}: {}", where, name_of(violation.oracle), violation.what);
}

Finding search_models(Accused& accused, Grain grain, const Bound& bound) {
  NativeObject& object = accused.of(grain);
  for (const Model& model : closed_models()) {
    const SearchReport report = search_all(model, object, {.grain = grain}, bound);
    if (!report.violation) continue;
    return sentence(fmt::format("explore {}/{}", model.name, text_of(report.deviations)),
                    *report.violation);
  }
  return std::nullopt;
}

Finding replay_what_was_found_once(Accused& accused) {
  for (const Found& found : kFoundOnce) {
    NativeObject& object = accused.of(found.grain);
    const ExecutionLimits limits{.grain = found.grain, .conserving = found.judged == Judged::kAll};
    const Model model = random_model(found.seed);
    Replayer plain({});
    Executed executed = execute(model, object, accused.fibres, plain, limits);
    if (!executed.violation) {
      executed = search_once(model, object, accused.fibres, limits, found.seed);
    }
    if (executed.violation) return sentence("explore " + model.name, *executed.violation);
  }
  return std::nullopt;
}

Finding try_an_order(Accused& accused, const Model& model, u64 seed, bool conserving) {
  const ExecutionLimits limits{.grain = Grain::kMemory, .conserving = conserving};
  const Executed executed = search_once(model, *accused.fine, accused.fibres, limits, seed);
  if (!executed.violation) return std::nullopt;
  return sentence(fmt::format("explore {} at random {}", model.name, seed), *executed.violation);
}

// Each model a little at a time: most that can be met at random are met in the first tenth. In the
// small models nobody may idle beside work; in one of thousands of others somebody does.
Finding search_at_random(Accused& accused) {
  const std::vector<Model> models = closed_models();
  for (u64 seed = 1; seed <= kSmallOrders; seed++) {
    for (const Model& model : models) {
      if (Finding finding = try_an_order(accused, model, seed, true)) return finding;
    }
  }
  for (u64 seed = 1; seed <= kRandomOrders; seed++) {
    if (Finding finding = try_an_order(accused, random_model(seed), seed, false)) return finding;
  }
  return std::nullopt;
}

bool suspends_the_promise(const Fault& fault) {
  return fault.kind == Fault::Kind::kOffline || fault.kind == Fault::Kind::kReload ||
         fault.kind == Fault::Kind::kBypass;
}

Finding judge_scenarios(Accused& accused, const GenerateLimits& limits, u64 seeds) {
  for (u64 seed = 1; seed <= seeds; seed++) {
    Scenario scenario = generate_scenario(seed, limits);
    std::erase_if(scenario.faults, suspends_the_promise);
    const JudgedRun run = run_of(scenario, accused.coarse);
    if (!run.outcome.failure.empty()) {
      return fmt::format("sim scenario {}: {}", seed, run.outcome.failure);
    }
    const u64 violation_ns = run.verdict.total.overlap.violation.ns;
    if (violation_ns > 0) {
      return fmt::format("sim scenario {}: the judge saw {} ns of violation", seed, violation_ns);
    }
  }
  return std::nullopt;
}

// A domain that sleeps is owed the pair when it wakes, also just after another's turn has begun.
// Without a kick that preempts it would wait for the end of a slice, which is more than twice this.
Finding judge_promptness(Accused& accused) {
  constexpr u64 kLongestWaitNs = 2 * kMs;
  Scenario scenario = small_scenario(1, 3);
  // New tasks are owed nothing.
  scenario.warmup_ns = 100 * kMs;
  scenario.tasks = {spinners("hog", 2, 1),
                    tasks_doing("short", 1, 2, {run_step(100 * kUs), sleep_step(7 * kMs)}),
                    tasks_doing("other", 1, 3, {run_step(100 * kUs), sleep_step(5 * kMs)})};
  const JudgedRun run = run_of(scenario, accused.coarse);
  u64 longest_ns = 0;
  for (const DomainVerdict& domain : run.verdict.domains) {
    longest_ns = std::max(longest_ns, domain.wake.max_ns);
  }
  if (longest_ns <= kLongestWaitNs) return std::nullopt;
  return fmt::format("sim promptness: a task that woke has waited for {} us", longest_ns / kUs);
}

// No switch tells of a task that runs before the scheduler comes.
Finding judge_loading(Accused& accused) {
  const JudgedRun run = run_of(real_time_through_a_reload(0, TaskPolicy::kFifo), accused.coarse);
  const std::optional<Episode>& longest = run.verdict.total.overlap.higher.longest;
  if (!longest || longest->length_ns <= kReloadMostNs) return std::nullopt;
  return fmt::format("sim loading: strangers beside a real-time task for {} ms",
                     longest->length_ns / kMs);
}

Finding judge_fairness(Accused& accused) {
  for (const std::vector<FairnessJudge>& judges :
       {fairness_judges(), liveness_judges(), restricted_judges()}) {
    for (const FairnessJudge& judge : judges) {
      if (Finding finding = judge.judge(accused.coarse)) {
        return fmt::format("sim {}: {}", judge.name, *finding);
      }
    }
  }
  return std::nullopt;
}

using JudgeOf = std::function<Finding(Accused&)>;

std::vector<JudgeOf> quick_judges() {
  return {
      [](Accused& one) { return search_models(one, Grain::kSync, kOneOrder); },
      judge_promptness,
      judge_loading,
      judge_fairness,
  };
}

std::vector<JudgeOf> deep_judges(bool itself) {
  std::vector<JudgeOf> judges = {
      replay_what_was_found_once,
      [](Accused& one) { return search_models(one, Grain::kSync, kManyOrders); },
      search_at_random,
      [](Accused& one) { return judge_scenarios(one, {.controls = false}, kRandomScenarios); },
      [](Accused& one) { return judge_scenarios(one, {}, kRandomScenarios / 4); },
      [](Accused& one) { return search_models(one, Grain::kMemory, kFineOrders); },
  };
  if (!itself) {
    judges.emplace_back(
        [](Accused& one) { return search_models(one, Grain::kSync, kTwicePreempted); });
  }
  return judges;
}

Finding try_before(const std::vector<JudgeOf>& judges, Accused& accused) {
  for (const JudgeOf& judge : judges) {
    if (Finding finding = judge(accused)) return finding;
  }
  return std::nullopt;
}

NativeObject opened(const char* path) {
  auto object = NativeObject::open(path);
  if (!object) {
    fmt::print(stderr, "{}\n", object.error().what);
    std::exit(2);
  }
  return std::move(*object);
}

}  // namespace
}  // namespace scx_pair

int main(int argc, char** argv) {
  using namespace scx_pair;
  const std::string_view judges = argc > 1 ? argv[1] : "";
  const bool quick = judges == "quick" && argc == 3;
  const bool itself = judges == "itself";
  const bool deep = (judges == "deep" || itself) && argc == 4;
  if (!quick && !deep) {
    fmt::print(stderr,
               "usage: convict quick COARSE\n"
               "       convict deep COARSE FINE\n"
               "       convict itself COARSE FINE\n");
    return 2;
  }
  Accused accused{.coarse = opened(argv[2]), .fine = std::nullopt, .fibres = {}};
  if (deep) accused.fine.emplace(opened(argv[3]));
  const Finding finding = try_before(quick ? quick_judges() : deep_judges(itself), accused);
  fmt::print("{}\n", finding.value_or("acquitted"));
  return finding ? 1 : 0;
}
