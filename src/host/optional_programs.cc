// SPDX-License-Identifier: GPL-2.0-only
#include "host/optional_programs.h"

#include <utility>

namespace scx_pair {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Result<ChosenPrograms> choose_programs(
    const std::vector<std::string>& needed, const std::vector<std::string>& optional,
    const std::function<Status(const std::vector<std::string>&)>& load) {
  ChosenPrograms chosen{.programs = needed, .refusals = {}};
  chosen.programs.insert(chosen.programs.end(), optional.begin(), optional.end());
  if (load(chosen.programs)) return chosen;
  chosen.programs = needed;
  Status least = load(needed);
  if (!least) return std::move(least.error());
  for (const std::string& name : optional) {
    chosen.programs.push_back(name);
    Status more = load(chosen.programs);
    if (more) continue;
    chosen.programs.pop_back();
    chosen.refusals[name] = first_line(more.error().what);
  }
  return chosen;
}

}  // namespace scx_pair
