// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>

#include "base/result.h"

namespace scx_pair {

// What SIGHUP does, which comes when a terminal is closed: what it did before, or nothing.
enum class Hangup { kEnds, kIgnored };

// Turns SIGINT and SIGTERM into something a loop can wait for. From create() to the destructor they
// no longer end the process; afterwards they do what they did before. Invariant: once stop was
// asked for, it stays asked for.
class StopSignals {
 public:
  // Requires: called before any other thread starts, since threads inherit the blocked signals.
  static Result<StopSignals> create(Hangup hangup = Hangup::kEnds);

  StopSignals(StopSignals&& other) noexcept;
  StopSignals& operator=(StopSignals&&) = delete;
  ~StopSignals();

  // Waits until stop is asked for or the file `news` can be read, at most so long, and says whether
  // stop was asked for. Zero only looks; without `news` there is none to wait for.
  bool wait_for(std::chrono::milliseconds longest, int news = -1);

 private:
  StopSignals(int fd, Hangup hangup) : fd_(fd), hangup_(hangup) {}

  int fd_ = -1;
  Hangup hangup_ = Hangup::kEnds;
  bool asked_ = false;
};

}  // namespace scx_pair
