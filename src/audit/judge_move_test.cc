// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "audit/judge.h"
#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

using namespace one_window;

TestTask moved(TestTask task, u64 domain) {
  task.domain = domain;
  return task;
}

TestTask as_class(TestTask task, switch_record_class task_class) {
  task.task_class = task_class;
  return task;
}

OverlapStats overlap(const Script& script, u64 move_bound_ns = 10 * kMs) {
  return script
      .judge({.pairs = {{0, 1}}, .window_start_ns = kStart, .move_bound_ns = move_bound_ns}, kEnd)
      .total.overlap;
}

Script two_friends() {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  return script;
}

TEST(JudgeMove, AnOverlapThatBeganByAMoveIsItsOwnKindUntilTheSiblingLeaves) {
  Script script = two_friends();
  script.change(20 * kMs, moved(kAlice, 8)).run(21 * kMs, 1, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.violation.ns, 0u);
  EXPECT_EQ(stats.move.ns, 1 * kMs);
  EXPECT_EQ(stats.move.count, 1u);
  EXPECT_EQ(stats.move.longest->tasks[0].domain, 8u);
}

TEST(JudgeMove, BeyondTheBoundItIsAViolation) {
  Script script = two_friends();
  script.change(20 * kMs, moved(kAlice, 8)).run(35 * kMs, 1, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.move.ns, 10 * kMs);
  EXPECT_EQ(stats.violation.ns, 5 * kMs);
  EXPECT_EQ(stats.violation.count, 1u);
}

TEST(JudgeMove, AThirdDomainStartedBesideAMovedTaskIsAViolation) {
  Script script = two_friends();
  script.change(20 * kMs, moved(kAlice, 8)).run(21 * kMs, 1, moved(kBob, 9));
  script.run(22 * kMs, 1, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.move.ns, 1 * kMs);
  EXPECT_EQ(stats.violation.ns, 1 * kMs);
}

TEST(JudgeMove, AStartDecidedBeforeTheMoveIsPartOfIt) {
  Script script;
  script.run(kSetUp, 0, kAlice).change(20 * kMs, moved(kAlice, 8)).run(21 * kMs, 1, kAlsoAlice);
  script.run(22 * kMs, 1, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.move.ns, 1 * kMs);
  EXPECT_EQ(stats.violation.ns, 0u);
}

TEST(JudgeMove, TheBoundOfAStartBesideAMovedTaskCountsFromTheMove) {
  Script script;
  script.run(kSetUp, 0, kAlice).change(20 * kMs, moved(kAlice, 8)).run(29 * kMs, 1, kAlsoAlice);
  script.run(35 * kMs, 1, kIdle, true).run(40 * kMs, 1, kAlsoAlice).run(41 * kMs, 1, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.move.ns, 1 * kMs);
  EXPECT_EQ(stats.violation.ns, 6 * kMs);
}

TEST(JudgeMove, TheTaskStartedAfterAMovedOneInheritsNoExcuse) {
  Script script;
  script.run(kSetUp, 0, kAlice).change(20 * kMs, moved(kAlice, 8)).run(21 * kMs, 0, kBob);
  script.run(22 * kMs, 1, kAlsoAlice).run(23 * kMs, 1, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.move.ns, 0u);
  EXPECT_EQ(stats.violation.ns, 1 * kMs);
}

TEST(JudgeMove, AFriendOfTheNewDomainMayBeStartedBesideAMovedTask) {
  Script script = two_friends();
  script.change(20 * kMs, moved(kAlice, 8)).run(21 * kMs, 1, kBob, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.move.ns, 1 * kMs);
  EXPECT_EQ(stats.violation.ns, 0u);
}

TEST(JudgeMove, MovingATaskAgainAndAgainDoesNotRenewItsExcuse) {
  Script script = two_friends();
  for (u64 step = 0; step < 10; ++step) {
    script.change((20 + 5 * step) * kMs, moved(kAlice, 8 + step % 2));
  }
  script.run(70 * kMs, 0, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.move.ns, 10 * kMs);
  EXPECT_EQ(stats.violation.ns, 40 * kMs);
}

TEST(JudgeMove, AMoveBackEndsTheOverlapAndTheNextMoveIsANewOne) {
  Script script = two_friends();
  script.change(20 * kMs, moved(kAlice, 8)).change(28 * kMs, moved(kAlice, 7));
  script.change(40 * kMs, moved(kAlice, 8)).run(48 * kMs, 0, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.violation.ns, 0u);
  EXPECT_EQ(stats.move.ns, 16 * kMs);
  EXPECT_EQ(stats.move.count, 2u);
}

TEST(JudgeMove, AMoveDoesNotExcuseAViolationThatWasThereBefore) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kBob);
  script.change(21 * kMs, moved(kAlice, 9)).run(22 * kMs, 1, kIdle, true);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.move.ns, 0u);
  EXPECT_EQ(stats.violation.ns, 2 * kMs);
}

TEST(JudgeMove, AMoveTogetherEndsAViolation) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kBob).change(21 * kMs, moved(kBob, 7));
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.violation.ns, 1 * kMs);
  EXPECT_EQ(stats.move.ns, 0u);
}

TEST(JudgeMove, AMoveOfATaskThatIsNotRunningExcusesNothing) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kIdle).change(20 * kMs, moved(kAlsoAlice, 8));
  script.run(21 * kMs, 1, moved(kAlsoAlice, 8)).run(22 * kMs, 1, kIdle);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.violation.ns, 1 * kMs);
  EXPECT_EQ(stats.move.ns, 0u);
}

TEST(JudgeMove, CpuTimeIsChargedToTheDomainOfTheMoment) {
  Script script = two_friends();
  script.change(60 * kMs, moved(kAlice, 8)).run(60 * kMs, 1, kIdle);
  const Verdict verdict = script.judge({.pairs = {{0, 1}}, .window_start_ns = kStart}, kEnd);
  ASSERT_EQ(verdict.domains.size(), 2u);
  EXPECT_EQ(verdict.domains[0].id, 7u);
  EXPECT_EQ(verdict.domains[0].cpu_ns, 100 * kMs);
  EXPECT_EQ(verdict.domains[1].cpu_ns, 50 * kMs);
}

TEST(JudgeMove, ARealtimeTaskThatBecomesOrdinaryIsExcusedAsLong) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, as_class(kBob, CLASS_HIGHER));
  script.change(21 * kMs, kBob).run(33 * kMs, 1, kIdle);
  const OverlapStats stats = overlap(script);
  EXPECT_EQ(stats.higher.ns, 1 * kMs);
  EXPECT_EQ(stats.move.ns, 10 * kMs);
  EXPECT_EQ(stats.violation.ns, 2 * kMs);
}

TEST(JudgeMove, WithABoundOfZeroEveryMoveIsAViolation) {
  Script script = two_friends();
  script.change(20 * kMs, moved(kAlice, 8)).run(21 * kMs, 1, kIdle, true);
  const OverlapStats stats = overlap(script, 0);
  EXPECT_EQ(stats.move.ns, 0u);
  EXPECT_EQ(stats.violation.ns, 1 * kMs);
}

}  // namespace
}  // namespace scx_pair
