/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for libbpf's header of this name: natively nothing needs relocating. */
#pragma once

/* Fields that only some kernels have: the simulated one answers for the release that it models. */
#define bpf_core_field_exists(field)                                                               \
	((void)sizeof(field), sim_kernel->field_exists(sim_enter(SIM_PURE, NULL)->self, #field))
