// SPDX-License-Identifier: GPL-2.0-only
#include "sim/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

#include "base/hostile_text.h"
#include "base/scheduler_abi.h"
#include "sim/fields.h"

namespace scx_pair {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr std::array<char, 8> kMagic = {'S', 'C', 'X', 'P', 'A', 'I', 'R', '\n'};
constexpr u32 kVersion = 1;

struct FileHead {
  std::array<char, 8> magic = kMagic;
  u32 version = kVersion;
  u32 record_bytes = sizeof(switch_record);
  u64 records = 0;
  u64 trailer_bytes = 0;  // 0: the file was never ended
};
static_assert(sizeof(FileHead) == 32 && sizeof(switch_record) == 48, "docs/record-format.md");

// Numbers of up to 64 bits are text in the trailer: not every reader of JSON keeps them whole.
u64 read_number(const FieldRef& field, Refusal& refusal) {
  const std::string text = read_text(field, refusal);
  u64 number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) refusal.at(field, "it takes a number in a string");
  return number;
}

u64 number_of_name(const FieldRef& field, Refusal& refusal) {
  u64 number = 0;
  const std::string& text = field.node->name;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) refusal.at(field, "its name is no number");
  return number;
}

std::vector<std::vector<u32>> read_pairs(const FieldRef& field, Refusal& refusal) {
  std::vector<std::vector<u32>> pairs;
  std::set<u32> seen;
  for (size_t i = 0; i < field.node->children.size(); i++) {
    pairs.push_back(read_cpus(field.item(i), CPUS_MAX, refusal));
    for (const u32 cpu : pairs.back()) {
      if (!seen.insert(cpu).second) refusal.at(field.item(i), "a cpu in two pairs");
    }
    if (pairs.back().size() > 8) refusal.at(field.item(i), "more than 8 cpus in a pair");
  }
  if (pairs.empty()) refusal.at(field, "it must not be empty");
  return pairs;
}

Result<RecordingInfo> parse_trailer(const std::string& text, const std::string& file) {
  Result<JsonNode> tree = parse_json_tree(text, file);
  if (!tree) return std::move(tree.error());
  Refusal refusal(file);
  Fields fields({&tree.value(), ""}, refusal);
  RecordingInfo info;
  info.pairs = read_pairs(fields.need("pairs"), refusal);
  info.start_ns = read_number(fields.need("start_ns"), refusal);
  info.end_ns = read_number(fields.need("end_ns"), refusal);
  info.lost = read_number(fields.need("lost"), refusal);
  info.kernel = fields.text("kernel", "");
  if (const auto paths = fields.find("paths")) {
    for (const FieldRef& path : Fields(*paths, refusal).members()) {
      info.paths[number_of_name(path, refusal)] = read_text(path, refusal);
    }
  }
  if (const auto weights = fields.find("weights")) {
    for (const FieldRef& weight : Fields(*weights, refusal).members()) {
      info.weights[number_of_name(weight, refusal)] =
          static_cast<u32>(read_whole(weight, {1, 10'000}, refusal));
    }
  }
  if (info.end_ns <= info.start_ns) refusal.at(fields.self(), "it ends before it begins");
  if (refusal.is_set()) return refusal.error();
  return info;
}

Error broken(const std::string& file, const std::string& what) {
  return {ExitCode::kUsage, fmt::format("{}: {}", file, what)};
}

// By time, and those of one time in the order they have.
std::vector<switch_record> sorted(const std::vector<switch_record>& records) {
  std::vector<size_t> order(records.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t i) { return std::pair(records[i].time_ns, i); });
  std::vector<switch_record> result;
  result.reserve(records.size());
  for (const size_t i : order) result.push_back(records[i]);
  return result;
}

bool is_legal(const switch_record& record, const std::set<u32>& cpus) {
  const bool has_cpu = record.kind != RECORD_CHANGE;
  return record.kind <= RECORD_WAITING && record.task_class <= CLASS_ORDINARY &&
         (!has_cpu || cpus.contains(record.cpu));
}

}  // namespace

RecordWriter::RecordWriter(std::ostream& out) : out_(out) {
  write_head(0);
}

void RecordWriter::write_head(u64 trailer_bytes) {
  const FileHead head{.records = records_, .trailer_bytes = trailer_bytes};
  out_.write(reinterpret_cast<const char*>(&head), sizeof(head));
}

void RecordWriter::add(const switch_record& record) {
  out_.write(reinterpret_cast<const char*>(&record), sizeof(record));
  records_++;
}

Status RecordWriter::finish(const RecordingInfo& info) {
  nlohmann::ordered_json trailer = {{"pairs", info.pairs},
                                    {"start_ns", std::to_string(info.start_ns)},
                                    {"end_ns", std::to_string(info.end_ns)},
                                    {"lost", std::to_string(info.lost)},
                                    {"kernel", info.kernel},
                                    {"paths", nlohmann::ordered_json::object()},
                                    {"weights", nlohmann::ordered_json::object()}};
  for (const auto& [domain, path] : info.paths) trailer["paths"][std::to_string(domain)] = path;
  for (const auto& [domain, weight] : info.weights) {
    trailer["weights"][std::to_string(domain)] = weight;
  }
  const std::string text = json_text(trailer, 1) + "\n";
  out_ << text;
  out_.seekp(0);
  write_head(text.size());
  out_.flush();
  if (!out_) return Error{ExitCode::kInternal, "the recording cannot be written"};
  return Done{};
}

bool is_recording(const std::string& bytes) {
  return bytes.size() >= kMagic.size() &&
         std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

Result<Recording> parse_recording(const std::string& bytes, const std::string& file) {
  FileHead head;
  if (!is_recording(bytes) || bytes.size() < sizeof(head)) return broken(file, "no recording");
  std::memcpy(&head, bytes.data(), sizeof(head));
  if (head.version != kVersion || head.record_bytes != sizeof(switch_record)) {
    return broken(file, fmt::format("a recording of version {}, which this program cannot read",
                                    head.version));
  }
  if (head.trailer_bytes == 0) return broken(file, "the recording was never ended");
  const u64 room = (bytes.size() - sizeof(head)) / sizeof(switch_record);
  if (head.records > room ||
      bytes.size() != sizeof(head) + head.records * sizeof(switch_record) + head.trailer_bytes) {
    return broken(file, "the recording is cut off");
  }
  const size_t trailer = bytes.size() - head.trailer_bytes;
  Result<RecordingInfo> info = parse_trailer(bytes.substr(trailer), file + " (trailer)");
  if (!info) return std::move(info.error());
  std::set<u32> cpus;
  for (const std::vector<u32>& pair : info->pairs) cpus.insert(pair.begin(), pair.end());
  Recording recording{.info = std::move(*info)};
  recording.records.resize(head.records);
  if (head.records > 0) {
    std::memcpy(recording.records.data(), bytes.data() + sizeof(head),
                head.records * sizeof(switch_record));
  }
  for (size_t i = 0; i < recording.records.size(); i++) {
    if (!is_legal(recording.records[i], cpus)) {
      return broken(file, fmt::format("record {} makes no sense", i));
    }
  }
  recording.records = sorted(recording.records);
  return recording;
}

}  // namespace scx_pair
