// SPDX-License-Identifier: GPL-2.0-only
#include "audit/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "audit/judge_test_support.h"
#include "audit/timeline.h"

namespace scx_pair {
namespace {

constexpr u64 kStart = 10 * kMs;
constexpr u64 kEnd = 30 * kMs;
constexpr TestTask kAlice{.pid = 101, .domain = 70};
constexpr TestTask kAlsoAlice{.pid = 102, .domain = 70};
constexpr TestTask kBob{.pid = 201, .domain = 80};
constexpr TestTask kRoot{.pid = 301, .domain = ROOT_DOMAIN};
constexpr TestTask kKthread{.pid = 12, .domain = ROOT_DOMAIN, .task_class = CLASS_KERNEL};

// 20 ms: Alice on cpu 0 throughout; on cpu 1 nobody, Bob for 5 ms, a kernel thread, the root.
Verdict sample(u64 timeline_ns = 0) {
  Script script;
  script.run(1 * kMs, 0, kAlice).run(15 * kMs, 1, kBob).run(20 * kMs, 1, kKthread);
  script.run(25 * kMs, 1, kIdle);
  return script.judge(
      {.pairs = {{0, 1}}, .window_start_ns = kStart, .tasks_max = -1, .timeline_ns = timeline_ns},
      kEnd);
}

ReportContext context() {
  ReportContext context;
  context.scheduler = "a test";
  context.paths = {{ROOT_DOMAIN, "/"}, {80, "/alpha"}};
  context.command_status = 3;
  return context;
}

TEST(Report, TheLastLineIsForScripts) {
  EXPECT_EQ(verdict_line(sample()),
            "verdict: broken violation_ns=5000000 both_busy_ns=10000000 higher_ns=0 move_ns=0 "
            "lost=0 both_higher_ns=0 suspended_violation_ns=0 suspended_ns=0");
}

TEST(Report, AKeptRunSaysSoWithTheSameKeys) {
  Script script;
  script.run(1 * kMs, 0, kAlice).run(1 * kMs, 1, kAlsoAlice).run(20 * kMs, 0, kIdle);
  script.run(20 * kMs, 1, kBob);
  EXPECT_EQ(verdict_line(script.judge({.pairs = {{0, 1}}, .window_start_ns = kStart}, kEnd)),
            "verdict: kept violation_ns=0 both_busy_ns=10000000 higher_ns=0 move_ns=0 lost=0 "
            "both_higher_ns=0 suspended_violation_ns=0 suspended_ns=0");
}

TEST(Report, ARunWithNothingToJudgeSaysSoAndWhy) {
  Script script;
  script.run(1 * kMs, 0, kAlice);
  const Verdict verdict = script.judge({.pairs = {{0, 1}}, .window_start_ns = kStart}, kEnd);
  EXPECT_TRUE(verdict_line(verdict).starts_with("verdict: nothing to judge violation_ns=0 "));
  EXPECT_NE(report_text(verdict, context()).find("nothing to judge: tasks of fewer than two"),
            std::string::npos);
  const auto json = nlohmann::json::parse(report_json(verdict, context()));
  EXPECT_EQ(json["verdict"], "nothing to judge");
  EXPECT_EQ(json["reason"], verdict.reason);
  EXPECT_TRUE(nlohmann::json::parse(report_json(sample(), context()))["reason"].is_null());
}

TEST(Report, TheTextNamesTheTwoTasksOfTheLongestViolation) {
  const std::string text = report_text(sample(), context());
  EXPECT_NE(text.find("longest violation: 5 ms at 0.005000 s, cpu 0 task101[101] of cgroup 70 "
                      "beside cpu 1 task201[201] of /alpha"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("the command ended with status 3"), std::string::npos);
}

TEST(Report, TheTextSaysWhatCouldNotBeSeen) {
  Verdict verdict = sample();
  EXPECT_EQ(report_text(verdict, context()).find("note:"), std::string::npos);
  verdict.sees_moves = false;
  verdict.lost = 4;
  const std::string text = report_text(verdict, context());
  EXPECT_NE(text.find("does not tell when a running task changes its cgroup"), std::string::npos);
  EXPECT_NE(text.find("4 records were lost"), std::string::npos);
}

TEST(Report, AnAuditThatCameLateSaysHowFarItCanBeTrusted) {
  ReportContext late = context();
  late.scheduler_was_first = true;
  EXPECT_NE(report_text(sample(), late).find("loaded before this audit"), std::string::npos);
  EXPECT_EQ(report_text(sample(), context()).find("loaded before this audit"), std::string::npos);
  EXPECT_EQ(report_text(Verdict(), late).find("loaded before this audit"), std::string::npos);
}

TEST(Report, TheJsonHasWhatTheDocumentPromises) {
  const auto json = nlohmann::json::parse(report_json(sample(), context()));
  EXPECT_EQ(json["verdict"], "broken");
  EXPECT_DOUBLE_EQ(json["seconds"], 0.02);
  EXPECT_EQ(json["lost"], 0);
  EXPECT_EQ(json["command_status"], 3);
  EXPECT_EQ(json["total"]["violation_ns"], 5 * kMs);
  EXPECT_EQ(json["total"]["violation_count"], 1);
  EXPECT_EQ(json["total"]["violation_longest_ns"], 5 * kMs);
  EXPECT_EQ(json["total"]["violation_histogram"][22], 1);
  EXPECT_EQ(json["total"]["kernel_ns"], 5 * kMs);
  EXPECT_EQ(json["total"]["cpu_ns_available"], 40 * kMs);
  EXPECT_EQ(json["pairs"][0]["cpus"], (std::vector<u32>{0, 1}));
  EXPECT_EQ(json["pairs"][0]["cpu_busy_ns"], (std::vector<u64>{20 * kMs, 10 * kMs}));
  EXPECT_EQ(json["domains"][0]["id"], 70);
  EXPECT_TRUE(json["domains"][0]["path"].is_null());
  EXPECT_EQ(json["domains"][1]["path"], "/alpha");
  EXPECT_EQ(json["longest"]["at_ns"], 5 * kMs);
  EXPECT_EQ(json["longest"]["cpus"], (std::vector<u32>{0, 1}));
  EXPECT_EQ(json["longest"]["tasks"][1]["comm"], "task201");
  EXPECT_TRUE(json["longest_higher"].is_null());
  EXPECT_EQ(json["tasks"].size(), 2u);
}

TEST(Report, CrowdedTimeIsAPartOfTheTimeInWhichTwoTasksRan) {
  Verdict verdict = sample();
  verdict.total.crowded_ns = 1 * kMs;
  verdict.total.parallel_ns = 4 * kMs;
  const auto json = nlohmann::json::parse(report_json(verdict, context()));
  EXPECT_EQ(json["total"]["crowded_ns"], 1 * kMs);
  EXPECT_EQ(json["total"]["parallel_ns"], 4 * kMs);
  const std::string text = report_text(verdict, context());
  EXPECT_NE(text.find("crowded beside an idle pair           1 ms         25.00 %"),
            std::string::npos)
      << text;
}

// What a tenant may call a task and a cgroup.
constexpr const char* kForged = "\nverdict: kept\x1b[2J\xff";

Verdict forged_tasks() {
  Verdict verdict = sample(20 * kMs);
  for (TaskSight& task : verdict.total.overlap.violation.longest->tasks) task.comm = kForged;
  for (TaskVerdict& task : verdict.tasks) task.comm = kForged;
  return verdict;
}

TEST(Report, NoNameForgesALineOrReachesTheTerminal) {
  ReportContext forged = context();
  forged.scheduler = kForged;
  for (auto& [domain, path] : forged.paths) path = kForged;
  const Verdict verdict = forged_tasks();
  for (const std::string& text : {report_text(verdict, forged), report_json(verdict, forged),
                                  timeline_text(verdict.timeline.value(), forged, 20)}) {
    EXPECT_EQ(text.find("\nverdict"), std::string::npos) << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_EQ(text.find('\xff'), std::string::npos) << text;
    EXPECT_NE(text.find("verdict: kept"), std::string::npos) << text;
  }
}

TEST(Report, AColumnIsAsWideAsWhatIsPrinted) {
  ReportContext wide = context();
  wide.paths[80] = "/\n\xc3\xbc";
  const std::string text = report_text(sample(), wide);
  // Four letters of an escape and one of two bytes, in 32 columns.
  EXPECT_NE(text.find("\n/\\x0a\xc3\xbc" + std::string(26 + 10 - 4, ' ') + "5 ms |"),
            std::string::npos)
      << text;
}

TEST(Report, JsonSurvivesANameThatIsNoText) {
  ReportContext odd = context();
  odd.paths[80] = "/\xff";
  EXPECT_TRUE(nlohmann::json::accept(report_json(sample(), odd)));
}

TEST(Report, DurationsAreReadable) {
  EXPECT_EQ(duration_text(0), "0 ns");
  EXPECT_EQ(duration_text(999), "999 ns");
  EXPECT_EQ(duration_text(12'345), "12.3 us");
  EXPECT_EQ(duration_text(999'499), "999 us");
  EXPECT_EQ(duration_text(999'999), "1 ms");
  EXPECT_EQ(duration_text(1'234'000'000), "1.23 s");
}

TEST(Timeline, ARowForEachCpuAndMarksUnderTheViolation) {
  const Verdict verdict = sample(20 * kMs);
  EXPECT_EQ(timeline_text(verdict.timeline.value(), context(), 20),
            "20 ms of cpus 0 and 1 under a test, a column is 1 ms\n"
            "cpu 0    BBBBBBBBBBBBBBBBBBBB\n"
            "cpu 1    .....AAAAAkkkkk.....\n"
            "shared        !!!!!          \n"
            "         A /alpha  B cgroup 70  . idle  k kernel thread  ! two domains at once\n");
}

TEST(Timeline, AColumnShowsWhatTookMostOfIt) {
  const Verdict verdict = sample(12 * kMs);
  const std::string text = timeline_text(verdict.timeline.value(), context(), 2);
  EXPECT_NE(text.find("cpu 1    .A\n"), std::string::npos) << text;
  EXPECT_NE(text.find("shared   !!\n"), std::string::npos) << text;
}

TEST(Timeline, IsAsLongAsWasAskedOrAsTheWindow) {
  EXPECT_EQ(sample(8 * kMs).timeline->length_ns, 8 * kMs);
  EXPECT_EQ(sample(8 * kMs).timeline->spans[1].back().end_ns, 8 * kMs);
  EXPECT_EQ(sample(500 * kMs).timeline->length_ns, 20 * kMs);
  EXPECT_FALSE(sample().timeline.has_value());
}

TEST(Timeline, TheRootHasALetterOfItsOwn) {
  Script script;
  script.run(1 * kMs, 0, kRoot).run(1 * kMs, 1, kRoot);
  const Verdict verdict =
      script.judge({.pairs = {{0, 1}}, .window_start_ns = kStart, .timeline_ns = 4 * kMs}, kEnd);
  const std::string text = timeline_text(verdict.timeline.value(), context(), 4);
  EXPECT_NE(text.find("cpu 0    rrrr\n"), std::string::npos) << text;
  EXPECT_NE(text.find("shared   never\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace scx_pair
