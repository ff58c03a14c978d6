// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/bpf_timers.h"

#include "sim/kernel/callbacks.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

constexpr int kInvalid = -22;

BpfTimer* timer_at(Kernel& k, const bpf_timer* address) {
  for (BpfTimer& timer : k.timers) {
    if (timer.address == address) return &timer;
  }
  return nullptr;
}

long timer_init(void* self, bpf_timer* address, void* map, u64 flags) {
  static_cast<void>(flags);
  Kernel& k = kernel_of(self);
  const MapStore::Array* array = k.maps->array_of(address);
  if (array == nullptr || array->map != map || timer_at(k, address) != nullptr) return kInvalid;
  k.timers.push_back({address, array, nullptr, 0});
  return 0;
}

long timer_set_callback(void* self, bpf_timer* address, sim_timer_callback callback) {
  BpfTimer* timer = timer_at(kernel_of(self), address);
  if (timer == nullptr) return kInvalid;
  timer->callback = callback;
  return 0;
}

// It runs out on the cpu that starts it.
long timer_start(void* self, bpf_timer* address, u64 after_ns, u64 flags) {
  static_cast<void>(flags);
  Kernel& k = kernel_of(self);
  BpfTimer* timer = timer_at(k, address);
  if (timer == nullptr || timer->callback == nullptr) return kInvalid;
  timer->version = ++k.timers_started;
  const u64 late_ns = k.scenario.kernel.timer_delay_ns.draw(k.timer_luck);
  announce_at(k, k.now_ns + after_ns + late_ns, EventKind::kBpfTimer, k.here().id, nullptr,
              timer->version, static_cast<u32>(timer - k.timers.data()));
  return 0;
}

}  // namespace

void fill_bpf_timers(sim_kernel& border) {
  border.timer_init = timer_init;
  border.timer_set_callback = timer_set_callback;
  border.timer_start = timer_start;
}

void run_bpf_timer(Kernel& k, const Event& event) {
  if (event.subject >= k.timers.size()) return;
  const BpfTimer timer = k.timers[event.subject];
  if (timer.version != event.version) return;
  const sim_values& values = *timer.map->values;
  const auto* value = reinterpret_cast<const unsigned char*>(timer.address);
  u32 key = static_cast<u32>(static_cast<u64>(value - values.bytes) / values.stride);
  auto* whole = values.bytes + key * values.stride;
  call(k, Callback::kTimer, timer.callback, const_cast<void*>(timer.map->map),
       static_cast<void*>(&key), static_cast<void*>(whole));
}

}  // namespace scx_pair
