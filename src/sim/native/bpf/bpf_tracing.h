/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for libbpf's header of this name: a program is a function with typed arguments. */
#pragma once

#ifndef __cplusplus
#define BPF_PROG(name, args...) name(args)
#endif
