// SPDX-License-Identifier: GPL-2.0-only
#include "cli/in_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <thread>
#include <vector>

namespace scx_pair {
namespace {

struct Counter {
  u64 jobs = 0;
};

TEST(InOrder, ResultsComeInTheOrderOfTheJobsHoweverLongTheyTake) {
  constexpr u64 kJobs = 200;
  std::vector<Counter> workers(3);
  std::vector<u64> taken;
  work_in_order(
      workers, kJobs,
      [](Counter& worker, u64 job) {
        worker.jobs++;
        // The first ones take longest.
        if (job < 3) std::this_thread::sleep_for(std::chrono::milliseconds(20 - 5 * job));
        return job * job;
      },
      [&taken](u64 job, u64 result) {
        EXPECT_EQ(result, job * job);
        taken.push_back(job);
      },
      [] { return true; });
  ASSERT_EQ(taken.size(), kJobs);
  for (u64 job = 0; job < kJobs; job++) EXPECT_EQ(taken[job], job);
  u64 done = 0;
  for (const Counter& worker : workers) done += worker.jobs;
  EXPECT_EQ(done, kJobs);
}

// Each of two jobs waits for the other to begin.
TEST(InOrder, WorkersWorkAtTheSameTime) {
  std::vector<Counter> workers(2);
  std::atomic<u64> begun = 0;
  u64 taken = 0;
  work_in_order(
      workers, 2,
      [&begun](Counter&, u64) {
        begun++;
        while (begun < 2) std::this_thread::yield();
        return true;
      },
      [&taken](u64, bool) { taken++; }, [] { return true; });
  EXPECT_EQ(taken, 2U);
}

TEST(InOrder, NoJobsAreNoWork) {
  std::vector<Counter> workers(2);
  work_in_order(
      workers, 0, [](Counter& worker, u64) { return ++worker.jobs; },
      [](u64, u64) { ADD_FAILURE() << "a result of nothing"; }, [] { return true; });
  EXPECT_EQ(workers[0].jobs + workers[1].jobs, 0U);
}

TEST(InOrder, WorkThatIsStoppedHasTakenAllThatWasBegun) {
  std::vector<Counter> workers(2);
  bool goes_on = true;
  u64 taken = 0;
  const u64 jobs = work_in_order(
      workers, 1'000'000, [](Counter& worker, u64) { return ++worker.jobs; },
      [&](u64 job, u64) {
        taken++;
        if (job == 5) goes_on = false;
      },
      [&goes_on] { return goes_on; });
  EXPECT_EQ(jobs, taken);
  EXPECT_EQ(jobs, workers[0].jobs + workers[1].jobs);
  EXPECT_GE(jobs, 6U);
}

TEST(InOrder, WhatAWorkerThrowsIsThrownToWhoeverWaits) {
  std::vector<Counter> workers(2);
  const auto fail = [](Counter&, u64 job) {
    if (job == 7) throw std::bad_alloc();
    return job;
  };
  const auto run = [&] {
    return work_in_order(workers, 1'000'000, fail, [](u64, u64) {}, [] { return true; });
  };
  EXPECT_THROW(run(), std::bad_alloc);
}

TEST(InOrder, ThereIsAWorkerForEachCpuButNotMoreThanJobs) {
  EXPECT_EQ(workers_for(0), 1U);
  EXPECT_EQ(workers_for(1), 1U);
  EXPECT_LE(workers_for(1'000), std::max(1U, std::thread::hardware_concurrency()));
  EXPECT_GE(workers_for(1'000), 1U);
}

}  // namespace
}  // namespace scx_pair
