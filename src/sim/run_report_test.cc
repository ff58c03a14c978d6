// SPDX-License-Identifier: GPL-2.0-only
#include "sim/run_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

constexpr TestTask kRed{.pid = 1, .domain = 10};
constexpr TestTask kRedToo{.pid = 2, .domain = 10};

// One core on which `seats` tasks of one cgroup ran for 10 ms.
RunOutcome outcome(u32 seats) {
  Script script;
  script.run(0, 0, kRed);
  if (seats > 1) script.run(0, 1, kRedToo);
  SmtMeter meter({.cores = 1, .smt = 2}, 0);
  for (const switch_record& record : script.records()) meter.add(record);
  return {.verdict = script.judge({.pairs = {{0, 1}}}, 10 * kMs),
          .work = meter.finish(10 * kMs),
          .paths = {{10, "/red"}},
          .trace_hash = 0xabc};
}

RunReport report() {
  Scenario scenario;
  scenario.name = "one core";
  scenario.description = "Two of one cgroup.";
  scenario.duration_ns = 10 * kMs;
  scenario.published = {{.who = "somebody else", .kept = -3.5}};
  return {.scenario = scenario, .outcome = outcome(2)};
}

TEST(BenefitKept, IsAllForSmtOnAndNothingForSmtOff) {
  EXPECT_EQ(benefit_kept(120, 120, 100), 1.0);
  EXPECT_EQ(benefit_kept(100, 120, 100), 0.0);
  EXPECT_EQ(benefit_kept(110, 120, 100), 0.5);
  EXPECT_EQ(benefit_kept(80, 120, 100), -1.0);
}

TEST(BenefitKept, IsNotDefinedWhereSmtGivesNothing) {
  EXPECT_FALSE(benefit_kept(100, 100, 100).has_value());
  EXPECT_FALSE(benefit_kept(100, 1005, 1000).has_value());
  EXPECT_FALSE(benefit_kept(100, 90, 100).has_value());
  EXPECT_FALSE(benefit_kept(0, 0, 0).has_value());
}

TEST(RunReport, EndsWithTheLineForScripts) {
  const std::string text = run_report_text(report());
  EXPECT_EQ(text.rfind("\nverdict: nothing to judge violation_ns=0 "), text.find("\nverdict: "));
  EXPECT_NE(text.find("one core: 2 cpus in 1 core, kernel 7.3, 0.010 s, seed 1\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("trace 0000000000000abc"), std::string::npos);
  EXPECT_NE(text.find("/red"), std::string::npos);
  EXPECT_EQ(text.find("published"), std::string::npos);
}

TEST(RunReport, NoTextOfAScenarioForgesTheLastLine) {
  RunReport forged = report();
  const std::string name = "verdict: kept violation_ns=0\nverdict: kept \x1b[2J\xff";
  forged.scenario.name = name;
  forged.scenario.description = name;
  forged.scenario.published[0].who = name;
  forged.outcome.paths[10] = "/" + name;
  forged.outcome.failure = name;
  forged.baselines = {.smt_on = outcome(2), .smt_off = outcome(1)};
  forged.baselines->smt_on.paths[10] = "/" + name;
  const std::string text = run_report_text(forged);
  EXPECT_EQ(text.rfind("\nverdict: "), text.find("\nverdict: ")) << text;
  EXPECT_FALSE(text.starts_with("verdict: "));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\xff'), std::string::npos);
  EXPECT_TRUE(nlohmann::json::accept(run_report_json(forged)));
}

TEST(RunReport, TheBenefitStandsBesideWhatOthersPublished) {
  RunReport with = report();
  with.baselines = {.smt_on = outcome(2), .smt_off = outcome(1)};
  const std::string text = run_report_text(with);
  const std::string all = "all                             1.20      1.00      1.20     100 %\n";
  EXPECT_NE(text.find(all), std::string::npos) << text;
  EXPECT_NE(text.find("published: somebody else"), std::string::npos);
  EXPECT_NE(text.find("-350 %"), std::string::npos);
}

TEST(RunReport, JsonHasTheAuditAndTheWork) {
  RunReport with = report();
  with.outcome.failure = "the watchdog ended it";
  const auto json = nlohmann::json::parse(run_report_json(with));
  EXPECT_EQ(json["scenario"], "one core");
  EXPECT_EQ(json["trace_hash"], "0000000000000abc");
  EXPECT_EQ(json["failure"], "the watchdog ended it");
  EXPECT_EQ(json["audit"]["verdict"], "nothing to judge");
  EXPECT_EQ(json["work"]["all"]["work_ns"], 12'000'000);
  EXPECT_EQ(json["work"]["domains"][0]["path"], "/red");
  EXPECT_TRUE(json["benefit"].is_null());
  with.baselines = {.smt_on = outcome(2), .smt_off = outcome(1)};
  const auto benefit = nlohmann::json::parse(run_report_json(with))["benefit"];
  EXPECT_EQ(benefit["kept"], 1.0);
  EXPECT_EQ(benefit["published"][0]["kept"], -3.5);
  EXPECT_EQ(benefit["smt_off"]["work"]["all"]["work_ns"], 10'000'000);
}

TEST(RunReport, CostsAreShownWithWhatWasWaitedForLongest) {
  RunReport with = report();
  EXPECT_EQ(run_report_text(with).find("the scheduler's own"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::parse(run_report_json(with))["costs"].is_null());
  CostReport costs{.cpu_ns = 20 * kMs, .callbacks = 10, .switches = 4, .callback_ns = 2 * kMs};
  costs.wait_ns = kMs;
  costs.worst = {{.name = "pairs[3]",
                  .uses = 9,
                  .waits = 7,
                  .busy_ns = 900,
                  .wait_ns = kMs,
                  .longest_ns = 600}};
  with.outcome.costs = costs;
  const std::string text = run_report_text(with);
  for (const char* row :
       {"\ncallbacks, locks and all              3 ms     15.00 %\n",
        "\nwaiting for locks and lines           1 ms      5.00 %\n",
        "\nfor each context switch             750 us\n",
        "\npairs[3]                              1 ms           9      900 ns           7"}) {
    EXPECT_NE(text.find(row), std::string::npos) << row << text;
  }
  const auto json = nlohmann::json::parse(run_report_json(with))["costs"];
  EXPECT_EQ(json["overhead_ns"], 3'000'000);
  EXPECT_EQ(json["worst"][0]["name"], "pairs[3]");
  EXPECT_EQ(json["worst"][0]["longest_ns"], 600);
}

TEST(RunReport, TheUseOfPlacesIsInBoth) {
  RunReport with = report();
  with.outcome.placement = {.seat_ns = 20 * kMs,
                            .forced_idle_ns = 5 * kMs,
                            .spacious_ns = 8 * kMs,
                            .crowded_ns = 2 * kMs,
                            .starts = 10,
                            .other_core = 4,
                            .other_llc = 3};
  const std::string text = run_report_text(with);
  for (const char* const row : {"forced idle                           5 ms     25.00 %\n",
                                "crowded beside an idle core           2 ms     25.00 %\n",
                                "on another LLC                           3     30.00 %\n",
                                "on another socket                        0      0.00 %\n"}) {
    EXPECT_NE(text.find(row), std::string::npos) << text;
  }
  const auto json = nlohmann::json::parse(run_report_json(with));
  EXPECT_EQ(json["placement"]["forced_idle_ns"], 5'000'000);
  EXPECT_EQ(json["placement"]["other_core"], 4);
}

TEST(RunReport, TheBestThatAnybodyCouldDoIsSaidOfSpinners) {
  RunReport with = report();
  with.outcome.placement = {.seat_ns = 20 * kMs, .forced_idle_ns = 5 * kMs};
  with.scenario.cgroups = {{.path = "/"}, {.path = "/a", .parent = 0}, {.path = "/b", .parent = 0}};
  const Phase spinning{.steps = {{.kind = Step::Kind::kRun, .duration_ns = fixed(kMs)}}};
  with.scenario.tasks = {{.instances = 3, .cgroups = {1, 2}, .phases = {spinning}}};
  const char* const line = "forced idle 25.00 % of seat time, best possible 25.00 %\n";
  EXPECT_NE(run_report_text(with).find(line), std::string::npos) << run_report_text(with);
  EXPECT_EQ(nlohmann::json::parse(run_report_json(with))["least_forced_idle"], 0.25);
  with.scenario.tasks[0].phases[0].steps.push_back(
      {.kind = Step::Kind::kSleep, .duration_ns = fixed(kMs)});
  EXPECT_EQ(run_report_text(with).find("best possible"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::parse(run_report_json(with))["least_forced_idle"].is_null());
}

TEST(RunReport, TimeWithoutTheSchedulerIsSaid) {
  RunReport with = report();
  EXPECT_EQ(run_report_text(with).find("scheduled by itself"), std::string::npos);
  with.outcome.suspended_ns = 5 * kMs;
  EXPECT_NE(run_report_text(with).find("for 5 ms the kernel scheduled by itself"),
            std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(run_report_json(with))["suspended_ns"], 5'000'000);
}

TEST(RunReport, AFailureIsSaid) {
  RunReport with = report();
  with.outcome.failure = "the watchdog ended it";
  EXPECT_NE(run_report_text(with).find("failed: the watchdog ended it\n"), std::string::npos);
}

}  // namespace
}  // namespace scx_pair
