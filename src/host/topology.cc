// SPDX-License-Identifier: GPL-2.0-only
#include "host/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/zones.h"
#include "host/cpu_list.h"
#include "host/text_file.h"

namespace scx_pair {
namespace {

namespace fs = std::filesystem;

Error unreadable(const fs::path& path, std::string_view why) {
  return Error{ExitCode::kEnvironment,
               fmt::format("the kernel's cpu topology cannot be used: {} {}", path.string(), why)};
}

Result<std::vector<u32>> read_cpu_list(const fs::path& path) {
  const std::optional<std::string> text = read_text(path);
  if (!text) return unreadable(path, "cannot be read");
  std::optional<std::vector<u32>> cpus = parse_cpu_list(*text);
  if (!cpus) return unreadable(path, fmt::format("holds \"{}\", which is no list of cpus", *text));
  return *std::move(cpus);
}

bool contains(const std::vector<u32>& cpus, u32 cpu) {
  return std::binary_search(cpus.begin(), cpus.end(), cpu);
}

// Which cpu ids can exist, and which of them run now.
struct Cpus {
  fs::path root;
  u32 ids = 0;
  std::vector<u32> online;

  fs::path cpu_dir(u32 cpu) const { return root / fmt::format("cpu{}", cpu); }
};

Result<Cpus> read_cpus(const fs::path& sysfs) {
  const fs::path root = sysfs / "devices/system/cpu";
  Result<std::vector<u32>> possible = read_cpu_list(root / "possible");
  if (!possible) return std::move(possible.error());
  Result<std::vector<u32>> online = read_cpu_list(root / "online");
  if (!online) return std::move(online.error());
  if (online->empty()) return unreadable(root / "online", "names no cpu");
  if (possible->empty() || possible->back() < online->back()) {
    return unreadable(root / "possible", "leaves out cpus that are online");
  }
  return Cpus{root, possible->back() + 1, *std::move(online)};
}

// The online siblings of `cpu`, itself included.
Result<std::vector<u32>> read_siblings_of(const Cpus& cpus, u32 cpu) {
  const fs::path dir = cpus.cpu_dir(cpu) / "topology";
  // core_cpus_list is the newer name of thread_siblings_list.
  fs::path path = dir / "core_cpus_list";
  if (!fs::exists(path)) path = dir / "thread_siblings_list";
  Result<std::vector<u32>> siblings = read_cpu_list(path);
  if (!siblings) return siblings;
  if (!contains(*siblings, cpu)) return unreadable(path, "leaves out the cpu itself");
  std::erase_if(*siblings, [&](u32 sibling) { return !contains(cpus.online, sibling); });
  if (siblings->size() > kPairCpusMax) {
    return Error{ExitCode::kEnvironment,
                 fmt::format("cpus {} share one core: {} of them, and scx_pair knows cores of up "
                             "to {}; take some of them offline",
                             cpu_list_text(*siblings), siblings->size(), kPairCpusMax)};
  }
  return siblings;
}

std::optional<u32> read_llc(const Cpus& cpus, u32 cpu) {
  std::optional<u32> llc;
  // Caches are numbered from the innermost outwards, so the last one is the widest.
  for (u32 index = 0;; index++) {
    const fs::path dir = cpus.cpu_dir(cpu) / fmt::format("cache/index{}", index);
    const std::optional<std::string> text = read_text(dir / "shared_cpu_list");
    if (!text) return llc;
    const std::optional<std::vector<u32>> shared = parse_cpu_list(*text);
    if (shared && !shared->empty()) llc = shared->front();
  }
}

std::optional<u32> read_numa_node(const Cpus& cpus, u32 cpu) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(cpus.cpu_dir(cpu), ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("node")) continue;
    u32 node = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + 4, end, node);
    if (error == std::errc() && stop == end) return node;
  }
  return std::nullopt;
}

Pair describe_pair(const Cpus& cpus, std::vector<u32> members) {
  const u32 first = members.front();
  return Pair{std::move(members), read_llc(cpus, first), read_numa_node(cpus, first)};
}

// For each cpu id its partner; an Error that names the cpus that would be in two pairs.
Result<std::vector<u32>> partners_by_stride(u32 ids, u32 stride) {
  std::vector<std::optional<u32>> partner(ids);
  std::vector<std::string> collisions;
  for (u32 cpu = 0; cpu < ids; cpu++) {
    if (partner[cpu]) continue;
    const u32 other = static_cast<u32>((u64{cpu} + stride) % ids);
    if (other == cpu) {
      collisions.push_back(fmt::format("cpu {} with itself", cpu));
    } else if (partner[other]) {
      collisions.push_back(
          fmt::format("cpu {} with cpu {}, which is with cpu {}", cpu, other, *partner[other]));
    } else {
      partner[cpu] = other;
      partner[other] = cpu;
    }
  }
  if (!collisions.empty()) {
    std::string list = collisions.front();
    for (size_t i = 1; i < collisions.size(); i++) list += "; " + collisions[i];
    return Error{
        ExitCode::kUsage,
        fmt::format("--stride: a stride of {} is impossible with {} cpu ids, it would pair "
                    "{}; accepted is a stride that gives every cpu one partner{}",
                    stride, ids, list,
                    ids % 2 == 0 ? fmt::format(", for example {}", ids / 2) : "")};
  }
  std::vector<u32> partners(ids);
  std::transform(partner.begin(), partner.end(), partners.begin(),
                 [](const std::optional<u32>& cpu) { return *cpu; });
  return partners;
}

}  // namespace

Topology::Topology(std::vector<Pair> pairs, u32 cpu_ids)
    : pairs_(std::move(pairs)), seats_(cpu_ids), cpu_ids_(cpu_ids) {
  for (Pair& pair : pairs_) {
    check(!pair.cpus.empty() && pair.cpus.size() <= kPairCpusMax, "a pair has 1 to 8 cpus");
    std::sort(pair.cpus.begin(), pair.cpus.end());
  }
  std::sort(pairs_.begin(), pairs_.end(),
            [](const Pair& a, const Pair& b) { return a.cpus.front() < b.cpus.front(); });
  for (u32 pair = 0; pair < pairs_.size(); pair++) {
    for (u32 index = 0; index < pairs_[pair].cpus.size(); index++) {
      const u32 cpu = pairs_[pair].cpus[index];
      check(cpu < cpu_ids, "a cpu is below the number of cpu ids");
      check(!seats_[cpu], "a cpu is in one pair at most");
      seats_[cpu] = Seat{pair, index};
    }
  }
  std::vector<u32> caches;
  caches.reserve(pairs_.size());
  for (const Pair& pair : pairs_) caches.push_back(pair.llc.value_or(0));
  zones_ = zones_of(caches, cpu_ids);
}

u32 Topology::zones() const {
  return zones_.empty() ? 1 : *std::ranges::max_element(zones_) + 1;
}

std::optional<Seat> Topology::seat_of(u32 cpu) const {
  return cpu < cpu_ids_ ? seats_[cpu] : std::nullopt;
}

std::string Topology::text() const {
  std::string text;
  for (size_t pair = 0; pair < pairs_.size(); pair++) {
    const std::vector<u32>& cpus = pairs_[pair].cpus;
    text +=
        fmt::format("pair {}: cpu{} {}\n", pair, cpus.size() == 1 ? "" : "s", cpu_list_text(cpus));
  }
  return text;
}

Result<Topology> read_siblings(const fs::path& sysfs) {
  Result<Cpus> cpus = read_cpus(sysfs);
  if (!cpus) return std::move(cpus.error());
  std::vector<Pair> pairs;
  std::vector<std::vector<u32>> siblings_of(cpus->ids);
  for (const u32 cpu : cpus->online) {
    Result<std::vector<u32>> siblings = read_siblings_of(*cpus, cpu);
    if (!siblings) return std::move(siblings.error());
    siblings_of[cpu] = *std::move(siblings);
  }
  for (const u32 cpu : cpus->online) {
    const std::vector<u32>& siblings = siblings_of[cpu];
    for (const u32 sibling : siblings) {
      if (siblings_of[sibling] != siblings) {
        return unreadable(cpus->root, fmt::format("says that cpu {} has the siblings {}, and cpu "
                                                  "{} the siblings {}",
                                                  cpu, cpu_list_text(siblings), sibling,
                                                  cpu_list_text(siblings_of[sibling])));
      }
    }
    if (siblings.front() == cpu) pairs.push_back(describe_pair(*cpus, siblings));
  }
  return Topology(std::move(pairs), cpus->ids);
}

Result<Topology> pair_by_stride(const fs::path& sysfs, std::optional<u32> stride) {
  Result<Cpus> cpus = read_cpus(sysfs);
  if (!cpus) return std::move(cpus.error());
  Result<std::vector<u32>> partners = partners_by_stride(cpus->ids, stride.value_or(cpus->ids / 2));
  if (!partners) return std::move(partners.error());
  std::vector<Pair> pairs;
  for (const u32 cpu : cpus->online) {
    const u32 partner = (*partners)[cpu];
    if (!contains(cpus->online, partner)) {
      pairs.push_back(describe_pair(*cpus, {cpu}));
    } else if (cpu < partner) {
      pairs.push_back(describe_pair(*cpus, {cpu, partner}));
    }
  }
  return Topology(std::move(pairs), cpus->ids);
}

u64 read_hotplug_seq(const fs::path& sysfs) {
  const std::optional<std::string> text = read_text(sysfs / "kernel/sched_ext/hotplug_seq");
  u64 seq = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), seq);
  return seq;
}

}  // namespace scx_pair
