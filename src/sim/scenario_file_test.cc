// SPDX-License-Identifier: GPL-2.0-only
#include "sim/scenario_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace scx_pair {
namespace {

// Four cpus, two cgroups, and what is in `tasks` and `rest`.
std::string file_with(const std::string& tasks, const std::string& rest = "") {
  return R"({"topology": {"cores": 2}, "cgroups": {"/a": {}, "/b": {}},
"tasks": {)" +
         tasks + "}" + rest + "}";
}

Scenario parsed(const std::string& text, const ScenarioWishes& wishes = {}) {
  Result<Scenario> scenario = parse_scenario(text, "s.json", wishes);
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().what);
  return scenario ? *scenario : Scenario{};
}

void expect_refusal(const std::string& text, const std::string& sentence,
                    const ScenarioWishes& wishes = {}) {
  Result<Scenario> scenario = parse_scenario(text, "s.json", wishes);
  ASSERT_FALSE(scenario.has_value()) << sentence;
  EXPECT_EQ(scenario.error().code, ExitCode::kUsage);
  EXPECT_EQ(scenario.error().what.substr(0, sentence.size()), sentence);
}

TEST(ScenarioFile, ASmallFileHasDefaultsForAllItDoesNotSay) {
  const Scenario scenario = parsed(R"({"tasks": {"spinner": {"run": 1000}}})");
  EXPECT_EQ(scenario.name, "s.json");
  EXPECT_EQ(cpu_count(scenario.shape), 2U);
  EXPECT_EQ(scenario.duration_ns, 1'000'000'000U);
  EXPECT_EQ(scenario.kernel.version, 703U);
  ASSERT_EQ(scenario.tasks.size(), 1U);
  const TaskSpec& task = scenario.tasks[0];
  EXPECT_EQ(task.name, "spinner");
  EXPECT_EQ(task.loops, -1);
  EXPECT_EQ(task.cgroups, std::vector<u32>{0});
  ASSERT_EQ(task.phases.size(), 1U);
  EXPECT_EQ(task.phases[0].steps[0].duration_ns.value, 1'000'000U);
}

TEST(ScenarioFile, TimesAreMicrosecondsOrHaveAUnit) {
  const Scenario scenario = parsed(file_with(
      R"("t": {"run": 100, "run1": "100us", "sleep": "1.5ms", "run2": "7ns", "sleep3": 0.5})"));
  const std::vector<Step>& steps = scenario.tasks[0].phases[0].steps;
  ASSERT_EQ(steps.size(), 5U);
  EXPECT_EQ(steps[0].duration_ns, steps[1].duration_ns);
  EXPECT_EQ(steps[2].duration_ns.value, 1'500'000U);
  EXPECT_EQ(steps[3].duration_ns.value, 7U);
  EXPECT_EQ(steps[4].duration_ns.value, 500U);
  EXPECT_EQ(parsed(R"({"global": {"duration": 2.5}, "tasks": {"t": {"run": 1}}})").duration_ns,
            2'500'000'000U);
}

TEST(ScenarioFile, TimesCanBeDrawn) {
  const Scenario scenario = parsed(
      file_with(R"("t": {"run": {"uniform": [10, "20us"]}, "sleep": {"exponential": "1ms"}})"));
  const std::vector<Step>& steps = scenario.tasks[0].phases[0].steps;
  const Draw uniform{.kind = Draw::Kind::kUniform, .value = 10'000, .most = 20'000};
  const Draw exponential{.kind = Draw::Kind::kExponential, .value = 1'000'000};
  EXPECT_EQ(steps[0].duration_ns, uniform);
  EXPECT_EQ(steps[1].duration_ns, exponential);
}

TEST(ScenarioFile, APatternStandsForAsManyCgroupsAsItHasInstances) {
  const Scenario scenario = parsed(
      R"({"cgroups": {"/t/c#": {"instances": 3, "cpu.weight": 7}},
          "tasks": {"t": {"instance": 9, "cgroup": "/t/c#", "run": 1},
                    "u": {"cgroup": ["/t/c1", "/"], "run": 1}}})");
  ASSERT_EQ(scenario.cgroups.size(), 5U);
  EXPECT_EQ(scenario.cgroups[1].path, "/t");
  EXPECT_EQ(scenario.cgroups[4].path, "/t/c2");
  EXPECT_EQ(scenario.cgroups[4].parent, 1U);
  EXPECT_EQ(scenario.cgroups[4].weight, 7U);
  EXPECT_EQ(scenario.tasks[0].cgroups, (std::vector<u32>{2, 3, 4}));
  EXPECT_EQ(scenario.tasks[1].cgroups, (std::vector<u32>{3, 0}));
}

TEST(ScenarioFile, BandwidthIsWrittenAsInTheKernelsFile) {
  const Scenario scenario = parsed(
      R"({"cgroups": {"/a": {"cpu.max": "20000 50000"}, "/b": {"cpu.max": "max", "cpu.idle": 1}},
          "tasks": {"t": {"run": 1}}})");
  EXPECT_EQ(scenario.cgroups[1].quota_ns, 20'000'000U);
  EXPECT_EQ(scenario.cgroups[1].period_ns, 50'000'000U);
  EXPECT_EQ(scenario.cgroups[2].quota_ns, 0U);
  EXPECT_TRUE(scenario.cgroups[2].idle);
}

TEST(ScenarioFile, ABurstIsMicrosecondsAsInTheKernelsFile) {
  const Scenario scenario = parsed(
      R"({"cgroups": {"/a": {"cpu.max": "20000 50000", "cpu.max.burst": 7000}},
          "tasks": {"t": {"run": 1}}})");
  EXPECT_EQ(scenario.cgroups[1].burst_ns, 7'000'000U);
}

TEST(ScenarioFile, MessagesGoThroughChannelsOneForEachInstance) {
  const Scenario scenario = parsed(
      R"({"channels": {"pipe#": {"instances": 4, "capacity": 16}},
          "tasks": {"send": {"instance": 4, "run": 10, "resume": "pipe#"},
                    "receive": {"instance": 4, "suspend": "pipe#", "run": 5, "resume": "done"},
                    "count": {"suspend": "done", "run": 1}}})");
  EXPECT_EQ(scenario.channels.size(), 5U);
  const Step& send = scenario.tasks[0].phases[0].steps[1];
  EXPECT_EQ(send.target, 0U);
  EXPECT_EQ(send.target_span, 4U);
  EXPECT_EQ(scenario.channels[0].capacity, 16U);
  EXPECT_EQ(scenario.tasks[2].phases[0].steps[0].target, 4U);
}

TEST(ScenarioFile, ABarrierWaitsForAllWhoNameIt) {
  const Scenario scenario = parsed(file_with(
      R"("t": {"instance": 3, "run": 1, "barrier": "x", "run1": 1, "barrier1": "x"},
         "u": {"run": 1, "barrier": "x"})"));
  EXPECT_EQ(scenario.barriers, std::vector<u32>{4});
}

TEST(ScenarioFile, EveryClassOfTaskCanBeWritten) {
  const Scenario scenario = parsed(file_with(
      R"("nice": {"priority": -5, "run": 1}, "batch": {"policy": "SCHED_BATCH", "run": 1},
         "idle": {"policy": "SCHED_IDLE", "run": 1},
         "fifo": {"policy": "SCHED_FIFO", "priority": 10, "run": 1},
         "dl": {"policy": "SCHED_DEADLINE", "dl-runtime": 1000, "dl-period": 10000, "run": 1},
         "kworker": {"kthread": true, "cpus": "0-1", "one_cpu_each": true, "run": 1})"));
  EXPECT_EQ(scenario.tasks[0].nice, -5);
  EXPECT_EQ(scenario.tasks[1].policy, TaskPolicy::kBatch);
  EXPECT_EQ(scenario.tasks[2].policy, TaskPolicy::kSchedIdle);
  EXPECT_EQ(scenario.tasks[3].priority, 10U);
  EXPECT_EQ(scenario.tasks[4].dl_deadline_ns, 10'000'000U);
  EXPECT_TRUE(scenario.tasks[5].kthread);
  EXPECT_EQ(scenario.tasks[5].cpus, (std::vector<u32>{0, 1}));
}

TEST(ScenarioFile, EveryFaultCanBeWritten) {
  const Scenario scenario = parsed(
      file_with(R"("t": {"run": 1})",
                R"(, "faults": [{"move": "t", "to": ["/a", "/b"], "every": {"exponential": "10ms"}},
      {"churn": "/", "run": "1ms", "every": "5ms", "at": "1ms", "until": "9ms"},
      {"affinity": "t", "cpus": "1-2"}, {"weight": "/a", "value": {"uniform": [1, 100]}},
      {"nice": "t", "value": {"uniform": [-20, 19]}},
      {"policy": "t", "to": "SCHED_FIFO", "for": "1ms"}, {"offline": [3], "for": "10ms"},
      {"burst": "/a", "count": 3, "run": "1ms", "policy": "SCHED_RR"},
      {"kthreads": 4, "run": "50us", "cpus": [0]}, {"reload": true}, {"bypass": "1ms"},
      {"limit": "/a", "value": {"uniform": [0, 250]}, "period": "20ms"}, {"idle": "/a"}])"));
  ASSERT_EQ(scenario.faults.size(), 13U);
  for (size_t i = 0; i < 13; i++) EXPECT_EQ(static_cast<size_t>(scenario.faults[i].kind), i);
  EXPECT_EQ(scenario.faults[1].until_ns, 9'000'000U);
  EXPECT_EQ(scenario.faults[4].value.most, 39U);
  EXPECT_EQ(scenario.faults[7].policy, TaskPolicy::kRoundRobin);
  EXPECT_EQ(scenario.faults[11].value.most, 250U);
  EXPECT_EQ(scenario.faults[11].period_ns, 20'000'000U);
}

TEST(ScenarioFile, ControlsThatTheKernelWouldRefuseAreRefused) {
  expect_refusal(R"({"cgroups": {"/a": {"cpu.max": "5000", "cpu.max.burst": 5001}}, "tasks": {}})",
                 "s.json:1:40: cgroups./a.cpu.max.burst: a burst is at most the quota of cpu.max");
  const std::string before = R"({"cgroups": {"/a": {}}, "tasks": {"t": {"run": 1}}, "faults": [)";
  expect_refusal(before + R"({"limit": "/", "value": 5}]})",
                 "s.json:1:65: faults[0].limit: the root cgroup has no cpu.max");
  expect_refusal(before + R"({"idle": "/"}]})",
                 "s.json:1:65: faults[0].idle: the root cgroup has no cpu.idle");
  expect_refusal(before + R"({"limit": "/a", "value": 5, "period": "2s"}]})",
                 "s.json:1:92: faults[0].period: \"2s\" is not accepted; it takes 1 ms to 1 s");
}

TEST(ScenarioFile, WishesComeBeforeTheFile) {
  const Scenario scenario =
      parsed(file_with(R"("t": {"run": 1, "cpus": [7]})"),
             {.seed = 9, .duration_ns = 5'000, .kernel_version = 618, .cpus = 8});
  EXPECT_EQ(scenario.seed, 9U);
  EXPECT_EQ(scenario.duration_ns, 5'000U);
  EXPECT_EQ(scenario.kernel.version, 618U);
  EXPECT_EQ(scenario.shape.cores, 4U);
  expect_refusal(file_with(R"("t": {"run": 1})"), "s.json:1:2: topology: 7 cpus cannot",
                 {.seed = {}, .duration_ns = {}, .kernel_version = {}, .cpus = 7});
}

TEST(ScenarioFile, CostsAreThereOnlyIfAskedFor) {
  const auto with_costs = [](const std::string& costs) {
    return R"({"kernel": {"costs": )" + costs + R"(}, "tasks": {"t": {"run": 1}}})";
  };
  EXPECT_FALSE(parsed(R"({"tasks": {"t": {"run": 1}}})").kernel.costs.has_value());
  EXPECT_EQ(parsed(with_costs("{}")).kernel.costs, CostSpec{});
  const Scenario scenario = parsed(with_costs(R"({"callback": "1us", "far_line": "0ns"})"));
  EXPECT_EQ(scenario.kernel.costs, (CostSpec{.callback_ns = 1'000, .far_line_ns = 0}));
  EXPECT_EQ(parsed(scenario_json(scenario)), scenario);
  expect_refusal(with_costs(R"({"line": "1ms"})"),
                 "s.json:1:23: kernel.costs.line: \"1ms\" is not accepted; it takes 0 s to 100 us");
  expect_refusal(with_costs(R"({"lock": 1})"), "s.json:1:23: kernel.costs.lock: unknown field");
}

TEST(ScenarioFile, AWarmUpKeepsItsPartOfAnotherDuration) {
  const Scenario scenario =
      parsed(R"({"global": {"duration": 4, "warmup": 1}, "tasks": {"t": {"run": 1}}})",
             {.seed = {}, .duration_ns = 1'000'000, .kernel_version = {}, .cpus = {}});
  EXPECT_EQ(scenario.duration_ns, 1'000'000U);
  EXPECT_EQ(scenario.warmup_ns, 250'000U);
}

TEST(ScenarioFile, ARefusalNamesLineColumnAndField) {
  expect_refusal(file_with("\"web\": {\"run\": 1,\n  \"cpus\": [9]}"),
                 "s.json:3:3: tasks.web.cpus: cpu 9 does not exist (0..3)");
  expect_refusal(file_with(R"("web": {"run": 1, "cgroup": "/c"})"),
                 "s.json:2:29: tasks.web.cgroup: cgroup /c is not in \"cgroups\"");
  expect_refusal(
      file_with(R"("web": {"run": 1, "cgrup": "/a"})"),
      "s.json:2:29: tasks.web.cgrup: unknown field; here are known: barrier, cgroup, cpus, ");
  expect_refusal(file_with(R"("web": {"run": "fast"})"),
                 "s.json:2:19: tasks.web.run: \"fast\" is not accepted; it takes a ti");
  expect_refusal(file_with(R"("web": {"run": 1, "run": 2})"), "s.json:2:29: \"run\" twice");
  expect_refusal("{\n  \"tasks\": [,\n}", "s.json:2:13: ");
  expect_refusal("[]", "s.json:1:1: an array is not accepted; it takes an object");
}

TEST(ScenarioFile, CommentsAreSkippedAndCounted) {
  expect_refusal("/* two\nlines */ {\n// one\n\"tasks\": /* here */ 7}",
                 "s.json:4:1: tasks: 7 is not accepted; it takes an object");
}

TEST(ScenarioFile, WhatTheKernelWouldRefuseIsRefused) {
  expect_refusal(file_with(R"("t": {"policy": "SCHED_DEADLINE", "run": 1})"),
                 "s.json:2:11: tasks.t: SCHED_DEADLINE needs");
  expect_refusal(file_with(R"("t": {"policy": "SCHED_DEADLINE", "dl-runtime": 2, "cpus": [0],
                               "run": 1})"),
                 "s.json:2:11: tasks.t: a SCHED_DEADLINE task may use every cpu");
  expect_refusal(file_with(R"("t": {"policy": "SCHED_DEADLINE", "dl-runtime": 9, "dl-period": 10,
                               "instance": 5, "run": 1})"),
                 "s.json:2:1: tasks: deadline tasks ask for 4.50 of 4 cpus");
  expect_refusal(file_with(R"("t": {"kthread": true, "cgroup": "/a", "run": 1})"),
                 "s.json:2:11: tasks.t: a kernel thread does not fork");
  expect_refusal(file_with(R"("t": {"run": 1, "priority": 20})"),
                 "s.json:2:27: tasks.t.priority: 20 is not accepted");
  expect_refusal(R"({"cgroups": {"/a": {"cpu.weight": 0}}, "tasks": {}})",
                 "s.json:1:21: cgroups./a.cpu.weight: 0 is not accepted");
  expect_refusal(R"({"cgroups": {"/a/../b": {}}, "tasks": {}})",
                 "s.json:1:14: cgroups./a/../b: no");
  expect_refusal(R"({"topology": {"smt": 9}, "tasks": {}})", "s.json:1:15: topology.smt: 9 is not");
  expect_refusal(R"({"topology": {"offline": "0-1"}, "tasks": {"t": {"run": 1}}})",
                 "s.json:1:15: topology.offline: cpu 0 is always online");
}

TEST(ScenarioFile, WhatCouldNeverEndOrNeverStartIsRefused) {
  expect_refusal(file_with(R"("t": {"yield": ""})"), "s.json:2:11: tasks.t: it would go round");
  expect_refusal(file_with(R"("t": {"phases": {"p": {"loop": -1, "yield": ""}}})"),
                 "s.json:2:28: tasks.t.phases.p: it would go round");
  expect_refusal(file_with(R"("t": {"phases": {"p": {"loop": -1, "run": 1}, "q": {"run": 1}}})"),
                 "s.json:2:57: tasks.t.phases.q: it is never reached");
  expect_refusal(file_with(R"("t": {"run": 1, "suspend": "inbox"})"),
                 "s.json:2:27: tasks.t.suspend: nobody ever resumes inbox");
  expect_refusal(file_with(R"("t": {"run": 1, "fork": "child"})"),
                 "s.json:2:27: tasks.t.fork: task \"child\" is not in \"tasks\"");
  expect_refusal(file_with(""), "s.json:2:1: tasks: a scenario without a task");
}

TEST(ScenarioFile, NumbersThatWouldFillTheMemoryAreRefused) {
  expect_refusal(file_with(R"("t": {"instance": 100001, "run": 1})"), "s.json:2:11: tasks.t: with");
  expect_refusal(file_with(R"("t": {"run": 1, "cpus": "0-4294967295"})"),
                 "s.json:2:27: tasks.t.cpu");
  expect_refusal(R"({"cgroups": {"/a#": {"instances": 100001}}, "tasks": {}})",
                 "s.json:1:22: cgroups./a#.instances: 100001 is not accepted");
  expect_refusal(R"({"topology": {"sockets": 64, "cores": 4096}, "tasks": {}})",
                 "s.json:1:2: topology: it takes 1 to 4096 cores");
}

TEST(ScenarioFile, VersionsAreReadAndWritten) {
  EXPECT_EQ(parse_kernel_version("7.1"), 701U);
  EXPECT_EQ(parse_kernel_version("6.18"), 618U);
  EXPECT_EQ(kernel_version_text(618), "6.18");
  for (const char* wrong : {"", "7", "7.", "7.x", "6.11", "5.15", "7.1.2", "8.0"}) {
    EXPECT_FALSE(parse_kernel_version(wrong).has_value()) << wrong;
  }
}

TEST(ScenarioFile, TimesThatWouldKeepARunFromEndingAreRefused) {
  expect_refusal(file_with(R"("t": {"run": 1000})", R"(, "kernel": {"watchdog": "1ns"})"),
                 R"(s.json:2:43: kernel.watchdog: "1ns" is not accepted; it takes 1 ms to 1000 s)");
  expect_refusal(file_with(R"("t": {"run": 1000})", R"(, "faults": [{"reload": true,
"every": "1ns"}])"),
                 "s.json:3:1: faults[0].every: it takes 0 for once, or 1000 ns on average or more");
  expect_refusal(file_with(R"("t": {"run": 1, "timer": "1ns"})"),
                 R"(s.json:2:27: tasks.t.timer: "1ns" is not accepted; it takes 1 us to 1000 s)");
  expect_refusal(
      file_with(R"("t": {"policy": "SCHED_DEADLINE", "dl-runtime": "1ns", "run": 1000})"),
      "s.json:2:11: tasks.t: SCHED_DEADLINE takes a dl-runtime from 1024 ns on");
}

TEST(ScenarioFile, ASlipOfThePenIsNamedEvenWhereSomethingIsMissing) {
  expect_refusal(file_with(R"("t": {"rnu": 1000})"),
                 "s.json:2:17: tasks.t.rnu: unknown field; here are known: ");
  expect_refusal(file_with(R"("t": {"phases": {"p": {"yield": "", "slep": 5}}})"),
                 "s.json:2:47: tasks.t.phases.p.slep: unknown field; here are known: ");
  expect_refusal(file_with(R"("t": {"yield": "", "loops": 3})"),
                 "s.json:2:30: tasks.t.loops: unknown field; here are known: ");
  expect_refusal(file_with(R"("t": {"run": 1000})", R"(, "faults": [{"weigth": "/a"}])"),
                 "s.json:2:43: faults[0]: a fault has one of move, ");
  expect_refusal(file_with(R"("t": {"run": 1000})", R"(, "published": [{"kep": 1}])"),
                 R"(s.json:2:46: published[0]: "kept" is missing; here are: kep)");
}

TEST(ScenarioFile, AValueThatIsRefusedIsSaid) {
  for (const char* value : {"-5", "1.5", "true", "\"many\""}) {
    Result<Scenario> scenario = parse_scenario(
        file_with(fmt::format(R"("t": {{"run": 1000, "instance": {}}})", value)), "s.json");
    ASSERT_FALSE(scenario.has_value());
    EXPECT_NE(scenario.error().what.find(
                  fmt::format("{} is not accepted; it takes a whole number from 0 to", value)),
              std::string::npos)
        << scenario.error().what;
  }
  expect_refusal(file_with(R"("t": {"run": -5})"),
                 "s.json:2:17: tasks.t.run: -5 is not accepted; it takes a time from 0 to 1000 s");
}

TEST(ScenarioFile, AnEmptyFileIsSaidToBeEmpty) {
  expect_refusal("", "s.json: is empty");
  expect_refusal(" \n", "s.json: is empty");
  EXPECT_EQ(read_bytes("/dev/null").value(), "");
  Result<std::string> folder = read_bytes("/tmp");
  ASSERT_FALSE(folder.has_value());
  EXPECT_EQ(folder.error().what, "/tmp: Is a directory");
}

TEST(ScenarioFile, TheNameOfAFileBeginsNoLine) {
  Result<Scenario> scenario = parse_scenario("{", "a\nverdict: kept");
  ASSERT_FALSE(scenario.has_value());
  EXPECT_EQ(scenario.error().what.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace scx_pair
