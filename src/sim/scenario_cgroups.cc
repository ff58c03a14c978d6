// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <charconv>
#include <set>

#include "sim/scenario_reader.h"

namespace scx_pair {
namespace {

constexpr size_t kPathMax = 255;

bool is_legal_path(const std::string& path) {
  if (path.size() < 2 || path.size() > kPathMax || path.front() != '/') return false;
  size_t begin = 1;
  for (;;) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = std::string_view(path).substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == path.size()) return true;
    begin = end + 1;
  }
}

// The cgroup at a legal path, made with its parents where it is not there.
u32 find_or_make(const std::string& path, ScenarioDraft& draft) {
  const auto found = draft.cgroups.find(path);
  if (found != draft.cgroups.end()) return found->second.front();
  const size_t slash = path.rfind('/');
  const u32 parent = slash == 0 ? 0 : find_or_make(path.substr(0, slash), draft);
  const auto index = static_cast<u32>(draft.scenario.cgroups.size());
  draft.scenario.cgroups.push_back({.path = path, .parent = parent});
  draft.cgroups[path] = {index};
  return index;
}

// As the kernel's file: "50000 100000", "max", "max 100000"; both in microseconds.
void read_cpu_max(const FieldRef& field, CgroupSpec& cgroup, Refusal& refusal) {
  const std::string text = read_text(field, refusal);
  const size_t blank = std::min(text.find(' '), text.size());
  const std::string_view quota = std::string_view(text).substr(0, blank);
  const std::string_view period =
      blank < text.size() ? std::string_view(text).substr(blank + 1) : "100000";
  u64 quota_us = 0;
  u64 period_us = 0;
  const auto whole = [](std::string_view digits, u64& number) {
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    return error == std::errc() && stop == end;
  };
  const bool is_max = quota == "max";
  if ((!is_max && !whole(quota, quota_us)) || !whole(period, period_us)) {
    refusal.at(field, R"(it takes "<quota> <period>" in microseconds, or "max")");
  } else if (period_us < 1'000 || period_us > 1'000'000 ||
             (!is_max && (quota_us < 1'000 || quota_us > 1'000'000'000))) {
    refusal.at(field, "it takes a quota from 1 ms on and a period from 1 ms to 1 s");
  } else {
    cgroup.quota_ns = quota_us * 1'000;
    cgroup.period_ns = period_us * 1'000;
  }
}

void read_settings(Fields& fields, CgroupSpec& cgroup) {
  cgroup.weight = fields.whole("cpu.weight", {1, 10'000}, cgroup.weight);
  cgroup.idle = fields.flag("cpu.idle", cgroup.idle);
  if (const auto field = fields.find("cpu.max")) read_cpu_max(*field, cgroup, fields.refusal());
  if (const auto field = fields.find("cpu.max.burst")) {
    const s64 burst_us = read_whole(*field, {0, 1'000'000'000}, fields.refusal());
    cgroup.burst_ns = static_cast<u64>(burst_us) * 1'000;
    // tg_set_bandwidth()
    if (cgroup.quota_ns != 0 && cgroup.burst_ns > cgroup.quota_ns) {
      fields.refusal().at(*field, "a burst is at most the quota of cpu.max");
    }
  }
}

void read_cgroup(const FieldRef& field, std::set<std::string>& declared, ScenarioDraft& draft) {
  const std::string& name = field.node->name;
  Fields fields(field, draft.refusal);
  const auto instances_field = fields.find("instances");
  std::optional<u32> instances;
  if (instances_field) {
    instances = static_cast<u32>(read_whole(*instances_field, {1, kCgroupsMax}, draft.refusal));
  }
  CgroupSpec settings;
  read_settings(fields, settings);
  fields.finish();
  if (!is_legal_path(name)) {
    draft.refusal.at(field, "no path of a cgroup; one is \"/a\" or \"/a/b\"");
  }
  if (!check_pattern(field, name, instances, draft.refusal) || draft.refusal.is_set()) return;
  std::vector<u32> made;
  for (u32 i = 0; i < instances.value_or(1); i++) {
    const std::string path = instances ? pattern_instance(name, i) : name;
    if (!declared.insert(path).second) draft.refusal.at(field, path + " is there twice");
    made.push_back(find_or_make(path, draft));
    CgroupSpec& cgroup = draft.scenario.cgroups[made.back()];
    settings.path = path;
    settings.parent = cgroup.parent;
    cgroup = settings;
  }
  if (instances) draft.cgroups[name] = made;
}

}  // namespace

bool check_pattern(const FieldRef& field, const std::string& name, std::optional<u32> instances,
                   Refusal& refusal) {
  const auto marks = std::ranges::count(name, '#');
  if (marks == (instances ? 1 : 0)) return true;
  refusal.at(field, instances ? "a name with \"instances\" has one \"#\", for their numbers"
                              : "a name with \"#\" needs \"instances\"");
  return false;
}

std::string pattern_instance(const std::string& pattern, u32 index) {
  const size_t mark = pattern.find('#');
  return pattern.substr(0, mark) + std::to_string(index) + pattern.substr(mark + 1);
}

void read_cgroups(const FieldRef& section, ScenarioDraft& draft) {
  draft.scenario.cgroups = {{.path = "/"}};
  draft.cgroups["/"] = {0};
  std::set<std::string> declared;
  Fields fields(section, draft.refusal);
  for (const FieldRef& field : fields.members()) {
    read_cgroup(field, declared, draft);
    if (draft.scenario.cgroups.size() > kCgroupsMax + 1) {
      draft.refusal.at(field, fmt::format("more than {} cgroups", kCgroupsMax));
    }
    if (draft.refusal.is_set()) return;
  }
}

std::vector<u32> read_cgroup_list(const FieldRef& field, ScenarioDraft& draft) {
  std::vector<u32> list;
  for (const auto& [name, where] : read_texts(field, draft.refusal)) {
    const auto found = draft.cgroups.find(name);
    if (found == draft.cgroups.end()) {
      draft.refusal.at(where, fmt::format("cgroup {} is not in \"cgroups\"", name));
      return {0};
    }
    list.insert(list.end(), found->second.begin(), found->second.end());
  }
  return list;
}

}  // namespace scx_pair
