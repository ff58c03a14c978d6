/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for libbpf's header of this name: natively nothing needs relocating. */
#pragma once

/* Fields that only some kernels have: the simulated one has none of them. */
#define bpf_core_field_exists(field) (sizeof(field) == 0)
