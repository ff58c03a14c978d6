// SPDX-License-Identifier: GPL-2.0-only
#include "host/cpu_list.h"

#include <fmt/ranges.h>

#include <charconv>

namespace scx_pair {
namespace {

std::optional<u32> parse_cpu(std::string_view text) {
  u32 cpu = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, cpu);
  if (error != std::errc() || stop != end || cpu >= kCpuIdsMax) return std::nullopt;
  return cpu;
}

}  // namespace

std::optional<std::vector<u32>> parse_cpu_list(std::string_view text) {
  std::vector<u32> cpus;
  if (text.empty()) return cpus;
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    const std::string_view range = text.substr(0, comma);
    text.remove_prefix(more ? comma + 1 : text.size());

    const size_t dash = range.find('-');
    const std::optional<u32> first = parse_cpu(range.substr(0, dash));
    const std::optional<u32> last =
        dash == std::string_view::npos ? first : parse_cpu(range.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    if (!cpus.empty() && *first <= cpus.back()) return std::nullopt;
    for (u32 cpu = *first; cpu <= *last; cpu++) cpus.push_back(cpu);
  }
  return cpus;
}

std::string cpu_list_text(const std::vector<u32>& cpus) {
  return fmt::format("{}", fmt::join(cpus, ","));
}

}  // namespace scx_pair
