// SPDX-License-Identifier: GPL-2.0-only
//
// Judges of who gets what: each runs the scheduler in a small scenario whose outcome can be told
// beforehand, and says what is wrong with it. For tests, and for the suite of mutants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/native_object.h"

namespace scx_pair {

struct FairnessJudge {
  std::string name;
  // One sentence of what the scheduler did wrong; nothing if it did what it should.
  std::optional<std::string> (*judge)(NativeObject& scheduler);
};

const std::vector<FairnessJudge>& fairness_judges();

}  // namespace scx_pair
