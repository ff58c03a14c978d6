// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace scx_pair {

// Says how far long work is, and how long it goes on: a line every ten seconds, so that what is
// over before has none.
class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;

  // `say` prints a line without its end. Work begins at `begin`.
  ProgressLine(std::function<void(const std::string&)> say, Clock::time_point begin)
      : say_(std::move(say)), begin_(begin), said_(begin) {}

  // `done` is a part of the whole, 0 to 1, and `what` names the whole: "0.3 s of 1 s simulated".
  void report(double done, const std::string& what, Clock::time_point now);

 private:
  std::function<void(const std::string&)> say_;
  Clock::time_point begin_;
  Clock::time_point said_;
};

// ProgressLine that begins now, on the standard error.
ProgressLine progress_on_stderr();

}  // namespace scx_pair
