// SPDX-License-Identifier: GPL-2.0-only
#include "part.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "setting.h"

namespace scx_pair {
namespace {

// What a kind has behind its count.
enum class Times { kNone, kRun, kRunAndRest };

struct KindName {
  const char* name;
  Kind kind;
  Times times;
};

constexpr std::array<KindName, 7> kKinds{{{"spin", Kind::kSpin, Times::kNone},
                                          {"yield", Kind::kYield, Times::kRun},
                                          {"sleep", Kind::kSleep, Times::kRunAndRest},
                                          {"fifo", Kind::kFifo, Times::kRunAndRest},
                                          {"run", Kind::kRun, Times::kNone},
                                          {"move", Kind::kMove, Times::kNone},
                                          {"churn", Kind::kChurn, Times::kNone}}};
constexpr u32 kCountMax = 10'000;
constexpr u32 kTimeMaxUs = 10'000'000;
constexpr u32 kCpuMax = 8191;
constexpr int kNiceMin = -20;
constexpr int kNiceMax = 19;
constexpr std::string_view kNiceMark = "nice=";

template <typename T>
std::optional<T> parse_number(const std::string& text, T min, T max) {
  T number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number < min || number > max) return std::nullopt;
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

// All of `text` between the marks.
std::vector<std::string> split(std::string text, char mark) {
  std::vector<std::string> pieces;
  for (auto behind = cut(text, mark); behind; behind = cut(text, mark)) {
    pieces.push_back(text);
    text = *behind;
  }
  pieces.push_back(text);
  return pieces;
}

// What is wrong with the times, or nothing.
const char* fill_times(Part& part, Times times, std::string text) {
  const auto rest_text = cut(text, '/');
  const auto run_us = parse_number<u32>(text, 0, kTimeMaxUs);
  if (times == Times::kRun) {
    if (!run_us || *run_us == 0 || rest_text) return "RUN_US is a number from 1 to 10000000";
    part.run_us = *run_us;
    return nullptr;
  }
  const auto rest_us = rest_text ? parse_number<u32>(*rest_text, 0, kTimeMaxUs) : std::nullopt;
  if (!run_us || !rest_us) return "RUN_US and REST_US are numbers up to 10000000";
  part.run_us = *run_us;
  part.rest_us = *rest_us;
  return nullptr;
}

// The fields of the text; what is wrong with them, or nothing.
const char* fill_part(Part& part, const KindName& kind, const std::vector<std::string>& fields) {
  part.kind = kind.kind;
  if (!is_plain_path(fields[0])) return "CGROUP is a path below the cgroup root, or -";
  part.cgroup = fields[0] == "-" ? "" : fields[0];
  const auto count = parse_number<u32>(fields[1], 1, kCountMax);
  if (!count) return "COUNT is a number from 1 to 10000";
  part.count = *count;
  const bool timed = kind.times != Times::kNone;
  if (!timed && fields.size() != 2) return "only sleep, fifo and yield have times";
  if (timed && fields.size() != 3) return "sleep and fifo need RUN_US/REST_US, yield needs RUN_US";
  return timed ? fill_times(part, kind.times, fields[2]) : nullptr;
}

// What the words behind the commas say of the tasks; what is wrong with them, or nothing.
const char* fill_priority(Part& part, const std::vector<std::string>& words) {
  const bool ordinary =
      part.kind == Kind::kSpin || part.kind == Kind::kYield || part.kind == Kind::kSleep;
  if (!words.empty() && !ordinary)
    return "only spin, yield and sleep have a policy or a nice value";
  for (const std::string& word : words) {
    if (word == "batch" || word == "idle") {
      part.policy = word == "batch" ? Policy::kBatch : Policy::kIdle;
      continue;
    }
    const bool is_nice = word.starts_with(kNiceMark);
    const auto nice =
        is_nice ? parse_number(word.substr(kNiceMark.size()), kNiceMin, kNiceMax) : std::nullopt;
    if (!nice) return "behind a comma is batch, idle, or nice=N with N from -20 to 19";
    part.nice = *nice;
  }
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
    return Error{ExitCode::kUsage,
                 fmt::format("part '{}': {}; a part is "
                             "KIND:CGROUP:COUNT[:TIMES][,batch|,idle][,nice=N][@CPU]",
                             text, why)};
  };
  Part part;
  part.text = text;
  std::string rest = text;
  if (const auto cpu_text = cut(rest, '@')) {
    part.cpu = parse_number<u32>(*cpu_text, 0, kCpuMax);
    if (!part.cpu) return refuse("CPU is a number from 0 to 8191");
  }
  std::vector<std::string> words = split(rest, ',');
  std::vector<std::string> fields = split(words[0], ':');
  words.erase(words.begin());
  const auto* kind = std::ranges::find(kKinds, fields[0], &KindName::name);
  if (kind == kKinds.end()) return refuse("KIND is spin, yield, sleep, fifo, run, move or churn");
  fields.erase(fields.begin());
  if (fields.size() < 2 || fields.size() > 3) return refuse("it has two to four fields");
  if (const char* wrong = fill_part(part, *kind, fields)) return refuse(wrong);
  if (const char* wrong = fill_priority(part, words)) return refuse(wrong);
  return part;
}

}  // namespace scx_pair
