// SPDX-License-Identifier: GPL-2.0-only
#include "sim/recording.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "audit/judge_test_support.h"
#include "sim/replay.h"
#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

constexpr TestTask kRed{.pid = 11, .domain = 10};
constexpr TestTask kBlue{.pid = 12, .domain = 20};
constexpr TestTask kFifo{.pid = 13, .domain = 20, .task_class = CLASS_HIGHER};
constexpr TestTask kWorker{.pid = 14, .domain = ROOT_DOMAIN, .task_class = CLASS_KERNEL};

RecordingInfo info() {
  return {.pairs = {{0, 2}, {1}},
          .start_ns = 1'000 * kMs,
          .end_ns = 1'100 * kMs,
          .lost = 0,
          .kernel = "6.18.3-amd64",
          .paths = {{10, "/red"}, {20, "/deep/blue"}},
          .weights = {{10, 300}}};
}

std::string file_of(Script& script) {
  std::stringstream out;
  RecordWriter writer(out);
  for (const switch_record& record : script.records()) writer.add(record);
  EXPECT_TRUE(writer.finish(info()).has_value());
  return out.str();
}

u64 at(u64 ms) {
  return (1'000 + ms) * kMs;
}

void expect_refusal(const std::string& bytes, const std::string& sentence) {
  Result<Recording> recording = parse_recording(bytes, "r");
  ASSERT_FALSE(recording.has_value()) << sentence;
  EXPECT_EQ(recording.error().what.substr(0, sentence.size()), sentence);
}

Scenario replayed(Script& script) {
  Result<Recording> recording = parse_recording(file_of(script), "r");
  EXPECT_TRUE(recording.has_value()) << (recording ? "" : recording.error().what);
  Result<Scenario> scenario = scenario_of_recording(*recording, "r");
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().what);
  // What is made of it must be a scenario that a file may hold.
  Result<Scenario> again = parse_scenario(scenario_json(*scenario), "again");
  EXPECT_TRUE(again.has_value()) << (again ? "" : again.error().what);
  EXPECT_EQ(*again, *scenario);
  return *scenario;
}

std::vector<std::pair<Step::Kind, u64>> steps_of(const TaskSpec& task) {
  std::vector<std::pair<Step::Kind, u64>> steps;
  for (const Step& step : task.phases[0].steps) {
    steps.emplace_back(step.kind, step.duration_ns.value / kMs);
  }
  return steps;
}

TEST(Recording, WhatWasWrittenIsRead) {
  Script script;
  script.run(at(2), 0, kRed).run(at(1), 2, kBlue).wake(at(3), 1, kRed);
  Result<Recording> recording = parse_recording(file_of(script), "r");
  ASSERT_TRUE(recording.has_value()) << recording.error().what;
  EXPECT_EQ(recording->info.pairs, info().pairs);
  EXPECT_EQ(recording->info.end_ns, info().end_ns);
  EXPECT_EQ(recording->info.kernel, "6.18.3-amd64");
  EXPECT_EQ(recording->info.paths, info().paths);
  EXPECT_EQ(recording->info.weights, info().weights);
  ASSERT_EQ(recording->records.size(), 3U);
  // By time, whichever cpu came first.
  EXPECT_EQ(recording->records[0].pid, kBlue.pid);
  EXPECT_STREQ(recording->records[1].comm, "task11");
}

TEST(Recording, ADamagedFileIsRefused) {
  Script script;
  script.run(at(2), 0, kRed);
  const std::string good = file_of(script);
  EXPECT_TRUE(is_recording(good));
  EXPECT_FALSE(is_recording("{}"));
  expect_refusal("", "r: no recording");
  expect_refusal(good.substr(0, 20), "r: no recording");
  expect_refusal(good.substr(0, good.size() - 1), "r: the recording is cut off");
  std::string wrong = good;
  wrong[8] = 9;
  expect_refusal(wrong, "r: a recording of version 9");
  wrong = good;
  wrong[16] = '\xff';
  expect_refusal(wrong, "r: the recording is cut off");
  wrong = good;
  wrong[32 + 24] = 77;  // the cpu of the first record
  expect_refusal(wrong, "r: record 0 makes no sense");
  wrong = good;
  wrong[wrong.find("\"1000000000\"") + 1] = '9';
  expect_refusal(wrong, "r (trailer):1:1: it ends before it begins");
}

TEST(Recording, AFileThatWasNotEndedIsRefused) {
  std::stringstream out;
  const RecordWriter writer(out);
  expect_refusal(out.str(), "r: the recording was never ended");
}

TEST(Replay, TheMachineHasTheRecordingsCores) {
  Script script;
  script.run(at(1), 0, kRed);
  const Scenario scenario = replayed(script);
  EXPECT_EQ(pairs_of(scenario.shape), (std::vector<std::vector<u32>>{{0, 1}, {2}}));
  EXPECT_EQ(scenario.kernel.version, 618U);
  EXPECT_EQ(scenario.duration_ns, 100 * kMs);
}

TEST(Replay, APreemptionIsNotTheEndOfARun) {
  Script script;
  script.wake(at(4), 0, kRed)
      .run(at(5), 0, kRed)
      .run(at(8), 0, kBlue, /*prev_runnable=*/true)
      .run(at(20), 0, kRed)
      .run(at(22), 0, kIdle)
      .wake(at(30), 0, kRed)
      .run(at(31), 0, kRed)
      .run(at(32), 0, kIdle)
      .last_dies();
  const Scenario scenario = replayed(script);
  ASSERT_EQ(scenario.tasks.size(), 2U);
  const TaskSpec& red = scenario.tasks[0];
  EXPECT_EQ(red.name, "0. task11 11");
  EXPECT_EQ(red.delay_ns.value, 4 * kMs);
  EXPECT_EQ(red.loops, 1);
  using Steps = std::vector<std::pair<Step::Kind, u64>>;
  EXPECT_EQ(steps_of(red),
            (Steps{{Step::Kind::kRun, 5}, {Step::Kind::kSleep, 8}, {Step::Kind::kRun, 1}}));
  EXPECT_EQ(scenario.cgroups[red.cgroups[0]].path, "/red@10");
  EXPECT_EQ(scenario.cgroups[red.cgroups[0]].weight, 300U);
  // Blue gave way without going on: it sleeps to the end.
  EXPECT_EQ(steps_of(scenario.tasks[1]),
            (Steps{{Step::Kind::kRun, 12}, {Step::Kind::kSleep, 200}}));
}

TEST(Replay, WhoRanAtTheEndGoesOn) {
  Script script;
  script.found_running(at(0) - 5 * kMs, 0, kRed);
  const Scenario scenario = replayed(script);
  ASSERT_EQ(scenario.tasks.size(), 1U);
  EXPECT_EQ(scenario.tasks[0].delay_ns.value, 0U);
  EXPECT_EQ(steps_of(scenario.tasks[0]),
            (std::vector<std::pair<Step::Kind, u64>>{{Step::Kind::kRun, 200}}));
}

TEST(Replay, AMoveHappensWhenItWasRecorded) {
  Script script;
  script.run(at(1), 0, kRed).change(at(7), {.pid = kRed.pid, .domain = 20});
  const Scenario scenario = replayed(script);
  ASSERT_EQ(scenario.faults.size(), 1U);
  EXPECT_EQ(scenario.faults[0].kind, Fault::Kind::kMove);
  EXPECT_EQ(scenario.faults[0].at_ns, 7 * kMs);
  EXPECT_EQ(scenario.cgroups[scenario.faults[0].cgroups[0]].path, "/deep:blue@20");
  EXPECT_EQ(scenario.cgroups[scenario.tasks[0].cgroups[0]].path, "/red@10");
}

TEST(Replay, ClassesStayAndKernelThreadsOfOneCpuAreBound) {
  Script script;
  script.run(at(1), 0, kFifo).run(at(2), 1, kWorker);
  const std::string comm = "kworker/2:1";
  std::ranges::fill(script.records()[1].comm, '\0');
  comm.copy(script.records()[1].comm, SWITCH_RECORD_COMM - 1);
  const Scenario scenario = replayed(script);
  ASSERT_EQ(scenario.tasks.size(), 2U);
  EXPECT_EQ(scenario.tasks[0].policy, TaskPolicy::kFifo);
  EXPECT_TRUE(scenario.tasks[1].kthread);
  // Cpu 2 was the second thread of the first core, which is cpu 1 of this machine.
  EXPECT_EQ(scenario.tasks[1].cpus, std::vector<u32>{1});
}

TEST(Replay, APidThatCameTwiceIsTwoTasks) {
  Script script;
  script.run(at(1), 0, kRed)
      .run(at(2), 0, kIdle)
      .last_dies()
      .wake(at(5), 0, kRed)
      .run(at(6), 0, kRed);
  const Scenario scenario = replayed(script);
  ASSERT_EQ(scenario.tasks.size(), 2U);
  EXPECT_EQ(scenario.tasks[1].delay_ns.value, 5 * kMs);
}

}  // namespace
}  // namespace scx_pair
