// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace scx_pair {

// A program started by this one, in a process group of its own. Its destructor ends it.
class Command {
 public:
  // `argv` as for execvp. With `output_to_stderr` its standard output goes where errors go.
  // Requires: argv is not empty.
  static Result<Command> start(const std::vector<std::string>& argv, bool output_to_stderr);

  Command(Command&& other) noexcept;
  Command& operator=(Command&&) = delete;
  ~Command();

  // Its exit status once it has ended, 128 plus the signal if a signal ended it, as a shell says.
  std::optional<int> poll();

  // Ends the whole process group: asks with SIGTERM, then insists. Gives the exit status.
  int end();

 private:
  explicit Command(pid_t pid) : pid_(pid) {}

  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace scx_pair
