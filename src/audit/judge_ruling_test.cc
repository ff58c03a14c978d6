// SPDX-License-Identifier: GPL-2.0-only
// When it is kept, when there was nothing to judge, and what does not count because of who ran or
// who scheduled.
#include <gtest/gtest.h>

#include <string>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

using namespace one_window;

constexpr u64 kHigherBound = 20 * kMs;
constexpr TestTask kBobAfterwards{.pid = 202, .domain = 8};

JudgeConfig one_pair() {
  return {.pairs = {{0, 1}}, .window_start_ns = kStart, .higher_bound_ns = kHigherBound};
}

TEST(Kept, MeansThatTwoDomainsRanAndSomebodyHadCompany) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  script.run(50 * kMs, 1, kIdle).run(50 * kMs, 0, kBob);
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kKept);
}

TEST(Kept, MeansAlsoThatSomebodyWaitedForAStrangerToLeave) {
  Script script;
  script.run(kSetUp, 0, kAlice).wake(20 * kMs, 1, kBob);
  script.run(50 * kMs, 0, kIdle).run(50 * kMs, 1, kBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.company_ns, 0u);
  EXPECT_EQ(verdict.ruling, Ruling::kKept);
  EXPECT_EQ(verdict.reason, "");
}

TEST(NothingToJudge, WhereNoCpuHasASibling) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kBob);
  const Verdict verdict = script.judge({.pairs = {{0}, {1}}, .window_start_ns = kStart}, kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kNothing);
  EXPECT_EQ(verdict.reason, "no cpu has a sibling");
}

TEST(NothingToJudge, WhereOneDomainIsAllThatRan) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kNothing);
  // A kernel thread is of no domain, and who ran before the window did not run in it.
  script.run(20 * kMs, 1, kKthread);
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kNothing);
  Script before;
  before.run(kSetUp, 0, kAlice).run(kSetUp, 1, kBob).run(5 * kMs, 1, kAlsoAlice);
  EXPECT_EQ(before.judge(one_pair(), kEnd).ruling, Ruling::kNothing);
}

TEST(NothingToJudge, WhereNobodyEverMetAnybody) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(50 * kMs, 0, kIdle).run(60 * kMs, 1, kBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kNothing);
  EXPECT_NE(verdict.reason.find("no task ever ran beside another"), std::string::npos);
}

TEST(NothingToJudge, WhereOnlyAKernelThreadHadCompany) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kKthread).run(50 * kMs, 0, kIdle);
  script.run(60 * kMs, 1, kBob);
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kNothing);
}

TEST(NothingToJudge, IsSaidOnlyIfAllWasSeen) {
  Script script;
  script.run(kSetUp, 0, kAlice);
  EXPECT_EQ(script.judge(one_pair(), kEnd, 1).ruling, Ruling::kInconclusive);
}

TEST(NewCpu, ThatATaskRanOnLeavesItInconclusive) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice).run(20 * kMs, 5, kBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kInconclusive);
  EXPECT_EQ(verdict.unjudged_cpus, std::vector<u32>{5});
  EXPECT_NE(verdict.reason.find("came online"), std::string::npos);
}

TEST(NewCpu, ThatOnlyTheKernelUsedHidesNothing) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice).run(50 * kMs, 1, kIdle);
  script.run(50 * kMs, 0, kBob).run(20 * kMs, 5, kKthread);
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kKept);
}

TEST(Higher, IsAViolationBeyondItsBound) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(30 * kMs, 1, kRealtimeBob).run(80 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.higher.ns, kHigherBound);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 30 * kMs);
  EXPECT_EQ(verdict.ruling, Ruling::kBroken);
}

TEST(Higher, WithinItsBoundIsNone) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(30 * kMs, 1, kRealtimeBob);
  script.run(30 * kMs + kHigherBound, 0, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.higher.ns, kHigherBound);
  EXPECT_EQ(verdict.ruling, Ruling::kKept);
}

TEST(Higher, KeepsItsClockWhenOneStrangerFollowsAnother) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(30 * kMs, 1, kRealtimeBob);
  script.run(45 * kMs, 0, kAlsoAlice).run(60 * kMs, 0, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 10 * kMs);
}

TEST(Higher, StartsItsClockAnewAfterAPause) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(30 * kMs, 1, kRealtimeBob);
  script.run(45 * kMs, 0, kIdle).run(46 * kMs, 0, kAlice).run(60 * kMs, 0, kIdle);
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kKept);
}

TEST(Higher, OfTwoRealTimeTasksHasNoBoundAndIsCountedApart) {
  Script script;
  script.run(kSetUp, 0, {.pid = 103, .domain = 7, .task_class = CLASS_HIGHER});
  script.run(kSetUp, 1, kRealtimeBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.both_higher.ns, kWindow);
  EXPECT_EQ(verdict.total.overlap.higher.ns, kWindow);
  EXPECT_EQ(verdict.ruling, Ruling::kKept);
}

TEST(Higher, ThatIsLentEndsWithoutASwitch) {
  // A task that holds what a real-time task waits for runs as one, until it lets go.
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kBobAfterwards);
  script.change(5 * kMs, kRealtimeBob).change(20 * kMs, kBobAfterwards);
  JudgeConfig config = one_pair();
  config.move_bound_ns = 10 * kMs;
  const Verdict verdict = script.judge(config, kEnd);
  EXPECT_EQ(verdict.total.overlap.higher.ns, 10 * kMs);
  EXPECT_EQ(verdict.total.overlap.move.ns, 10 * kMs);
  EXPECT_EQ(verdict.total.overlap.violation.ns, kEnd - 30 * kMs);
}

TEST(Suspended, OverlapIsCountedApartFromWhatIsJudged) {
  Script script;
  script.suspend(20 * kMs).resume(50 * kMs);
  script.run(kSetUp, 0, kAlice).run(25 * kMs, 1, kBob).run(45 * kMs, 1, kIdle);
  Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.suspended.ns, 20 * kMs);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 0u);
  EXPECT_EQ(verdict.suspended_ns, 30 * kMs);
  EXPECT_EQ(verdict.ruling, Ruling::kKept);
  script.run(60 * kMs, 1, kBob).run(61 * kMs, 1, kIdle);
  verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 1 * kMs);
  EXPECT_EQ(verdict.ruling, Ruling::kBroken);
}

TEST(Suspended, WhatItLeavesBehindIsExcusedUntilSomebodySwitches) {
  Script script;
  script.suspend(20 * kMs).resume(50 * kMs);
  script.run(kSetUp, 0, kAlice).run(25 * kMs, 1, kBob).run(52 * kMs, 1, kBobAfterwards);
  script.run(53 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.suspended.ns, 27 * kMs);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 1 * kMs);
}

TEST(Suspended, WhatItLeavesBehindIsExcusedForAWhileOnly) {
  Script script;
  script.suspend(20 * kMs).resume(50 * kMs);
  script.run(kSetUp, 0, kAlice).run(25 * kMs, 1, kBob);
  JudgeConfig config = one_pair();
  config.move_bound_ns = 10 * kMs;
  const Verdict verdict = script.judge(config, kEnd);
  EXPECT_EQ(verdict.total.overlap.suspended.ns, 35 * kMs);
  EXPECT_EQ(verdict.total.overlap.violation.ns, kEnd - 60 * kMs);
}

TEST(Suspended, BeginsNothingAnewForWhatWasBrokenBefore) {
  Script script;
  script.suspend(20 * kMs).resume(30 * kMs);
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kBob).run(30 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 10 * kMs);
  EXPECT_EQ(verdict.total.overlap.suspended.ns, 10 * kMs);
}

TEST(Suspended, ARealTimeTaskIsTimedFromTheHandOverOn) {
  Script script;
  script.suspend(15 * kMs).resume(60 * kMs);
  script.run(kSetUp, 0, kAlice).run(16 * kMs, 1, kRealtimeBob).run(90 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 10 * kMs);
}

TEST(Suspended, OneThatBeginsWhereAnotherEndsGoesOn) {
  Script script;
  script.suspend(20 * kMs).resume(50 * kMs).suspend(50 * kMs).resume(70 * kMs);
  script.run(kSetUp, 0, kAlice).run(55 * kMs, 1, kBob).run(65 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.suspended_ns, 50 * kMs);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 0u);
}

TEST(Suspended, TimeIsThatOfTheWindow) {
  Script script;
  script.suspend(kSetUp).resume(15 * kMs).suspend(100 * kMs);
  EXPECT_EQ(script.judge(one_pair(), kEnd).suspended_ns, 15 * kMs);
}

}  // namespace
}  // namespace scx_pair
