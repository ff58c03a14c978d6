// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdio>
#include <string_view>

#include "base/result.h"

namespace scx_pair {

// Text for whoever called the program, such as its report on the standard output. A failure is
// remembered, and what comes after it is dropped.
class TextOutput {
 public:
  // Requires: the file stays open for as long as this lives.
  explicit TextOutput(std::FILE* file) : file_(file) {}

  // Written at once, so that a reader sees it as it comes.
  void print(std::string_view text);

  [[nodiscard]] bool failed() const { return failure_ != 0; }
  // Whether all of it could be written; the error says why not.
  [[nodiscard]] Status finish() const;

 private:
  std::FILE* file_;
  int failure_ = 0;  // an errno
};

}  // namespace scx_pair
