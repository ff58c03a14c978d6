// SPDX-License-Identifier: GPL-2.0-only
//
// What must never be, said of the simulated kernel's own truth: which task is where, and who may be
// in user mode. What the scheduler believes is only ever compared with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"

namespace scx_pair {

enum class Oracle : u8 {
  kIsolation,    // two cpus of a pair in user mode in different domains, outside the named windows
  kLostWakeup,   // a task waits, no domain holds a pair that could run it, nobody is about to look
  kIdleSibling,  // a task waits, a cpu beside its own domain idles, and nobody is about to look
  kLostTask,     // a runnable task that no queue has
  kBooks,        // what the scheduler believes of its seats is not so
  kStarvation,   // a task waits too long after all has calmed down
  kDeadlock,     // everybody waits for a lock
  kLivelock,     // activities follow each other without end while no time passes
  kEnded,        // the kernel ended the scheduler, or the verifier would not have let it do that
};

const char* name_of(Oracle oracle);

// What the scheduler believes of the pair that a cpu sits in, for a person to read.
std::string books_about(const Kernel& k, u32 cpu);

struct Violation {
  Oracle oracle = Oracle::kIsolation;
  std::string what;  // one sentence
  u64 time_ns = 0;   // of the scenario
};

// What an oracle needs to know beyond the kernel's state.
struct Moment {
  // By cpu: it is inside the kernel, in an activity that has not ended.
  std::vector<bool> in_kernel;
  // By cpu: the running task changed its domain or class where it runs.
  std::vector<bool> moved;
};

// Holds at every moment.
std::optional<Violation> judge_moment(const Kernel& k, const Moment& moment);

// Holds when no cpu is in the kernel and no interrupt is on its way: nobody is about to look.
// `conserving`: nor may a cpu idle beside work, unless a cgroup that the work is in has a limit, or
// had one a moment ago.
std::optional<Violation> judge_calm(const Kernel& k, const Moment& moment, bool conserving);
bool is_calm(const Kernel& k, const Moment& moment);

// Holds long after the last thing happened from outside: nobody has waited longer than this, who
// is in no cgroup with a limit, nor in an idle one while others are not.
std::optional<Violation> judge_patience(const Kernel& k, u64 patience_ns);

}  // namespace scx_pair
