// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/maps.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

#include "base/check.h"

namespace scx_pair {
namespace {

// The arena of a program may grow to this: as many pages as its map may have.
constexpr u64 kArenaBytes = 4ULL << 30U;
constexpr long kNoEntry = 2;  // ENOENT
constexpr u64 kLineBytes = 64;

u64 key_of(const sim_map& map, const void* key) {
  check(map.key_size <= sizeof(u64), "keys of hash maps have at most 8 bytes");
  u64 value = 0;
  std::memcpy(&value, key, map.key_size);
  return value;
}

// The first byte from `memory` on at which a cache line begins: what lies in one line must not
// depend on the allocator.
std::byte* begin_of_line(std::byte* memory) {
  const u64 over = reinterpret_cast<u64>(memory) % kLineBytes;
  return memory + (kLineBytes - over) % kLineBytes;
}

}  // namespace

MapStore::MapStore(u32 cpus, u64 arena_base) : cpus_(cpus), arena_base_(arena_base) {
  void* memory = mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  // An address space may be limited (ulimit -v).
  if (memory == MAP_FAILED) throw std::bad_alloc();
  arena_ = reinterpret_cast<u64>(memory);
}

MapStore::~MapStore() {
  munmap(reinterpret_cast<void*>(arena_), kArenaBytes);  // NOLINT(performance-no-int-to-ptr)
}

sim_values* MapStore::create(const sim_map& map) {
  const auto size = sizes_.find(map.address);
  const u64 entries = size == sizes_.end() ? map.max_entries : size->second;
  const u64 stride = (u64{map.value_size} + 7) & ~u64{7};
  const u64 copies = map.type == BPF_MAP_TYPE_PERCPU_ARRAY ? cpus_ : 1;
  Array array;
  array.map = map.address;
  array.bytes = sizeof(sim_values) + entries * stride * copies;
  array.memory = std::make_unique<std::byte[]>(array.bytes + kLineBytes);
  std::byte* const first = begin_of_line(array.memory.get() + sizeof(sim_values));
  array.values = reinterpret_cast<sim_values*>(first - sizeof(sim_values));
  array.values->nr = entries;
  array.values->stride = stride;
  array.values->bytes = reinterpret_cast<unsigned char*>(array.values + 1);
  const auto content = contents_.find(map.address);
  if (content != contents_.end()) {
    check(content->second.size() <= entries * stride, "a map's content fits");
    std::memcpy(array.values->bytes, content->second.data(), content->second.size());
  }
  arrays_.push_back(std::move(array));
  return arrays_.back().values;
}

const MapStore::Array* MapStore::array_of(const void* address) const {
  const auto* at = static_cast<const std::byte*>(address);
  for (const Array& array : arrays_) {
    const auto* begin = reinterpret_cast<const std::byte*>(array.values);
    if (at >= begin && at < begin + array.bytes) return &array;
  }
  return nullptr;
}

bool MapStore::in_arena(const void* address) const {
  const auto at = reinterpret_cast<u64>(address);
  return at >= arena_ && at < arena_ + kArenaBytes;
}

bool MapStore::map_arena(u64 address, u64 bytes) {
  if (address < arena_base_ || address + bytes > arena_base_ + kArenaBytes) return false;
  // Neighbouring pieces become one.
  const auto after = pieces_.upper_bound(address);
  if (after != pieces_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == address) {
      before->second += bytes;
      return true;
    }
  }
  pieces_[address] = bytes;
  return true;
}

MapStore::Hash& MapStore::hash_of(const sim_map& map) {
  for (auto& [address, hash] : hashes_) {
    if (address == map.address) return *hash;
  }
  hashes_.emplace_back(map.address, std::make_unique<Hash>());
  return *hashes_.back().second;
}

void* MapStore::lookup(const sim_map& map, const void* key) {
  return hash_of(map).values.find(key_of(map, key));
}

long MapStore::update(const sim_map& map, const void* key, const void* value) {
  Hash& hash = hash_of(map);
  std::byte* place = hash.values.find(key_of(map, key));
  if (place == nullptr) {
    if (hash.free.empty()) {
      hash.memory.push_back(std::make_unique<std::byte[]>(map.value_size + kLineBytes));
      hash.free.push_back(begin_of_line(hash.memory.back().get()));
    }
    place = hash.free.back();
    hash.free.pop_back();
    hash.values.insert(key_of(map, key), place);
  }
  std::memcpy(place, value, map.value_size);
  return 0;
}

long MapStore::remove(const sim_map& map, const void* key) {
  Hash& hash = hash_of(map);
  std::byte* place = hash.values.remove(key_of(map, key));
  if (place == nullptr) return -kNoEntry;
  hash.free.push_back(place);
  return 0;
}

}  // namespace scx_pair
