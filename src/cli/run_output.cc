// SPDX-License-Identifier: GPL-2.0-only
#include "cli/run_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/hostile_text.h"

namespace scx_pair {
namespace {

constexpr std::chrono::milliseconds kLastMoment(500);

}  // namespace

RunOutput::RunOutput(bool json) : json_(json), out_(STDOUT_FILENO), err_(STDERR_FILENO) {}

RunOutput::~RunOutput() {
  out_.drain(kLastMoment);
  err_.drain(kLastMoment);
}

void RunOutput::tell(const std::string& sentence) {
  show(fmt::format("scx_pair: {}\n", printable(sentence)));
}

void RunOutput::show(std::string lines) {
  (json_ ? err_ : out_).write(std::move(lines));
}

void RunOutput::warn(const std::string& sentence) {
  err_.write(fmt::format("scx_pair: warning: {}\n", printable(sentence)));
}

void RunOutput::show_dump(const std::string& lines) {
  err_.write(printable_lines(lines) + '\n');
}

}  // namespace scx_pair
