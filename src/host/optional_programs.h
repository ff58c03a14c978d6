// SPDX-License-Identifier: GPL-2.0-only
//
// Which of a set of BPF programs a kernel takes. A verifier refuses an object as a whole and names
// one program at most, so what can be done without is found by trying.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace scx_pair {

struct ChosenPrograms {
  std::vector<std::string> programs;            // what was loaded last
  std::map<std::string, std::string> refusals;  // the others, and why: one line each
};

// Loads all of them, and where that is refused, what is needed and each optional one that the
// kernel takes beside it. The error is that of loading only what is needed. `load` keeps what it
// loaded before when it fails.
Result<ChosenPrograms> choose_programs(
    const std::vector<std::string>& needed, const std::vector<std::string>& optional,
    const std::function<Status(const std::vector<std::string>&)>& load);

// The first line of an error, without what libbpf and the verifier said beside it.
std::string first_line(const std::string& text);

}  // namespace scx_pair
