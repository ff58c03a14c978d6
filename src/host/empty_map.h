// SPDX-License-Identifier: GPL-2.0-only
#pragma once

struct bpf_map;

namespace scx_pair {

// Makes a loaded map as empty as it was created: arrays zero, hashes without entries, rings without
// records, timers cancelled. Arenas and the ops stay as they are. Returns 0 or an errno.
int empty_map(const bpf_map* map);

// Waits until every BPF program that was running when it was called has ended; those that sleep
// excepted. False, with errno, where the kernel cannot tell.
bool wait_for_programs();

}  // namespace scx_pair
