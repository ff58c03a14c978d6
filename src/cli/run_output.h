// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "base/types.h"
#include "host/output.h"

namespace scx_pair {

// What the running scheduler says. None of it is ever waited for.
class RunOutput {
 public:
  // With `json` the standard output is for the objects alone.
  explicit RunOutput(bool json);
  // Gives whoever reads a moment for the rest.
  ~RunOutput();
  RunOutput(const RunOutput&) = delete;
  RunOutput& operator=(const RunOutput&) = delete;

  void statistics(std::string text) { out_.write(std::move(text)); }
  // What becomes of the scheduler, one sentence.
  void tell(const std::string& sentence);
  // Lines for a person to read.
  void show(std::string lines);
  // Something is wrong, one sentence.
  void warn(const std::string& sentence);
  // What the kernel wrote down as it ended the scheduler.
  void show_dump(const std::string& lines);

  u64 dropped() const { return out_.dropped() + err_.dropped(); }

 private:
  bool json_;
  Output out_;
  Output err_;
};

}  // namespace scx_pair
