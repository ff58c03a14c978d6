// SPDX-License-Identifier: GPL-2.0-only
#include "host/empty_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/types.h"

namespace scx_pair {
namespace {

int zero_array(const bpf_map* map, size_t value_bytes) {
  const std::vector<std::byte> zero(value_bytes);
  const u32 entries = bpf_map__max_entries(map);
  for (u32 key = 0; key < entries; ++key) {
    const int error = bpf_map_update_elem(bpf_map__fd(map), &key, zero.data(), BPF_ANY);
    if (error != 0) return -error;
  }
  return 0;
}

// An array with a value a cpu is written whole: each value takes a multiple of eight bytes.
int zero_percpu_array(const bpf_map* map) {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) return EINVAL;
  const size_t bytes = (size_t{bpf_map__value_size(map)} + 7) / 8 * 8;
  return zero_array(map, bytes * static_cast<size_t>(cpus));
}

int empty_hash(const bpf_map* map) {
  std::vector<std::byte> key(bpf_map__key_size(map));
  while (bpf_map_get_next_key(bpf_map__fd(map), nullptr, key.data()) == 0) {
    const int error = bpf_map_delete_elem(bpf_map__fd(map), key.data());
    if (error != 0 && error != -ENOENT) return -error;
  }
  return 0;
}

struct FreeRing {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

int empty_ring(const bpf_map* map) {
  const auto skip = [](void*, void*, size_t) { return 0; };
  const std::unique_ptr<ring_buffer, FreeRing> ring(
      ring_buffer__new(bpf_map__fd(map), skip, nullptr, nullptr));
  if (!ring) return errno;
  const int consumed = ring_buffer__consume(ring.get());
  return consumed < 0 ? -consumed : 0;
}

}  // namespace

int empty_map(const bpf_map* map) {
  switch (bpf_map__type(map)) {
    case BPF_MAP_TYPE_ARRAY:
      return zero_array(map, bpf_map__value_size(map));
    case BPF_MAP_TYPE_PERCPU_ARRAY:
      return zero_percpu_array(map);
    case BPF_MAP_TYPE_HASH:
      return empty_hash(map);
    case BPF_MAP_TYPE_RINGBUF:
      return empty_ring(map);
    case BPF_MAP_TYPE_ARENA:
    case BPF_MAP_TYPE_STRUCT_OPS:
      return 0;
    default:
      return ENOTSUP;
  }
}

bool wait_for_programs() {
  // Documented as a barrier for all threads; the kernel makes it one by waiting for a grace period
  // of RCU, which is also what a program that does not sleep runs inside.
  return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0;
}

}  // namespace scx_pair
