// SPDX-License-Identifier: GPL-2.0-only
#include "sim/share_layers.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sim/entitlement.h"

namespace scx_pair {
namespace {

constexpr u64 kRounds = 4;
constexpr u64 kWindowPart = 8;

// A layer as sums, not yet as shares.
struct Stack {
  std::string name{};
  bool is_rest = false;
  u32 cgroup = kNoIndex;
  u64 wanted_ns = 0;
  u64 total_ns = 0;
  std::vector<u64> cpu_ns{};
};

u64 sum_of(const std::vector<u64>& columns) {
  return std::accumulate(columns.begin(), columns.end(), u64{0});
}

double ratio(u64 part, u64 whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Each column becomes the sum of itself and `reach` on either side; of those nearest to it, where
// an end is nearer than that.
std::vector<u64> spread(const std::vector<u64>& columns, size_t reach) {
  const size_t width = std::min(2 * reach + 1, columns.size());
  std::vector<u64> sums(columns.size());
  for (size_t i = 0; i < columns.size(); i++) {
    const size_t begin = std::min(i - std::min(i, reach), columns.size() - width);
    for (size_t j = begin; j < begin + width; j++) sums[i] += columns[j];
  }
  return sums;
}

void add_columns(std::vector<u64>& to, const std::vector<u64>& columns) {
  if (to.size() < columns.size()) to.resize(columns.size());
  for (size_t i = 0; i < columns.size(); i++) to[i] += columns[i];
}

// The domains that are cgroups of the scenario, in its order; all others are the last one.
std::vector<Stack> stacks_of(const Scenario& scenario, const std::map<u64, std::string>& paths,
                             const ShareHistory& history) {
  std::map<std::string, u32> cgroups;
  for (u32 i = 0; i < scenario.cgroups.size(); i++) cgroups[scenario.cgroups[i].path] = i;
  std::vector<Stack> stacks;
  Stack others{.name = "made on the way", .is_rest = true};
  for (const auto& [domain, shares] : history.domains) {
    const auto path = paths.find(domain);
    const auto cgroup = path == paths.end() ? cgroups.end() : cgroups.find(path->second);
    if (cgroup == cgroups.end()) {
      add_columns(others.cpu_ns, shares.cpu_ns);
      continue;
    }
    stacks.push_back({.name = path->second,
                      .cgroup = cgroup->second,
                      .wanted_ns = shares.wanted_ns,
                      .total_ns = sum_of(shares.cpu_ns),
                      .cpu_ns = shares.cpu_ns});
  }
  std::ranges::sort(stacks, {}, &Stack::cgroup);
  if (!others.cpu_ns.empty()) stacks.push_back(std::move(others));
  return stacks;
}

void set_entitled(const Scenario& scenario, const ShareHistory& history,
                  const std::vector<Stack>& stacks, std::vector<ShareLayer>& layers) {
  std::vector<u32> busy;
  for (const Stack& stack : stacks) {
    // A task needs a moment to start.
    if (stack.is_rest || stack.wanted_ns < history.window_ns / 100 * 99) return;
    busy.push_back(stack.cgroup);
  }
  const std::map<u32, double> entitled = entitled_shares(scenario, busy);
  if (entitled.empty()) return;
  for (size_t i = 0; i < layers.size(); i++) layers[i].entitled = entitled.at(busy[i]);
}

// Of more than kLayersMax, those that had least become one.
void merge_smallest(std::vector<Stack>& stacks) {
  if (stacks.size() <= kLayersMax) return;
  std::vector<const Stack*> by_size;
  for (const Stack& stack : stacks) {
    if (!stack.is_rest) by_size.push_back(&stack);
  }
  std::ranges::sort(by_size, [](const Stack* a, const Stack* b) {
    return a->total_ns != b->total_ns ? a->total_ns > b->total_ns : a->cgroup < b->cgroup;
  });
  std::vector<u32> kept(kLayersMax - 1);
  for (size_t i = 0; i < kept.size(); i++) kept[i] = by_size[i]->cgroup;
  Stack rest{.name = "all others", .is_rest = true};
  std::vector<Stack> merged;
  for (Stack& stack : stacks) {
    if (!stack.is_rest && std::ranges::find(kept, stack.cgroup) != kept.end()) {
      merged.push_back(std::move(stack));
    } else {
      add_columns(rest.cpu_ns, stack.cpu_ns);
    }
  }
  merged.push_back(std::move(rest));
  stacks = std::move(merged);
}

UsageLayer usage(const std::vector<u64>& part, const std::vector<u64>& all, size_t reach) {
  UsageLayer layer{.mean = ratio(sum_of(part), sum_of(all))};
  const std::vector<u64> parts = spread(part, reach);
  const std::vector<u64> wholes = spread(all, reach);
  for (size_t i = 0; i < all.size(); i++) layer.share.push_back(ratio(parts[i], wholes[i]));
  return layer;
}

}  // namespace

ShareLayers share_layers(const Scenario& scenario, const std::map<u64, std::string>& paths,
                         const ShareHistory& history) {
  std::vector<Stack> stacks = stacks_of(scenario, paths, history);
  const u64 round_ns = scenario.scheduler.turn_ns * stacks.size();
  const u64 over_ns = std::min(kRounds * round_ns, history.window_ns / kWindowPart);
  const size_t reach = (std::max<size_t>(over_ns / history.column_ns, 1) - 1) / 2;
  std::vector<u64> users(history.idle_ns.size());
  for (const Stack& stack : stacks) add_columns(users, stack.cpu_ns);
  std::vector<u64> all = users;
  add_columns(all, history.kernel_ns);
  add_columns(all, history.forced_idle_ns);
  add_columns(all, history.idle_ns);
  ShareLayers layers{.users = usage(users, all, reach),
                     .kernel = usage(history.kernel_ns, all, reach),
                     .forced_idle = usage(history.forced_idle_ns, all, reach),
                     .idle = usage(history.idle_ns, all, reach),
                     .mean_over_ns = (2 * reach + 1) * history.column_ns};
  merge_smallest(stacks);
  for (const Stack& stack : stacks) {
    const UsageLayer shares = usage(stack.cpu_ns, users, reach);
    layers.domains.push_back(
        {.name = stack.name, .is_rest = stack.is_rest, .mean = shares.mean, .share = shares.share});
  }
  set_entitled(scenario, history, stacks, layers.domains);
  return layers;
}

}  // namespace scx_pair
