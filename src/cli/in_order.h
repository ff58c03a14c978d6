// SPDX-License-Identifier: GPL-2.0-only
//
// Work on all cpus, whose results come in an order of which no thread knows anything: that of the
// jobs.
#pragma once

#include <algorithm>
#include <condition_variable>
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
// Requires: there is a worker.
template <typename Worker, typename Work, typename Take>
void work_in_order(std::vector<Worker>& workers, u64 jobs, const Work& work, const Take& take) {
  std::mutex mutex;
  std::condition_variable one_is_done;
  std::map<u64, std::invoke_result_t<const Work&, Worker&, u64>> results;
  u64 next = 0;
  const auto labour = [&](Worker& worker) {
    std::unique_lock lock(mutex);
    while (next < jobs) {
      const u64 job = next++;
      lock.unlock();
      auto result = work(worker, job);
      lock.lock();
      results.emplace(job, std::move(result));
      one_is_done.notify_one();
    }
  };
  std::vector<std::jthread> threads;
  threads.reserve(workers.size());
  for (Worker& worker : workers) threads.emplace_back([&labour, &worker] { labour(worker); });
  for (u64 job = 0; job < jobs; job++) {
    std::unique_lock lock(mutex);
    one_is_done.wait(lock, [&] { return results.contains(job); });
    auto taken = results.extract(job);
    lock.unlock();
    take(job, std::move(taken.mapped()));
  }
}

}  // namespace scx_pair
