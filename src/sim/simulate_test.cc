// SPDX-License-Identifier: GPL-2.0-only
#include "sim/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <sstream>

#include "sim/machine.h"
#include "sim/replay.h"
#include "sim/scenario_file.h"
#include "sim/share_plot.h"

namespace scx_pair {
namespace {

Scenario scenario_of(const std::string& text) {
  Result<Scenario> scenario = parse_scenario(text, "s.json");
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().what);
  return scenario ? *scenario : Scenario{};
}

Scenario scenario_in(const std::string& file) {
  Result<Scenario> scenario = read_scenario(std::string(SCX_PAIR_SCENARIOS) + "/" + file);
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().what);
  return scenario ? *scenario : Scenario{};
}

RunOutcome run(const Scenario& scenario, Contender contender, std::ostream* trace = nullptr) {
  Result<NativeObject> object = load_contender(contender);
  EXPECT_TRUE(object.has_value()) << (object ? "" : object.error().what);
  Result<RunOutcome> outcome = simulate(scenario, *object, {.trace = trace});
  EXPECT_TRUE(outcome.has_value());
  return std::move(*outcome);
}

class Recorder : public Observer {
 public:
  void on_record(const switch_record& record) override { recording.records.push_back(record); }

  Recording recording;
};

constexpr const char* kTwoTenants = R"({
  "global": {"duration": 0.5, "warmup": 0.1},
  "topology": {"cores": 2, "speed": [1, 0.6]},
  "cgroups": {"/a": {"cpu.weight": 300}, "/b": {}},
  "tasks": {"spin": {"instance": 8, "cgroup": ["/a", "/b"], "run": "1ms"}}})";

TEST(Simulate, TheReferenceUsesEveryCpuAndKeepsNobodyApart) {
  const RunOutcome outcome = run(scenario_of(kTwoTenants), Contender::kReference);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.verdict.ruling, Ruling::kBroken);
  const TotalVerdict& total = outcome.verdict.total;
  EXPECT_GT(total.busy_ns, total.cpu_ns_available * 99 / 100);
  // Four threads, each beside a busy one: 4 * 0.6 in each second of four tenths.
  EXPECT_NEAR(static_cast<double>(outcome.work.users.work_ns), 0.4e9 * 2.4, 0.01e9);
}

TEST(Simulate, TheReferenceSharesByWeight) {
  const RunOutcome outcome = run(scenario_of(kTwoTenants), Contender::kReference);
  std::map<std::string, u64> cpu_ns;
  for (const auto& [domain, work] : outcome.work.domains) {
    cpu_ns[outcome.paths.at(domain)] = work.cpu_ns;
  }
  EXPECT_NEAR(static_cast<double>(cpu_ns["/a"]) / static_cast<double>(cpu_ns["/b"]), 3, 0.3);
}

TEST(Simulate, TheReferenceWithoutSmtHasOneThreadACore) {
  Result<Baselines> baselines = simulate_baselines(scenario_of(kTwoTenants));
  ASSERT_TRUE(baselines.has_value());
  EXPECT_EQ(baselines->smt_off.verdict.ruling, Ruling::kNothing);
  EXPECT_NEAR(static_cast<double>(baselines->smt_off.work.users.work_ns), 0.4e9 * 2, 0.01e9);
  EXPECT_NEAR(static_cast<double>(baselines->smt_on.work.users.work_ns), 0.4e9 * 2.4, 0.01e9);
}

TEST(Simulate, OursKeepsThePromiseAndMostOfTheBenefit) {
  const Scenario scenario = scenario_of(kTwoTenants);
  const RunOutcome outcome = run(scenario, Contender::kScxPair);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.verdict.ruling, Ruling::kKept);
  Result<Baselines> baselines = simulate_baselines(scenario);
  ASSERT_TRUE(baselines.has_value());
  const auto kept = benefit_kept(outcome.work.users.work_ns, baselines->smt_on.work.users.work_ns,
                                 baselines->smt_off.work.users.work_ns);
  ASSERT_TRUE(kept.has_value());
  EXPECT_GT(*kept, 0.9);
  EXPECT_LT(*kept, 1.01);
}

TEST(Simulate, OneSeedTwiceGivesOneTraceAndOneReport) {
  const Scenario scenario = scenario_of(kTwoTenants);
  std::ostringstream first;
  std::ostringstream second;
  const RunReport report{.scenario = scenario,
                         .outcome = run(scenario, Contender::kScxPair, &first)};
  const RunReport again{.scenario = scenario,
                        .outcome = run(scenario, Contender::kScxPair, &second)};
  EXPECT_EQ(first.str(), second.str());
  EXPECT_GT(first.str().size(), 1000U);
  EXPECT_EQ(run_report_json(report), run_report_json(again));
}

TEST(Simulate, ThePlotIsOfTheTimeThatTheJudgeSawAndTheSameEachTime) {
  const Scenario scenario = scenario_of(kTwoTenants);
  Result<NativeObject> object = load_contender(Contender::kScxPair);
  ASSERT_TRUE(object.has_value());
  ShareHistory shares;
  Result<RunOutcome> outcome = simulate(scenario, *object, {.shares = &shares});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(shares.idle_ns.size(), 200U);
  for (const DomainVerdict& domain : outcome->verdict.domains) {
    const std::vector<u64>& cpu_ns = shares.domains.at(domain.id).cpu_ns;
    EXPECT_EQ(std::accumulate(cpu_ns.begin(), cpu_ns.end(), u64{0}), domain.cpu_ns);
  }
  const u64 forced_idle_ns =
      std::accumulate(shares.forced_idle_ns.begin(), shares.forced_idle_ns.end(), u64{0});
  EXPECT_EQ(forced_idle_ns, outcome->verdict.total.forced_idle_ns);
  const std::string svg = share_plot_svg(scenario, outcome->paths, shares);
  EXPECT_NE(svg.find(">entitled</text>"), std::string::npos);
  ShareHistory again;
  ASSERT_TRUE(simulate(scenario, *object, {.shares = &again}).has_value());
  EXPECT_EQ(svg, share_plot_svg(scenario, outcome->paths, again));
}

TEST(Simulate, TimeInWhichTheKernelSchedulesByItselfIsMeasured) {
  Scenario scenario = scenario_of(kTwoTenants);
  EXPECT_EQ(run(scenario, Contender::kScxPair).suspended_ns, 0U);
  scenario.faults.push_back({.kind = Fault::Kind::kBypass, .at_ns = 200'000'000});
  scenario.faults.back().run_ns.value = 20'000'000;
  EXPECT_EQ(run(scenario, Contender::kScxPair).suspended_ns, 20'000'000U);
}

// A recording of a run, replayed under the same scheduler, is about the same run.
TEST(Simulate, ARecordedRunCanBeReplayed) {
  const Scenario scenario = scenario_in("vm/sleepers.json");
  Result<NativeObject> object = load_contender(Contender::kScxPair);
  ASSERT_TRUE(object.has_value());
  Machine machine(scenario, *object);
  Recorder recorder;
  machine.observe(recorder);
  machine.run();
  recorder.recording.info = {.pairs = pairs_of(scenario.shape),
                             .start_ns = kBootNs + 500'000'000,
                             .end_ns = kBootNs + 1'500'000'000,
                             .lost = 0,
                             .kernel = "7.3"};
  Result<Scenario> replay = scenario_of_recording(recorder.recording, "recording");
  ASSERT_TRUE(replay.has_value()) << replay.error().what;
  EXPECT_EQ(replay->tasks.size(), 9U);
  // What interrupts and switches cost is not in a recording.
  replay->kernel = scenario.kernel;
  Scenario original = scenario;
  original.duration_ns = 1'000'000'000;
  original.warmup_ns = 0;
  const RunOutcome first = run(original, Contender::kScxPair);
  const RunOutcome second = run(*replay, Contender::kScxPair);
  EXPECT_EQ(second.failure, "");
  const auto near = [](u64 expected, u64 found) {
    EXPECT_NEAR(static_cast<double>(found), static_cast<double>(expected),
                0.1 * static_cast<double>(expected));
  };
  near(first.work.users.cpu_ns, second.work.users.cpu_ns);
  near(first.verdict.total.forced_idle_ns, second.verdict.total.forced_idle_ns);
  near(first.switches, second.switches);
}

TEST(Simulate, TheRowsOfTheRealKernelsKeepThePromise) {
  for (const char* row : {"spinners", "sleepers", "sleepers-apart", "pinned", "hackbench"}) {
    Scenario scenario = scenario_in(std::string("vm/") + row + ".json");
    scenario.duration_ns = 1'000'000'000;
    const RunOutcome outcome = run(scenario, Contender::kScxPair);
    EXPECT_EQ(outcome.failure, "") << row;
    EXPECT_EQ(outcome.verdict.ruling, Ruling::kKept) << row;
  }
}

TEST(Simulate, ARunThatIsStoppedIsJudgedUpToThereAndItsTraceIsWhole) {
  const Scenario scenario = scenario_of(kTwoTenants);
  Result<NativeObject> object = load_contender(Contender::kScxPair);
  ASSERT_TRUE(object.has_value());
  std::ostringstream trace;
  const u64 half_ns = (scenario.duration_ns + scenario.warmup_ns) / 2;
  Result<RunOutcome> outcome =
      simulate(scenario, *object,
               {.trace = &trace, .go_on = [half_ns](u64 time_ns) { return time_ns < half_ns; }});
  ASSERT_TRUE(outcome.has_value());
  ASSERT_TRUE(outcome->stopped_ns.has_value());
  EXPECT_GE(*outcome->stopped_ns, half_ns);
  EXPECT_LT(*outcome->stopped_ns, scenario.duration_ns);
  EXPECT_EQ(outcome->verdict.ruling, Ruling::kKept);
  EXPECT_TRUE(trace.str().ends_with("\n]}\n"));
  EXPECT_NE(run_report_text({.scenario = scenario, .outcome = *outcome, .baselines = {}})
                .find("stopped by a signal after"),
            std::string::npos);
}

TEST(Simulate, ARunThatIsStoppedBeforeItsWindowIsNotJudged) {
  Scenario scenario = scenario_of(kTwoTenants);
  scenario.warmup_ns = scenario.duration_ns / 2;
  Result<NativeObject> object = load_contender(Contender::kScxPair);
  ASSERT_TRUE(object.has_value());
  Result<RunOutcome> outcome =
      simulate(scenario, *object, {.go_on = [](u64 /*time_ns*/) { return false; }});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->verdict.ruling, Ruling::kInconclusive);
}

}  // namespace
}  // namespace scx_pair
