// SPDX-License-Identifier: GPL-2.0-only
//
// The memory of a scheduler's BPF maps and arena.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "base/types.h"
#include "sim/kernel/id_table.h"
#include "sim/native/border.h"

namespace scx_pair {

class MapStore {
 public:
  struct Array {
    const void* map = nullptr;
    sim_values* values = nullptr;
    size_t bytes = 0;  // from `values` on
    std::unique_ptr<std::byte[]> memory;
  };

  // `arena_base`: the address that programs think the arena has.
  MapStore(u32 cpus, u64 arena_base);
  ~MapStore();
  MapStore(const MapStore&) = delete;
  MapStore& operator=(const MapStore&) = delete;

  // As a loader does before loading: the number of entries of an array, and what is in it.
  void resize(const void* map, u32 entries) { sizes_[map] = entries; }
  void fill(const void* map, std::vector<std::byte> content) {
    contents_[map] = std::move(content);
  }

  sim_values* create(const sim_map& map);
  void* lookup(const sim_map& map, const void* key);
  long update(const sim_map& map, const void* key, const void* value);
  long remove(const sim_map& map, const void* key);

  // What has to be added to a program's arena address to get a pointer.
  [[nodiscard]] u64 arena_shift() const { return arena_ - arena_base_; }
  [[nodiscard]] u64 arena() const { return arena_; }  // where it lies
  [[nodiscard]] bool in_arena(const void* address) const;
  bool map_arena(u64 address, u64 bytes);
  // The bytes of the arena that programs were given, in pieces, by address as they see it.
  [[nodiscard]] const std::map<u64, u64>& arena_pieces() const { return pieces_; }
  [[nodiscard]] const std::deque<Array>& arrays() const { return arrays_; }
  // The array that holds an address; nullptr if none does.
  [[nodiscard]] const Array* array_of(const void* address) const;

 private:
  // Keys of up to 8 bytes; values never move while their key is there.
  struct Hash {
    IdTable<std::byte> values;
    std::deque<std::unique_ptr<std::byte[]>> memory;
    std::vector<std::byte*> free;
  };

  Hash& hash_of(const sim_map& map);

  u32 cpus_;
  u64 arena_base_;
  u64 arena_ = 0;
  std::map<u64, u64> pieces_;
  std::map<const void*, u32> sizes_;
  std::map<const void*, std::vector<std::byte>> contents_;
  std::deque<Array> arrays_;
  std::vector<std::pair<const void*, std::unique_ptr<Hash>>> hashes_;
};

}  // namespace scx_pair
