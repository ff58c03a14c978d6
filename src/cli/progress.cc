// SPDX-License-Identifier: GPL-2.0-only
#include "cli/progress.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

namespace scx_pair {
namespace {

constexpr std::chrono::seconds kBetweenLines{10};

std::string time_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", std::ceil(seconds));
  return fmt::format("{:.0f} min", std::ceil(seconds / 60));
}

}  // namespace

void ProgressLine::report(double done, const std::string& what, Clock::time_point now) {
  if (now - said_ < kBetweenLines) return;
  said_ = now;
  const double spent = std::chrono::duration<double>(now - begin_).count();
  const std::string left =
      done > 0 ? fmt::format("about {} left", time_text(spent / done * (1 - done))) : "no end yet";
  say_(fmt::format("{} after {}, {}", what, time_text(spent), left));
}

ProgressLine progress_on_stderr() {
  const auto say = [](const std::string& line) {
    // Whoever cannot be told goes without.
    std::fputs(fmt::format("scx_pair: {}\n", line).c_str(), stderr);
  };
  return {say, ProgressLine::Clock::now()};
}

}  // namespace scx_pair
