// SPDX-License-Identifier: GPL-2.0-only
#include "part.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace scx_pair {
namespace {

struct KindName {
  const char* name;
  Kind kind;
  bool timed;  // needs RUN_US/REST_US
};

constexpr std::array<KindName, 6> kKinds{{{"spin", Kind::kSpin, false},
                                          {"sleep", Kind::kSleep, true},
                                          {"fifo", Kind::kFifo, true},
                                          {"run", Kind::kRun, false},
                                          {"move", Kind::kMove, false},
                                          {"churn", Kind::kChurn, false}}};
constexpr u32 kCountMax = 10'000;
constexpr u32 kTimeMaxUs = 10'000'000;
constexpr u32 kCpuMax = 8191;

std::optional<u32> parse_number(const std::string& text, u32 max) {
  u32 number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number > max) return std::nullopt;
  return number;
}

// Cuts `text` at the first `mark`; the second half is absent when there is none.
std::optional<std::string> cut(std::string& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return std::nullopt;
  std::string behind = text.substr(at + 1);
  text.resize(at);
  return behind;
}

bool is_plain_path(const std::string& path) {
  return !path.empty() && path.front() != '/' && path.find("..") == std::string::npos;
}

// The fields of the text; what is wrong with them, or nothing.
const char* fill_part(Part& part, const KindName& kind, std::vector<std::string> fields) {
  part.kind = kind.kind;
  if (!is_plain_path(fields[0])) return "CGROUP is a path below the cgroup root, or -";
  part.cgroup = fields[0] == "-" ? "" : fields[0];
  const auto count = parse_number(fields[1], kCountMax);
  if (!count || *count == 0) return "COUNT is a number from 1 to 10000";
  part.count = *count;
  if (!kind.timed) return fields.size() == 2 ? nullptr : "only sleep and fifo have RUN_US/REST_US";
  if (fields.size() != 3) return "sleep and fifo need RUN_US/REST_US";
  const auto rest_text = cut(fields[2], '/');
  const auto run_us = parse_number(fields[2], kTimeMaxUs);
  const auto rest_us = rest_text ? parse_number(*rest_text, kTimeMaxUs) : std::nullopt;
  if (!run_us || !rest_us) return "RUN_US and REST_US are numbers up to 10000000";
  part.run_us = *run_us;
  part.rest_us = *rest_us;
  return nullptr;
}

}  // namespace

u32 part_tasks(const Part& part) {
  return part.kind == Kind::kMove ? 1 : part.count;
}

const char* kind_name(Kind kind) {
  const auto* found = std::ranges::find(kKinds, kind, &KindName::kind);
  check(found != kKinds.end(), "a kind without a name");
  return found->name;
}

Result<Part> parse_part(const std::string& text) {
  const auto refuse = [&](const char* why) {
    return Error{ExitCode::kUsage, fmt::format("part '{}': {}; a part is "
                                               "KIND:CGROUP:COUNT[:RUN_US/REST_US][@CPU]",
                                               text, why)};
  };
  Part part;
  part.text = text;
  std::string rest = text;
  if (const auto cpu_text = cut(rest, '@')) {
    part.cpu = parse_number(*cpu_text, kCpuMax);
    if (!part.cpu) return refuse("CPU is a number from 0 to 8191");
  }
  std::vector<std::string> fields;
  for (auto behind = cut(rest, ':'); behind; behind = cut(rest, ':')) {
    fields.push_back(rest);
    rest = *behind;
  }
  fields.push_back(rest);
  const auto* kind = std::ranges::find(kKinds, fields[0], &KindName::name);
  if (kind == kKinds.end()) return refuse("KIND is spin, sleep, fifo, run, move or churn");
  fields.erase(fields.begin());
  if (fields.size() < 2 || fields.size() > 3) return refuse("it has two to four fields");
  if (const char* wrong = fill_part(part, *kind, fields)) return refuse(wrong);
  return part;
}

}  // namespace scx_pair
