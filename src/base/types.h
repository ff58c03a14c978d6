/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vocabulary of sizes, the same word on both sides of the BPF border. C-clean: BPF programs,
 * policy headers and C++ all include it.
 */
#pragma once

#ifdef __bpf__
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;
#ifndef __cplusplus
#define bool _Bool
#define true 1
#define false 0
#endif
#else
#include <stdbool.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
/* Not uint64_t: "unsigned long long" on every 64-bit target, as in the kernel, so that one format
 * string serves all. */
typedef unsigned long long u64;
typedef int32_t s32;
typedef long long s64;
#endif
