// SPDX-License-Identifier: GPL-2.0-only
//
// What BPF programs may ask about sets of cpus: kernel/bpf/cpumask.c, and the set of those online.
#pragma once

#include "sim/native/border.h"

namespace scx_pair {

void fill_cpumasks(sim_kernel& border);

}  // namespace scx_pair
