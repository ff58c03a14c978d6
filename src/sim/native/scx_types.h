/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The structs of bpf/scx.h that the simulated kernel fills in, for C++, which cannot read that
 * header. kernel_calls.c asserts that they are the same.
 */
#pragma once

#include "base/types.h"

#ifdef __cplusplus
struct scx_cgroup_init_args {
	u32 weight;
	u64 bw_period_us;
	u64 bw_quota_us;
	u64 bw_burst_us;
	bool sched_idle;
};

struct scx_exit_info {
	int kind;
	s64 exit_code;
	const char *reason;
	char *msg;
	char *dump;
};
#endif

/* What both sides must agree on. */
#define SCX_CGROUP_INIT_ARGS_SIZE 40
#define SCX_EXIT_INFO_SIZE	  40
