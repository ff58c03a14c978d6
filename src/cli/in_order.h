// SPDX-License-Identifier: GPL-2.0-only
//
// Work on all cpus, whose results come in an order of which no thread knows anything: that of the
// jobs.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/types.h"

namespace scx_pair {

// How many workers so many jobs are worth on the cpus that this process may use.
inline u64 workers_for(u64 jobs) {
  return std::clamp<u64>(std::thread::hardware_concurrency(), 1, std::max<u64>(jobs, 1));
}

// Has work(worker, job) done for each job below `jobs`, by each worker on a thread of its own, and
// calls take(job, result) on this one, in the order of the jobs and as soon as it is their turn.
// While it waits it asks go_on() again and again; once that says no, no further job is begun, and
// those that are begun are waited for. What a worker throws ends the work the same way, and is
// thrown here. The value is how many jobs were taken. Requires: there is a worker.
template <typename Worker, typename Work, typename Take, typename GoOn>
u64 work_in_order(std::vector<Worker>& workers, u64 jobs, const Work& work, const Take& take,
                  const GoOn& go_on) {
  static constexpr std::chrono::milliseconds kBetweenQuestions{100};
  std::mutex mutex;
  std::condition_variable one_is_done;
  std::map<u64, std::invoke_result_t<const Work&, Worker&, u64>> results;
  std::exception_ptr failure;
  u64 next = 0;
  u64 end = jobs;  // the first that is not begun any more
  const auto labour = [&](Worker& worker) {
    std::unique_lock lock(mutex);
    while (next < end) {
      const u64 job = next++;
      lock.unlock();
      try {
        auto result = work(worker, job);
        lock.lock();
        results.emplace(job, std::move(result));
      } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        failure = std::current_exception();
        end = next;
      }
      one_is_done.notify_one();
    }
  };
  // Whatever happens here, the threads do not go on with work that nobody takes.
  const auto begin_no_more = [&] {
    const std::scoped_lock lock(mutex);
    end = std::min(end, next);
  };
  u64 taken_jobs = 0;
  std::vector<std::jthread> threads;
  try {
    threads.reserve(workers.size());
    for (Worker& worker : workers) threads.emplace_back([&labour, &worker] { labour(worker); });
    for (u64 job = 0;; job++) {
      std::unique_lock lock(mutex);
      while (job < end && !failure && !results.contains(job)) {
        one_is_done.wait_for(lock, kBetweenQuestions);
        lock.unlock();
        if (!go_on()) begin_no_more();
        lock.lock();
      }
      if (job >= end || failure) break;
      auto taken = results.extract(job);
      lock.unlock();
      take(job, std::move(taken.mapped()));
      taken_jobs++;
      if (!go_on()) begin_no_more();
    }
  } catch (...) {
    begin_no_more();
    throw;
  }
  threads.clear();
  if (failure) std::rethrow_exception(failure);
  return taken_jobs;
}

}  // namespace scx_pair
