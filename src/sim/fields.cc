// SPDX-License-Identifier: GPL-2.0-only
#include "sim/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "base/hostile_text.h"
#include "base/scheduler_abi.h"

namespace scx_pair {
namespace {

struct Unit {
  std::string_view name;
  u64 ns;
};
constexpr Unit kUnits[] = {{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}};

const JsonNode& nothing() {
  static const JsonNode node;
  return node;
}

// In the largest unit that leaves it whole.
std::string unit_text(u64 ns) {
  const Unit* best = &kUnits[0];
  for (const Unit& unit : kUnits) {
    if (ns % unit.ns == 0) best = &unit;
  }
  return fmt::format("{} {}", ns / best->ns, best->name);
}

// Nothing where it is no time of this simulator.
std::optional<u64> ns_of(double number, u64 unit_ns) {
  const double ns = number * static_cast<double>(unit_ns);
  // Written so that a NaN fails.
  if (!(ns >= 0 && ns <= static_cast<double>(kDurationMaxNs))) return std::nullopt;
  return static_cast<u64>(std::llround(ns));
}

std::optional<u64> parse_duration_ns(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit_name(stop, static_cast<size_t>(end - stop));
  for (const Unit& unit : kUnits) {
    if (unit.name == unit_name) return ns_of(number, unit.ns);
  }
  return std::nullopt;
}

// "3" or "0-3"; appends what it stands for.
bool take_cpu_range(std::string_view text, std::vector<u32>& cpus) {
  u32 first = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, first);
  if (error != std::errc()) return false;
  u32 last = first;
  if (stop != end) {
    if (*stop != '-') return false;
    const auto [last_stop, last_error] = std::from_chars(stop + 1, end, last);
    if (last_error != std::errc() || last_stop != end || last < first) return false;
  }
  // The size is bounded before anything of that size is made.
  if (last > CPUS_MAX) return false;
  for (u32 cpu = first; cpu <= last; cpu++) cpus.push_back(cpu);
  return true;
}

bool parse_cpu_list(std::string_view text, std::vector<u32>& cpus) {
  for (;;) {
    const size_t comma = text.find(',');
    if (!take_cpu_range(text.substr(0, comma), cpus)) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

// The one member of {"uniform": ...} and its like; nothing where it is something else.
const JsonNode* sole_member(const JsonNode& node) {
  if (node.kind != JsonNode::Kind::kObject || node.children.size() != 1) return nullptr;
  return &node.children.front();
}

bool is_two_items(const JsonNode& node) {
  return node.kind == JsonNode::Kind::kArray && node.children.size() == 2;
}

}  // namespace

void Refusal::at(const FieldRef& field, const std::string& what) {
  if (error_) return;
  const TextPosition where = field.node->position;
  const std::string path = field.path.empty() ? "" : field.path + ": ";
  error_ = Error{ExitCode::kUsage, fmt::format("{}:{}:{}: {}{}", printable(file_), where.line,
                                               where.column, printable(path), printable(what))};
}

std::string value_text(const JsonNode& node) {
  switch (node.kind) {
    case JsonNode::Kind::kBool:
      return node.flag ? "true" : "false";
    case JsonNode::Kind::kWhole:
      return std::to_string(node.whole);
    case JsonNode::Kind::kReal:
      return fmt::format("{}", node.real);
    case JsonNode::Kind::kString:
      return fmt::format("\"{}\"", node.text);
    default:
      return kind_text(node.kind);
  }
}

s64 read_whole(const FieldRef& field, WholeRange range, Refusal& refusal) {
  const JsonNode& node = *field.node;
  const bool is_whole = node.kind == JsonNode::Kind::kWhole;
  if (is_whole && node.whole >= range.least && node.whole <= range.most) return node.whole;
  refusal.at(field, fmt::format("{} is not accepted; it takes a whole number from {} to {}",
                                value_text(node), range.least, range.most));
  return range.least;
}

std::string read_text(const FieldRef& field, Refusal& refusal) {
  if (field.node->kind != JsonNode::Kind::kString) {
    refusal.at(field,
               fmt::format("{} is not accepted; it takes a string", value_text(*field.node)));
  }
  return field.node->text;
}

bool read_flag(const FieldRef& field, Refusal& refusal) {
  const JsonNode& node = *field.node;
  if (node.kind == JsonNode::Kind::kBool) return node.flag;
  // The kernel's files, cpu.idle among them, have 0 and 1.
  if (node.kind == JsonNode::Kind::kWhole && (node.whole == 0 || node.whole == 1)) {
    return node.whole == 1;
  }
  refusal.at(field, fmt::format("{} is not accepted; it takes true or false", value_text(node)));
  return false;
}

u64 read_duration_ns(const FieldRef& field, Refusal& refusal, u64 bare_unit_ns) {
  const JsonNode& node = *field.node;
  std::optional<u64> ns;
  if (node.kind == JsonNode::Kind::kString) ns = parse_duration_ns(node.text);
  if (node.kind == JsonNode::Kind::kWhole || node.kind == JsonNode::Kind::kReal) {
    ns = ns_of(node.real, bare_unit_ns);
  }
  if (ns) return *ns;
  const char* const unit = bare_unit_ns == kBareUnitNs ? "microseconds" : "seconds";
  refusal.at(field, fmt::format("{} is not accepted; it takes a time from 0 to 1000 s: a number of "
                                "{}, or a string such as \"20ms\" with ns, us, ms or s",
                                value_text(node), unit));
  return 0;
}

void check_duration(const FieldRef& field, u64 ns, DurationRange range, Refusal& refusal) {
  if (ns >= range.least_ns && ns <= range.most_ns) return;
  refusal.at(field, fmt::format("{} is not accepted; it takes {} to {}", value_text(*field.node),
                                unit_text(range.least_ns), unit_text(range.most_ns)));
}

Draw read_duration_draw(const FieldRef& field, Refusal& refusal) {
  if (field.node->kind != JsonNode::Kind::kObject) {
    return {.value = read_duration_ns(field, refusal)};
  }
  const JsonNode* const law = sole_member(*field.node);
  if (law != nullptr && law->name == "exponential") {
    return {.kind = Draw::Kind::kExponential,
            .value = read_duration_ns(field.member(*law), refusal)};
  }
  if (law != nullptr && law->name == "uniform" && is_two_items(*law)) {
    const FieldRef bounds = field.member(*law);
    const Draw draw{.kind = Draw::Kind::kUniform,
                    .value = read_duration_ns(bounds.item(0), refusal),
                    .most = read_duration_ns(bounds.item(1), refusal)};
    if (draw.value <= draw.most) return draw;
    refusal.at(bounds, "the first bound is above the second");
    return {};
  }
  refusal.at(field, "it takes a time, {\"uniform\": [least, most]} or {\"exponential\": mean}");
  return {};
}

Draw read_whole_draw(const FieldRef& field, WholeRange range, Refusal& refusal) {
  // What cannot be negative is drawn as it is; what can, from its least value on.
  const s64 base = std::min<s64>(range.least, 0);
  const auto bound = [&](const FieldRef& from) {
    return static_cast<u64>(read_whole(from, range, refusal) - base);
  };
  const JsonNode* const law = sole_member(*field.node);
  if (law == nullptr) return {.value = bound(field)};
  const FieldRef bounds = field.member(*law);
  if (law->name != "uniform" || !is_two_items(*law)) {
    refusal.at(field, "it takes a whole number or {\"uniform\": [least, most]}");
    return {};
  }
  const Draw draw{
      .kind = Draw::Kind::kUniform, .value = bound(bounds.item(0)), .most = bound(bounds.item(1))};
  if (draw.value <= draw.most) return draw;
  refusal.at(bounds, "the first bound is above the second");
  return {};
}

std::vector<std::pair<std::string, FieldRef>> read_texts(const FieldRef& field, Refusal& refusal) {
  std::vector<std::pair<std::string, FieldRef>> texts;
  if (field.node->kind != JsonNode::Kind::kArray) {
    texts.emplace_back(read_text(field, refusal), field);
    return texts;
  }
  for (size_t i = 0; i < field.node->children.size(); i++) {
    const FieldRef item = field.item(i);
    texts.emplace_back(read_text(item, refusal), item);
  }
  if (texts.empty()) refusal.at(field, "it must not be empty");
  return texts;
}

std::vector<u32> read_cpus(const FieldRef& field, u32 cpus, Refusal& refusal) {
  std::vector<u32> list;
  if (field.node->kind == JsonNode::Kind::kString) {
    if (!parse_cpu_list(field.node->text, list))
      refusal.at(field,
                 fmt::format("{} is no cpu list; one is \"0-3,8\"", value_text(*field.node)));
  } else if (field.node->kind == JsonNode::Kind::kArray) {
    for (size_t i = 0; i < field.node->children.size(); i++) {
      list.push_back(static_cast<u32>(read_whole(field.item(i), {0, CPUS_MAX}, refusal)));
    }
  } else {
    refusal.at(field,
               fmt::format("{} is not accepted; it takes an array of cpus, or a string such as "
                           "\"0-3,8\"",
                           value_text(*field.node)));
  }
  if (list.empty()) refusal.at(field, "it must not be empty");
  std::set<u32> seen;
  for (const u32 cpu : list) {
    if (cpu >= cpus) {
      refusal.at(field, fmt::format("cpu {} does not exist (0..{})", cpu, cpus - 1));
    }
    if (!seen.insert(cpu).second) refusal.at(field, fmt::format("cpu {} twice", cpu));
  }
  return refusal.is_set() ? std::vector<u32>{} : list;
}

size_t read_choice(const FieldRef& field, const std::vector<std::string_view>& names,
                   Refusal& refusal) {
  const std::string text = read_text(field, refusal);
  const auto found = std::ranges::find(names, text);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  refusal.at(field,
             fmt::format("\"{}\" is not accepted; it takes {}", text, fmt::join(names, ", ")));
  return 0;
}

Fields::Fields(FieldRef object, Refusal& refusal) : self_(std::move(object)), refusal_(refusal) {
  if (self_.node->kind == JsonNode::Kind::kObject) return;
  refusal_.at(self_,
              fmt::format("{} is not accepted; it takes an object", value_text(*self_.node)));
  self_.node = &nothing();
}

std::optional<FieldRef> Fields::find(std::string_view name) {
  known_.push_back(name);
  for (const JsonNode& child : self_.node->children) {
    if (child.name == name) return self_.member(child);
  }
  return std::nullopt;
}

u32 Fields::whole(std::string_view name, WholeRange range, u32 fallback) {
  const auto field = find(name);
  return field ? static_cast<u32>(read_whole(*field, range, refusal_)) : fallback;
}

s64 Fields::signed_whole(std::string_view name, WholeRange range, s64 fallback) {
  const auto field = find(name);
  return field ? read_whole(*field, range, refusal_) : fallback;
}

bool Fields::flag(std::string_view name, bool fallback) {
  const auto field = find(name);
  return field ? read_flag(*field, refusal_) : fallback;
}

std::string Fields::text(std::string_view name, const std::string& fallback) {
  const auto field = find(name);
  return field ? read_text(*field, refusal_) : fallback;
}

u64 Fields::duration_ns(std::string_view name, u64 fallback, u64 bare_unit_ns) {
  const auto field = find(name);
  return field ? read_duration_ns(*field, refusal_, bare_unit_ns) : fallback;
}

u64 Fields::duration_within(std::string_view name, u64 fallback, DurationRange range) {
  const auto field = find(name);
  if (!field) return fallback;
  const u64 ns = read_duration_ns(*field, refusal_);
  check_duration(*field, ns, range, refusal_);
  return ns;
}

Draw Fields::duration_draw(std::string_view name, const Draw& fallback) {
  const auto field = find(name);
  return field ? read_duration_draw(*field, refusal_) : fallback;
}

FieldRef Fields::need(std::string_view name) {
  if (auto field = find(name)) return *field;
  // What is there instead may be a slip of the pen.
  std::vector<std::string_view> there;
  there.reserve(self_.node->children.size());
  for (const JsonNode& child : self_.node->children) there.push_back(child.name);
  refusal_.at(self_, there.empty() ? fmt::format("\"{}\" is missing", name)
                                   : fmt::format("\"{}\" is missing; here are: {}", name,
                                                 fmt::join(there, ", ")));
  return {&nothing(), fmt::format("{}.{}", self_.path, name)};
}

std::vector<FieldRef> Fields::members() {
  std::vector<FieldRef> members;
  for (const JsonNode& child : self_.node->children) {
    members.push_back(self_.member(child));
    known_.push_back(child.name);
  }
  return members;
}

void Fields::finish() {
  for (const JsonNode& child : self_.node->children) {
    if (std::ranges::find(known_, child.name) != known_.end()) continue;
    std::ranges::sort(known_);
    refusal_.at(self_.member(child),
                fmt::format("unknown field; here are known: {}", fmt::join(known_, ", ")));
  }
}

}  // namespace scx_pair
