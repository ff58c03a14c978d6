// SPDX-License-Identifier: GPL-2.0-only
#include "audit/judge.h"

#include <gtest/gtest.h>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

using namespace one_window;

constexpr TestTask kCarol{.pid = 301, .domain = 9};

JudgeConfig one_pair() {
  return {.pairs = {{0, 1}}, .window_start_ns = kStart};
}

TEST(Judge, TwoSpinnersOfDifferentDomainsAreAViolationAllTheTime) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kBroken);
  EXPECT_EQ(verdict.window_ns, kWindow);
  EXPECT_EQ(verdict.total.both_busy_ns, kWindow);
  EXPECT_EQ(verdict.total.busy_ns, 2 * kWindow);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 100'000'000u);
  EXPECT_EQ(verdict.total.overlap.violation.count, 1u);
}

TEST(Judge, TwoSpinnersOfOneDomainAreNone) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kNothing);
  EXPECT_EQ(verdict.total.both_busy_ns, kWindow);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 0u);
  EXPECT_EQ(verdict.total.overlap.violation.count, 0u);
}

TEST(Judge, AStrangerForFiveOfTwentyMillisecondsIsAQuarter) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  for (u64 time_ns = kStart; time_ns < kEnd; time_ns += 20 * kMs) {
    script.run(time_ns + 5 * kMs, 1, kBob, true).run(time_ns + 10 * kMs, 1, kAlsoAlice, true);
  }
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, kWindow / 4);
  EXPECT_EQ(verdict.total.overlap.violation.count, 5u);
  EXPECT_EQ(verdict.total.overlap.violation.longest->length_ns, 5 * kMs);
  EXPECT_EQ(verdict.total.overlap.violation.histogram[22], 5u);  // 2^22 ns is 4.2 ms
}

TEST(Judge, StrangersOnDifferentPairsAreNone) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  script.run(kSetUp, 2, kBob).run(kSetUp, 3, kIdle);
  JudgeConfig config = one_pair();
  config.pairs = {{0, 1}, {2, 3}};
  const Verdict verdict = script.judge(config, kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kKept);
  EXPECT_EQ(verdict.total.both_busy_ns, kWindow);
  EXPECT_EQ(verdict.total.cpu_ns_available, 4 * kWindow);
}

TEST(Judge, OneNanosecondBreaksThePromise) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(50 * kMs, 1, kBob).run(50 * kMs + 1, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kBroken);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 1u);
  EXPECT_EQ(verdict.total.overlap.violation.histogram[0], 1u);
}

TEST(Judge, AHandOverAtOneInstantIsNoViolation) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kIdle);
  script.run(50 * kMs, 1, kBob).run(50 * kMs, 0, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kNothing);
  EXPECT_EQ(verdict.total.overlap.violation.count, 0u);
}

TEST(Judge, ATurnBeginsWithATaskOfAnotherDomainAndNoOtherStart) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kAlsoAlice).run(30 * kMs, 1, kIdle);
  script.run(40 * kMs, 0, kKthread).run(41 * kMs, 0, kAlice).run(50 * kMs, 0, kIdle);
  script.run(50 * kMs, 1, kBob).run(60 * kMs, 1, kIdle).run(61 * kMs, 1, kBob);
  script.run(70 * kMs, 1, kIdle).run(70 * kMs, 0, kAlice);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.pairs[0].turns, 2u);
  EXPECT_EQ(verdict.total.turns, 2u);
  for (const DomainVerdict& domain : verdict.domains) {
    EXPECT_EQ(domain.turns, domain.id == ROOT_DOMAIN ? 0u : 1u) << domain.id;
  }
}

TEST(Judge, TheLongestViolationNamesTheTwoTasks) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kBob).run(21 * kMs, 1, kIdle);
  script.run(30 * kMs, 1, kCarol).run(34 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  const Episode& longest = verdict.total.overlap.violation.longest.value();
  EXPECT_EQ(longest.at_ns, 20 * kMs);
  EXPECT_EQ(longest.length_ns, 4 * kMs);
  EXPECT_EQ(longest.tasks[0].pid, 101);
  EXPECT_EQ(longest.tasks[0].cpu, 0u);
  EXPECT_EQ(longest.tasks[1].pid, 301);
  EXPECT_EQ(longest.tasks[1].comm, "task301");
  EXPECT_EQ(longest.tasks[1].domain, 9u);
  EXPECT_EQ(longest.tasks[1].cpu, 1u);
}

TEST(Judge, AnEpisodeGoesOnWhenOneStrangerFollowsAnother) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kBob).run(25 * kMs, 1, kCarol, true);
  script.run(30 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.count, 1u);
  EXPECT_EQ(verdict.total.overlap.violation.longest->length_ns, 10 * kMs);
}

TEST(Judge, ARealtimeStrangerIsCountedApartAndBreaksNothing) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kRealtimeBob).run(23 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kKept);
  EXPECT_EQ(verdict.total.overlap.higher.ns, 3 * kMs);
  EXPECT_EQ(verdict.total.overlap.higher.count, 1u);
  EXPECT_EQ(verdict.total.overlap.higher.longest->tasks[1].pid, 202);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 0u);
}

TEST(Judge, ARealtimeTaskOfTheSameDomainIsNoStranger) {
  Script script;
  script.run(kSetUp, 0, kBob).run(kSetUp, 1, kRealtimeBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.higher.ns, 0u);
}

TEST(Judge, AKernelThreadIsCountedApartAndBreaksNothing) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kKthread).run(24 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kNothing);
  EXPECT_EQ(verdict.total.overlap.kernel_ns, 4 * kMs);
  EXPECT_EQ(verdict.total.kernel_cpu_ns, 4 * kMs);
  EXPECT_EQ(verdict.total.both_busy_ns, 4 * kMs);
}

TEST(Judge, InAPairOfThreeAnyTwoThatDifferAreAViolation) {
  Script script;
  script.run(kSetUp, 4, kAlice).run(kSetUp, 5, kIdle).run(kSetUp, 6, kAlsoAlice);
  script.run(20 * kMs, 5, kBob).run(25 * kMs, 5, kIdle);
  JudgeConfig config = one_pair();
  config.pairs = {{4, 5, 6}};
  const Verdict verdict = script.judge(config, kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 5 * kMs);
  EXPECT_EQ(verdict.total.both_busy_ns, kWindow);
  EXPECT_EQ(verdict.total.overlap.violation.longest->tasks[0].cpu, 4u);
  EXPECT_EQ(verdict.total.overlap.violation.longest->tasks[1].cpu, 5u);
}

TEST(Judge, InAPairOfEightTheLastTwoAreJudgedToo) {
  Script script;
  script.run(20 * kMs, 6, kAlice).run(20 * kMs, 7, kBob).run(22 * kMs, 7, kIdle);
  JudgeConfig config = one_pair();
  config.pairs = {{0, 1, 2, 3, 4, 5, 6, 7}};
  const Verdict verdict = script.judge(config, kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 2 * kMs);
  EXPECT_EQ(verdict.pairs[0].busy_ns[6], 90 * kMs);
  EXPECT_EQ(verdict.pairs[0].busy_ns[7], 2 * kMs);
}

TEST(Judge, KindsDoNotHideEachOtherInAWidePair) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kRealtimeBob).run(20 * kMs, 2, kCarol);
  script.run(20 * kMs, 3, kKthread);
  JudgeConfig config = one_pair();
  config.pairs = {{0, 1, 2, 3}};
  const Verdict verdict = script.judge(config, kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 90 * kMs);
  EXPECT_EQ(verdict.total.overlap.higher.ns, 90 * kMs);
  EXPECT_EQ(verdict.total.overlap.kernel_ns, 90 * kMs);
}

TEST(Judge, APairOfOneIsNeverBroken) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 0, kBob, true);
  JudgeConfig config = one_pair();
  config.pairs = {{0}};
  const Verdict verdict = script.judge(config, kEnd);
  EXPECT_EQ(verdict.ruling, Ruling::kNothing);
  EXPECT_EQ(verdict.total.both_busy_ns, 0u);
  EXPECT_EQ(verdict.total.busy_ns, kWindow);
}

TEST(Judge, RecordsOutOfOrderGiveTheSameVerdict) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kBob).run(25 * kMs, 1, kIdle);
  std::ranges::reverse(script.records());
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, 5 * kMs);
  EXPECT_EQ(verdict.lost, 0u);
}

TEST(Judge, ARecordAfterItsTimeWasJudgedCountsAsLost) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(30 * kMs, 1, kAlsoAlice);
  Judge judge(one_pair());
  judge.add(script.records()[0]);
  judge.advance(40 * kMs);
  judge.add(script.records()[1]);
  const Verdict verdict = judge.finish(kEnd, 0);
  EXPECT_EQ(verdict.lost, 1u);
  EXPECT_EQ(verdict.ruling, Ruling::kInconclusive);
  EXPECT_EQ(verdict.total.both_busy_ns, 70 * kMs);
}

TEST(Judge, LostRecordsLeaveItInconclusive) {
  Script script;
  script.run(kSetUp, 0, kAlice);
  EXPECT_EQ(script.judge(one_pair(), kEnd, 1).ruling, Ruling::kInconclusive);
  EXPECT_EQ(script.judge(one_pair(), kEnd, 0).ruling, Ruling::kNothing);
}

TEST(Judge, AViolationConvictsInSpiteOfLostRecords) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(20 * kMs, 1, kBob);
  EXPECT_EQ(script.judge(one_pair(), kEnd, 1).ruling, Ruling::kBroken);
}

TEST(Judge, AWrongLookThatASwitchCorrectsBeforeTheWindowIsNoLoss) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kStart - 1, 0, kIdle).run(30 * kMs, 0, kBob);
  script.records().erase(script.records().begin());
  EXPECT_EQ(script.judge(one_pair(), kEnd).lost, 0u);
}

TEST(Judge, ASwitchFromATaskNobodySawIsAMissingRecord) {
  Script script;
  script.run(20 * kMs, 0, kAlice).run(30 * kMs, 0, kIdle);
  script.records().erase(script.records().begin());
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.lost, 1u);
  EXPECT_EQ(verdict.ruling, Ruling::kInconclusive);
}

TEST(Judge, ATaskThatChangesItsPidByExecIsNoMissingRecord) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(30 * kMs, 0, kIdle);
  script.records().back().prev_pid = kAlsoAlice.pid;
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kNothing);
}

TEST(Judge, AnEmptyWindowIsInconclusive) {
  Script script;
  script.run(kSetUp, 0, kAlice);
  EXPECT_EQ(script.judge(one_pair(), kStart).ruling, Ruling::kInconclusive);
  EXPECT_EQ(script.judge(one_pair(), kStart - kMs).window_ns, 0u);
}

TEST(Judge, OnlyThePartInsideTheWindowCounts) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(2 * kMs, 1, kBob).run(12 * kMs, 1, kIdle);
  script.run(105 * kMs, 1, kBob).run(120 * kMs, 1, kIdle);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, (2 + 5) * kMs);
  EXPECT_EQ(verdict.total.overlap.violation.count, 2u);
  EXPECT_EQ(verdict.total.overlap.violation.longest->at_ns, 95 * kMs);
  EXPECT_EQ(verdict.total.busy_ns, (100 + 7) * kMs);
}

TEST(Judge, AViolationThatEndedBeforeTheWindowIsForgiven) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(2 * kMs, 1, kBob).run(kStart, 1, kIdle);
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kNothing);
}

TEST(Judge, ATaskThatNeverSwitchesIsKnownFromTheStart) {
  Script script;
  script.found_running(kSetUp, 0, kAlice).found_running(kSetUp, 1, kBob);
  const Verdict verdict = script.judge(one_pair(), kEnd);
  EXPECT_EQ(verdict.total.overlap.violation.ns, kWindow);
}

TEST(Judge, ASwitchIsBelievedMoreThanTheLookAtTheStart) {
  Script script;
  script.run(kSetUp, 0, kAlice).found_running(kSetUp + 1, 0, kBob).found_running(kSetUp, 1, kBob);
  script.run(3 * kMs, 1, kAlsoAlice, true);
  EXPECT_EQ(script.judge(one_pair(), kEnd).ruling, Ruling::kNothing);
}

TEST(Judge, JudgingPieceByPieceGivesTheSameVerdict) {
  Script script;
  script.run(kSetUp, 0, kAlice);
  for (u64 time_ns = kStart; time_ns < kEnd; time_ns += 3 * kMs) {
    script.run(time_ns, 1, kBob, true).run(time_ns + kMs, 1, kAlsoAlice, true);
  }
  Judge judge(one_pair());
  for (const switch_record& record : script.records()) {
    judge.add(record);
    judge.advance(record.time_ns);
  }
  const Verdict pieces = judge.finish(kEnd, 0);
  const Verdict whole = script.judge(one_pair(), kEnd);
  EXPECT_EQ(pieces.total.overlap.violation.ns, whole.total.overlap.violation.ns);
  EXPECT_EQ(pieces.total.overlap.violation.ns, 34 * kMs);
  EXPECT_EQ(pieces.lost, 0u);
}

}  // namespace
}  // namespace scx_pair
