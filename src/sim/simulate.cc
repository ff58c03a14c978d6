// SPDX-License-Identifier: GPL-2.0-only
#include "sim/simulate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "audit/judge.h"
#include "reference_native.h"
#include "scx_pair_native.h"
#include "sim/baseline.h"
#include "sim/machine.h"
#include "sim/placement_observer.h"
#include "sim/share_plot.h"

namespace scx_pair {
namespace {

// Records of one instant come in the order of their causes, so that none is late; the judge only
// has to be told now and then how far it may go.
constexpr u64 kAdvanceEvery = 4096;

JudgeConfig judge_config(const Scenario& scenario) {
  JudgeConfig config;
  config.pairs = pairs_of(scenario.shape);
  config.window_start_ns = kBootNs + scenario.warmup_ns;
  return config;
}

// Hands what happens to all who want to know.
class Distributor : public Observer {
 public:
  Distributor(const Scenario& scenario, const Kernel& kernel, ChromeTrace* trace,
              ShareMeter* shares)
      : kernel_(kernel),
        judge_(judge_config(scenario)),
        meter_(scenario.shape, kBootNs + scenario.warmup_ns),
        trace_(trace),
        shares_(shares) {
    judge_.add_suspension(kBootNs);  // a scheduler is loading when the machine starts
  }

  void on_record(const switch_record& record) override {
    judge_.add(record);
    if (++records_ % kAdvanceEvery == 0) judge_.advance(record.time_ns);
    meter_.add(record);
    if (trace_ != nullptr) trace_->add(record);
    if (shares_ != nullptr) shares_->add(record);
  }
  void on_kick(u64 time_ns, u32 from, u32 to, bool preempt) override {
    if (trace_ != nullptr) trace_->add_kick(time_ns, from, to, preempt);
  }

  void after_event(const Event& /*event*/) override {
    const bool suspended = kernel_.loading != Loading::kEnabled || kernel_.bypass_depth > 0;
    if (suspended == suspended_) return;
    suspended_ = suspended;
    if (suspended) {
      judge_.add_suspension(kernel_.now_ns);
    } else {
      judge_.add_resumption(kernel_.now_ns);
    }
  }

  void finish(u64 end_ns, RunOutcome& outcome) {
    outcome.verdict = judge_.finish(end_ns, 0);
    outcome.suspended_ns = outcome.verdict.suspended_ns;
    outcome.work = meter_.finish(end_ns);
  }

 private:
  const Kernel& kernel_;
  bool suspended_ = true;
  Judge judge_;
  SmtMeter meter_;
  ChromeTrace* trace_;
  ShareMeter* shares_;
  u64 records_ = 0;
};

// The groups of the scenario come first, in their order; those made during the run have no name.
std::string path_of(const Kernel& kernel, u64 domain) {
  for (const Group& group : kernel.groups) {
    if (group.node.id != domain || group.index >= kernel.scenario.cgroups.size()) continue;
    return kernel.scenario.cgroups[group.index].path;
  }
  return "made on the way";
}

std::map<u64, std::string> paths_of(const Kernel& kernel) {
  std::map<u64, std::string> paths;
  for (const Group& group : kernel.groups) {
    if (group.index >= kernel.scenario.cgroups.size()) continue;
    paths[group.node.id] = kernel.scenario.cgroups[group.index].path;
  }
  return paths;
}

// Events are some microseconds of work each.
constexpr u64 kEventsBetweenQuestions = 1024;

void run(Machine& machine, const GoOn& go_on) {
  for (u64 events = 0; !machine.done(); events++) {
    if (go_on && events % kEventsBetweenQuestions == 0 && !go_on(machine.outcome().ended_ns)) break;
    machine.step();
  }
}

}  // namespace

Result<NativeObject> load_contender(Contender contender) {
  return NativeObject::from_bytes(contender == Contender::kScxPair ? scx_pair_native()
                                                                   : reference_native());
}

Result<RunOutcome> simulate(const Scenario& scenario, NativeObject& object,
                            const RunWishes& wishes) {
  Machine machine(scenario, object);
  const Kernel& kernel = std::as_const(machine).kernel();
  std::optional<ChromeTrace> chrome;
  if (wishes.trace != nullptr) {
    chrome.emplace(ChromeTrace::Config{.shape = scenario.shape,
                                       .origin_ns = kBootNs,
                                       .path_of = [&kernel](u64 d) { return path_of(kernel, d); }},
                   *wishes.trace);
  }
  std::optional<ShareMeter> share_meter;
  if (wishes.shares != nullptr) {
    share_meter.emplace(scenario.shape, kBootNs + scenario.warmup_ns, plot_column_ns(scenario));
  }
  Distributor distributor(scenario, kernel, chrome ? &*chrome : nullptr,
                          share_meter ? &*share_meter : nullptr);
  PlacementObserver placement(kernel);
  machine.observe(distributor);
  machine.observe(placement);
  run(machine, wishes.go_on);
  const Outcome ended = machine.outcome();
  const u64 end_ns = kBootNs + std::max(ended.ended_ns, scenario.warmup_ns);
  RunOutcome outcome;
  distributor.finish(end_ns, outcome);
  if (share_meter) *wishes.shares = share_meter->finish(end_ns);
  outcome.placement = placement.finish(end_ns);
  outcome.paths = paths_of(kernel);
  outcome.trace_hash = ended.trace_hash;
  outcome.events = ended.counters.events;
  outcome.callbacks = ended.counters.callbacks;
  outcome.switches = ended.counters.switches;
  outcome.kicks = ended.counters.kicks;
  outcome.reloads = ended.counters.reloads;
  outcome.costs = machine.cost_report();
  outcome.failure = ended.failure;
  if (!machine.done()) outcome.stopped_ns = ended.ended_ns;
  // Nothing of the window was seen.
  if (ended.ended_ns <= scenario.warmup_ns) outcome.verdict.ruling = Ruling::kInconclusive;
  if (chrome) {
    Status written = chrome->finish(end_ns);
    if (!written) return std::move(written.error());
  }
  return outcome;
}

Result<Baselines> simulate_baselines(const Scenario& scenario, const GoOn& go_on) {
  Result<NativeObject> reference = load_contender(Contender::kReference);
  if (!reference) return std::move(reference.error());
  Result<RunOutcome> on = simulate(scenario, *reference, {.go_on = go_on});
  if (!on) return std::move(on.error());
  Result<RunOutcome> off = simulate(without_smt(scenario), *reference, {.go_on = go_on});
  if (!off) return std::move(off.error());
  return Baselines{.smt_on = std::move(*on), .smt_off = std::move(*off)};
}

}  // namespace scx_pair
