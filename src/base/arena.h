/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `__arena` marks a pointer into memory that grows with the number of cgroups: a BPF arena in the
 * kernel, ordinary memory on the host.
 */
#pragma once

#ifdef __bpf__
#define __arena __attribute__((address_space(1)))
#else
#define __arena
#endif
