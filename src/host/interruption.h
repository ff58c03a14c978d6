// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <signal.h>

#include <array>

namespace scx_pair {

// Lets work that computes, rather than waits, end in order on SIGINT, SIGTERM and SIGHUP: from here
// to the destructor they end no process, and are asked for now and then, by any thread. They
// interrupt system calls, so that nobody hangs on a reader that does not read. One that was ignored
// before, as under nohup, still is. SIGPIPE is off meanwhile: a reader that has gone is an error of
// writing. Requires: there is one of these at a time.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  // Whether one of them has come.
  [[nodiscard]] static bool asked();

 private:
  std::array<struct sigaction, 4> before_{};
};

}  // namespace scx_pair
