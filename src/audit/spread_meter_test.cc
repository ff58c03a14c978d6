// SPDX-License-Identifier: GPL-2.0-only
#include "audit/spread_meter.h"

#include <gtest/gtest.h>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

using namespace one_window;

TotalVerdict judged(const Script& script) {
  return script.judge({.pairs = {{0, 1}, {2, 3}}, .window_start_ns = kStart}, kEnd).total;
}

TEST(Spread, TwoTasksOnOnePairBesideAnIdleOneAreCrowded) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  EXPECT_EQ(judged(script).crowded_ns, kWindow);
  EXPECT_EQ(judged(script).parallel_ns, kWindow);
}

TEST(Spread, TwoTasksOnTwoPairsAreNot) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 3, kAlsoAlice);
  EXPECT_EQ(judged(script).crowded_ns, 0u);
  EXPECT_EQ(judged(script).parallel_ns, kWindow);
}

TEST(Spread, OneTaskIsNeitherCrowdedNorParallel) {
  Script script;
  script.run(kSetUp, 0, kAlice);
  EXPECT_EQ(judged(script).crowded_ns, 0u);
  EXPECT_EQ(judged(script).parallel_ns, 0u);
}

TEST(Spread, ItEndsWhenTheOtherPairHasSomethingToDoAndBeginsAgain) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  script.run(30 * kMs, 2, kBob).run(50 * kMs, 2, kIdle).run(60 * kMs, 1, kIdle);
  EXPECT_EQ(judged(script).crowded_ns, 30 * kMs);
  EXPECT_EQ(judged(script).parallel_ns, 50 * kMs);
}

TEST(Spread, AKernelThreadKeepsItsPairFromBeingIdleAndCrowdsNobody) {
  Script busy;
  busy.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice).run(kSetUp, 2, kKthread);
  EXPECT_EQ(judged(busy).crowded_ns, 0u);
  Script beside;
  beside.run(kSetUp, 0, kAlice).run(kSetUp, 1, kKthread);
  EXPECT_EQ(judged(beside).crowded_ns, 0u);
  EXPECT_EQ(judged(beside).parallel_ns, 0u);
}

TEST(Spread, TasksOfAnyClassAndDomainCrowdEachOther) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kRealtimeBob);
  EXPECT_EQ(judged(script).crowded_ns, kWindow);
}

TEST(Spread, AKernelThreadThatTurnsIntoATaskCountsFromThenOn) {
  const TestTask helper{.pid = kKthread.pid, .domain = ROOT_DOMAIN};
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kKthread).change(60 * kMs, helper);
  script.run(80 * kMs, 1, kIdle);
  EXPECT_EQ(judged(script).crowded_ns, 20 * kMs);
}

TEST(Spread, TimeBeforeTheWindowDoesNotCount) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice).run(kStart + kMs, 1, kIdle);
  EXPECT_EQ(judged(script).crowded_ns, kMs);
}

TEST(Spread, OnePairAloneIsNeverCrowded) {
  Script script;
  script.run(kSetUp, 0, kAlice).run(kSetUp, 1, kAlsoAlice);
  const Verdict verdict = script.judge({.pairs = {{0, 1}}, .window_start_ns = kStart}, kEnd);
  EXPECT_EQ(verdict.total.crowded_ns, 0u);
}

}  // namespace
}  // namespace scx_pair
