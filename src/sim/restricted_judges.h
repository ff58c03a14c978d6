// SPDX-License-Identifier: GPL-2.0-only
//
// Whether tasks that may not run everywhere are served: each judge tries the scheduler on a machine
// where somebody is bound to a cpu, a core, or a few of them. For tests, and for the suite of
// mutants.
#pragma once

#include <vector>

#include "sim/fairness_judges.h"

namespace scx_pair {

const std::vector<FairnessJudge>& restricted_judges();

}  // namespace scx_pair
