// SPDX-License-Identifier: GPL-2.0-only
//
// Draws where the cpu time of a run went, as an SVG picture that needs nothing else. Above, the
// shares of the domains in the time that user tasks had, stacked, each over its column and the ones
// around it; below, what of the machine's time that was, what kernel threads had, and what was
// forced idle or idle. Dashed lines are where the domains' borders should be by cpu.weight. They
// are there if every domain wanted cpu time throughout, and entitlement.h can tell.
#pragma once

#include <map>
#include <string>

#include "base/types.h"
#include "sim/scenario.h"
#include "sim/share_meter.h"

namespace scx_pair {

// How long a column of the plot of this scenario is: of its window there are about 200. At least 1.
u64 plot_column_ns(const Scenario& scenario);

// The picture. `paths` are those of the domains that are cgroups of the scenario; all others are
// drawn as one, as are the smallest where there are more than 20.
std::string share_plot_svg(const Scenario& scenario, const std::map<u64, std::string>& paths,
                           const ShareHistory& history);

}  // namespace scx_pair
