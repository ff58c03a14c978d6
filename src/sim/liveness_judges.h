// SPDX-License-Identifier: GPL-2.0-only
//
// Whether everybody runs in time: each judge tries the scheduler on a machine where somebody counts
// for next to nothing, has used up a limit, or comes late. For tests, and for the suite of mutants.
#pragma once

#include <vector>

#include "sim/fairness_judges.h"

namespace scx_pair {

const std::vector<FairnessJudge>& liveness_judges();

}  // namespace scx_pair
