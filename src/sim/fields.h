// SPDX-License-Identifier: GPL-2.0-only
//
// Typed access to the fields of a JSON object. Whatever is wrong is remembered, the first only, and
// a harmless value is returned, so that reading goes straight on; the caller asks once, at the end.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "sim/json_tree.h"
#include "sim/scenario.h"

namespace scx_pair {

// The longest time that may be written anywhere; Random::exponential takes no more.
inline constexpr u64 kDurationMaxNs = 1'000'000'000'000;

// What comes again and again does so after this on average, or more: time passes in a run.
inline constexpr u64 kRepeatMinNs = 1'000;

// A value and how a person gets to it: "tasks.web.cpus[2]".
struct FieldRef {
  const JsonNode* node = nullptr;
  std::string path;

  [[nodiscard]] FieldRef item(size_t index) const {
    return {&node->children[index], fmt::format("{}[{}]", path, index)};
  }
  [[nodiscard]] FieldRef member(const JsonNode& child) const {
    return {&child, path.empty() ? child.name : path + "." + child.name};
  }
};

// The first thing that is wrong with a file.
class Refusal {
 public:
  explicit Refusal(std::string file) : file_(std::move(file)) {}

  void at(const FieldRef& field, const std::string& what);
  [[nodiscard]] bool is_set() const { return error_.has_value(); }
  // Requires: is_set().
  [[nodiscard]] Error error() const { return *error_; }

 private:
  std::string file_;
  std::optional<Error> error_;
};

struct WholeRange {
  s64 least = 0;
  s64 most = 0;
};

// A bare number of a time is in microseconds, as rt-app has it; with a unit it is a string, "20ms".
inline constexpr u64 kBareUnitNs = 1'000;

// The least and the most a time may be, in words too.
struct DurationRange {
  u64 least_ns = 0;
  u64 most_ns = kDurationMaxNs;
};

// A value as it stands in the file, for a sentence: "-5", "\"5ms\"", "an array".
std::string value_text(const JsonNode& node);

// The value of one field; on a refusal, the least that is legal.
s64 read_whole(const FieldRef& field, WholeRange range, Refusal& refusal);
std::string read_text(const FieldRef& field, Refusal& refusal);
bool read_flag(const FieldRef& field, Refusal& refusal);
u64 read_duration_ns(const FieldRef& field, Refusal& refusal, u64 bare_unit_ns = kBareUnitNs);
// Refuses a time of this field that is out of its range.
void check_duration(const FieldRef& field, u64 ns, DurationRange range, Refusal& refusal);
// A duration, {"uniform": [least, most]} or {"exponential": mean}.
Draw read_duration_draw(const FieldRef& field, Refusal& refusal);
// A whole number, or {"uniform": [least, most]}; drawn as its distance from range.least where that
// is negative.
Draw read_whole_draw(const FieldRef& field, WholeRange range, Refusal& refusal);
// One string or an array of them.
std::vector<std::pair<std::string, FieldRef>> read_texts(const FieldRef& field, Refusal& refusal);
// "0-3,8", or an array of numbers; in the order written, none twice, all below `cpus`.
std::vector<u32> read_cpus(const FieldRef& field, u32 cpus, Refusal& refusal);
// One of the names; the value is its index, 0 on a refusal.
size_t read_choice(const FieldRef& field, const std::vector<std::string_view>& names,
                   Refusal& refusal);

// The fields of one object. Those never asked for are refused by finish().
class Fields {
 public:
  // A value that is no object is refused and has no fields.
  Fields(FieldRef object, Refusal& refusal);

  [[nodiscard]] const FieldRef& self() const { return self_; }
  [[nodiscard]] Refusal& refusal() const { return refusal_; }

  std::optional<FieldRef> find(std::string_view name);

  // The field's value, or `fallback` where there is none.
  u32 whole(std::string_view name, WholeRange range, u32 fallback);
  s64 signed_whole(std::string_view name, WholeRange range, s64 fallback);
  bool flag(std::string_view name, bool fallback);
  std::string text(std::string_view name, const std::string& fallback);
  u64 duration_ns(std::string_view name, u64 fallback, u64 bare_unit_ns = kBareUnitNs);
  u64 duration_within(std::string_view name, u64 fallback, DurationRange range);
  Draw duration_draw(std::string_view name, const Draw& fallback);

  // Names a field that could be there, for what finish() says of others.
  void know(std::string_view name) { known_.push_back(name); }

  // Refuses a field that is not there.
  FieldRef need(std::string_view name);

  // All members, in their order, as known.
  std::vector<FieldRef> members();

  void finish();

 private:
  FieldRef self_;
  Refusal& refusal_;
  std::vector<std::string_view> known_;  // asked for, there or not
};

}  // namespace scx_pair
