// SPDX-License-Identifier: GPL-2.0-only
//
// What a plot of shares shows, before it is drawn: which domains are layers of their own, what each
// has in every column, and what each is entitled to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "sim/scenario.h"
#include "sim/share_meter.h"

namespace scx_pair {

inline constexpr size_t kLayersMax = 20;

struct ShareLayer {
  std::string name{};                // the path of its cgroup, or what it stands for
  bool is_rest = false;              // several domains that have no layer of their own
  double mean = 0;                   // 0..1, of all that the layers had
  std::optional<double> entitled{};  // 0..1; all layers have it, or none
  std::vector<double> share{};       // by column, 0..1; 0 where nobody had anything
};

// What became of the machine's time: 0..1 of it by column, and the mean.
struct UsageLayer {
  double mean = 0;
  std::vector<double> share{};
};

struct ShareLayers {
  std::vector<ShareLayer> domains{};  // in the order of the scenario's cgroups, the rest last
  UsageLayer users{};
  UsageLayer kernel{};
  UsageLayer forced_idle{};
  UsageLayer idle{};
  u64 mean_over_ns = 0;  // each column is the mean over so long, around it where there is room
};

// Turns shift the shares back and forth between columns, which hides what they come to. So each
// column is the mean over four rounds in which every domain has had a turn, but over no more than
// an eighth of the window, and no less than itself.
ShareLayers share_layers(const Scenario& scenario, const std::map<u64, std::string>& paths,
                         const ShareHistory& history);

}  // namespace scx_pair
