// SPDX-License-Identifier: GPL-2.0-only
//
// Tries a natively compiled scheduler before every judge of the simulator, the quick ones first:
//   convict COARSE FINE
// where FINE is the same scheduler with every plain access announced. Prints one line, which says
// who convicts it of what, or "acquitted". Exit status 1 when it is convicted, 0 when not.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "sim/explore/regression_seeds.h"
#include "sim/explore/search.h"
#include "sim/generate.h"
#include "sim/machine_test_support.h"

namespace scx_pair {
namespace {

// What the scheduler itself is convicted of in this model's orders is known; see explore_test.cc.
constexpr const char* kUnmended = "trusted";
constexpr Bound kOneOrder{0, 1};
constexpr Bound kManyOrders{1, 400};
constexpr u64 kRandomOrders = 60;
constexpr u64 kRandomScenarios = 60;

// Who convicts of what; nothing: nobody does.
using Finding = std::optional<std::string>;

struct Accused {
  NativeObject coarse;
  NativeObject fine;
  FibrePool fibres;
};

std::string sentence(const std::string& where, const Violation& violation) {
  return fmt::format("{} {}: {}", where, name_of(violation.oracle), violation.what);
}

Finding search_models(Accused& accused, const Bound& bound) {
  for (const Model& model : closed_models()) {
    if (bound.preemptions > 0 && model.name == kUnmended) continue;
    const SearchReport report = search_all(model, accused.coarse, {}, bound);
    if (!report.violation) continue;
    return sentence(fmt::format("explore {}/{}", model.name, text_of(report.deviations)),
                    *report.violation);
  }
  return std::nullopt;
}

Finding replay_what_was_found_once(Accused& accused) {
  for (const Found& found : kFoundOnce) {
    NativeObject& object = found.grain == Grain::kMemory ? accused.fine : accused.coarse;
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

Finding search_at_random(Accused& accused) {
  const ExecutionLimits limits{.grain = Grain::kMemory, .conserving = false};
  for (u64 seed = 1; seed <= kRandomOrders; seed++) {
    const Model model = random_model(seed);
    const Executed executed = search_once(model, accused.fine, accused.fibres, limits, seed);
    if (executed.violation) return sentence("explore " + model.name, *executed.violation);
  }
  return std::nullopt;
}

bool suspends_the_promise(const Fault& fault) {
  return fault.kind == Fault::Kind::kOffline || fault.kind == Fault::Kind::kReload ||
         fault.kind == Fault::Kind::kBypass;
}

Finding judge_scenarios(Accused& accused) {
  for (u64 seed = 1; seed <= kRandomScenarios; seed++) {
    Scenario scenario = generate_scenario(seed);
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

Finding try_before_all(Accused& accused) {
  const std::vector<std::function<Finding(Accused&)>> judges = {
      [](Accused& one) { return search_models(one, kOneOrder); },
      replay_what_was_found_once,
      [](Accused& one) { return search_models(one, kManyOrders); },
      search_at_random,
      judge_scenarios,
  };
  for (const auto& judge : judges) {
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
  if (argc != 3) {
    fmt::print(stderr, "usage: convict COARSE FINE\n");
    return 2;
  }
  Accused accused{.coarse = opened(argv[1]), .fine = opened(argv[2]), .fibres = {}};
  const Finding finding = try_before_all(accused);
  fmt::print("{}\n", finding.value_or("acquitted"));
  return finding ? 1 : 0;
}
