// SPDX-License-Identifier: GPL-2.0-only
//
// Judges of who gets what: each runs the scheduler in a small scenario whose outcome can be told
// beforehand, and says what is wrong with it. For tests, and for the suite of mutants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/verdict.h"
#include "base/types.h"
#include "sim/native_object.h"

namespace scx_pair {

struct FairnessJudge {
  std::string name;
  // One sentence of what the scheduler did wrong; nothing if it did what it should.
  std::optional<std::string> (*judge)(NativeObject& scheduler);
};

const std::vector<FairnessJudge>& fairness_judges();

// Who has waited for longer than that, in one sentence, if anybody has.
std::optional<std::string> find_wait_over(u64 most_ns, const Verdict& verdict);

}  // namespace scx_pair
