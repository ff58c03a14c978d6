/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Comes before the source of a natively compiled scheduler. Everything it keeps between calls goes
 * to sections of its own, so that the simulated kernel can put them back as they were when the
 * program was loaded, and can fill in what a loader fills in.
 */
#pragma once

#pragma clang section bss = "sim_state_bss" data = "sim_state_data" rodata = "sim_state_rodata"
