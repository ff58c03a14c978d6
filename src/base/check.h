// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace scx_pair {

// Aborts, in every build, when a condition that only a programming error can make false is false.
// Operating errors (files, syscalls, flags) are Result values instead: see base/result.h.
inline void check(bool condition, const char* what,
                  std::source_location where = std::source_location::current()) {
  if (condition) return;
  std::fprintf(stderr, "%s:%u: check failed: %s\n", where.file_name(), where.line(), what);
  std::abort();
}

}  // namespace scx_pair
