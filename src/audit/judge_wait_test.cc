// SPDX-License-Identifier: GPL-2.0-only
// Who waits, for how long, and what that makes of an idle cpu.
#include <gtest/gtest.h>

#include "audit/judge.h"
#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

using namespace one_window;

constexpr TestTask kAlsoBob{.pid = 202, .domain = 8};

JudgeConfig one_pair() {
  return {.pairs = {{0, 1}}, .window_start_ns = kStart, .tasks_max = -1};
}

const DomainVerdict& domain(const Verdict& verdict, u64 id) {
  for (const DomainVerdict& found : verdict.domains) {
    if (found.id == id) return found;
  }
  ADD_FAILURE() << "domain " << id << " is not in the verdict";
  static const DomainVerdict none;
  return none;
}

const TaskVerdict& task(const Verdict& verdict, s32 pid) {
  for (const TaskVerdict& found : verdict.tasks) {
    if (found.pid == pid) return found;
  }
  ADD_FAILURE() << "task " << pid << " is not in the verdict";
  static const TaskVerdict none;
  return none;
}

TEST(JudgeWait, AWakeupWaitsUntilTheTaskRuns) {
  Script script;
  script.wake(20 * kMs, 0, kAlice).run(21 * kMs, 0, kAlice).run(25 * kMs, 0, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(domain(verdict, 7).wake.count, 1u);
  EXPECT_EQ(domain(verdict, 7).wake.max_ns, 1 * kMs);
  EXPECT_EQ(domain(verdict, 7).wait.count, 0u);
  EXPECT_EQ(domain(verdict, 7).cpu_ns, 4 * kMs);
}

TEST(JudgeWait, APreemptedTaskWaitsUntilItRunsAgain) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 0, kBob, true).run(23 * kMs, 0, kAlice);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(domain(verdict, 7).wait.count, 1u);
  EXPECT_EQ(domain(verdict, 7).wait.max_ns, 3 * kMs);
  EXPECT_EQ(domain(verdict, 8).wait.count, 0u);
  EXPECT_EQ(task(verdict, 101).longest_wait_ns, 3 * kMs);
}

TEST(JudgeWait, ATaskThatSleepsDoesNotWait) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 0, kBob, false);
  script.wake(50 * kMs, 0, kAlice).run(52 * kMs, 0, kAlice);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(domain(verdict, 7).wait.count, 0u);
  EXPECT_EQ(domain(verdict, 7).wake.max_ns, 2 * kMs);
}

TEST(JudgeWait, AWakeupOfARunningOrQueuedTaskBeginsNothing) {
  Script script;
  script.run(kSetUp, 0, kAlice).wake(20 * kMs, 0, kAlice);
  script.run(30 * kMs, 0, kBob, true).wake(31 * kMs, 0, kAlice).run(34 * kMs, 0, kAlice);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(domain(verdict, 7).wake.count, 0u);
  EXPECT_EQ(domain(verdict, 7).wait.max_ns, 4 * kMs);
}

TEST(JudgeWait, ATaskThatGoesOnElsewhereAtTheSameMomentDoesNotWait) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(30 * kMs, 1, kAlice).run(30 * kMs, 0, kBob, true);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(domain(verdict, 7).wait.max_ns, 0U);
  EXPECT_EQ(task(verdict, 101).longest_wait_ns, 0U);
}

TEST(JudgeWait, AWaitThatBeganBeforeTheWindowIsNoSampleButItsTaskWaited) {
  Script script;
  script.wake(kSetUp, 0, kAlice).run(13 * kMs, 0, kAlice);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(domain(verdict, 7).wake.count, 0u);
  EXPECT_EQ(task(verdict, 101).longest_wait_ns, 3 * kMs);
}

TEST(JudgeWait, AStarvedTaskIsSeenThoughItNeverRuns) {
  Script script;
  script.found_waiting(kSetUp, 0, kAlice).run(kSetUp, 0, kBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(task(verdict, 101).longest_wait_ns, 100 * kMs);
  EXPECT_EQ(task(verdict, 101).cpu_ns, 0u);
  EXPECT_EQ(domain(verdict, 7).wait.max_ns, 100 * kMs);
  EXPECT_EQ(domain(verdict, 7).wait.count, 0u);
}

TEST(JudgeWait, ADeadTaskIsListedAndItsPidIsFreeAgain) {
  Script script;
  script.run(20 * kMs, 0, kAlice).run(30 * kMs, 0, kIdle).last_dies();
  script.wake(40 * kMs, 0, {.pid = 101, .domain = 8}).run(41 * kMs, 0, {.pid = 101, .domain = 8});
  const Verdict verdict = script.judge(one_pair(), kEnd);
  ASSERT_EQ(verdict.tasks.size(), 2u);
  EXPECT_EQ(verdict.tasks[0].domain, 8u);
  EXPECT_EQ(verdict.tasks[0].longest_wait_ns, 1 * kMs);
  EXPECT_EQ(verdict.tasks[1].cpu_ns, 10 * kMs);
}

TEST(JudgeWait, TheListOfTasksKeepsThoseThatWaitedLongest) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 0, kBob, true).run(21 * kMs, 0, kAlice, true);
  script.run(25 * kMs, 0, kBob, true);
  JudgeConfig config = one_pair();
  config.tasks_max = 1;
  const Verdict verdict = script.judge(config, kEnd);
  ASSERT_EQ(verdict.tasks.size(), 1u);
  EXPECT_EQ(verdict.tasks[0].pid, 101);
  EXPECT_EQ(verdict.tasks[0].longest_wait_ns, 85 * kMs);
}

TEST(JudgeWait, AnIdleCpuBesideAStrangerOfTheWaiterIsForcedIdle) {
  Script script;
  script.run(kSetUp, 0, kAlice).wake(20 * kMs, 1, kBob);
  script.run(26 * kMs, 0, kIdle).run(26 * kMs, 1, kBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.forced_idle_ns, 6 * kMs);
  EXPECT_EQ(verdict.total.missed_idle_ns, 0u);
}

TEST(JudgeWait, AnIdleCpuBesideAFriendOfTheWaiterIsMissedIdle) {
  Script script;
  script.run(kSetUp, 0, kAlice).wake(20 * kMs, 1, kAlsoAlice).run(26 * kMs, 1, kAlsoAlice);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.forced_idle_ns, 0u);
  EXPECT_EQ(verdict.total.missed_idle_ns, 6 * kMs);
}

TEST(JudgeWait, AnIdlePairIsNotForcedIdleAndNeitherIsOneWithoutWaiters) {
  Script script;
  script.wake(20 * kMs, 1, kBob).run(26 * kMs, 1, kBob).run(30 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.forced_idle_ns, 0u);
  EXPECT_EQ(verdict.total.missed_idle_ns, 0u);
}

TEST(JudgeWait, AWaiterMovedWhileQueuedWaitsForItsNewDomain) {
  Script script;
  script.run(kSetUp, 0, kAlice).wake(20 * kMs, 1, kBob);
  script.change(25 * kMs, {.pid = kBob.pid, .domain = 7});
  script.run(32 * kMs, 1, {.pid = kBob.pid, .domain = 7});
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.forced_idle_ns, 5 * kMs);
  EXPECT_EQ(verdict.total.missed_idle_ns, 7 * kMs);
  EXPECT_EQ(domain(verdict, 7).wake.max_ns, 12 * kMs);
}

TEST(JudgeWait, AWaiterThatDiesNoLongerWaits) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoBob).wake(20 * kMs, 1, kBob);
  // By exec a thread takes the pid of another, which is how a pid that waits can end elsewhere.
  script.run(22 * kMs, 1, kIdle).last_dies();
  script.records().back().prev_pid = kBob.pid;
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.forced_idle_ns, 0u);
}

}  // namespace
}  // namespace scx_pair
