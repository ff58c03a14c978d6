/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the loader tells the scheduler's BPF program before it is loaded, and reads from it after it
 * ended. Both sides are built from this header in one go; it is not a stable interface.
 */
#pragma once

#include "base/types.h"

/* Highest number of pairs: the width of the idle bitmap. 4096 pairs are 8192 cpus with SMT2. */
#define PAIRS_MAX 4096u
/* Highest cpu id and one. */
#define CPUS_MAX 8192u
/* Highest number of zones. */
#define ZONES_MAX 64u
/* Marks a cpu that is in no pair, because it is offline. */
#define NO_PAIR 0xffffffffu

/* Constant while the program runs; the content of its .rodata. */
struct scheduler_config {
  u32 nr_cpus;  /* cpu ids are below this */
  u32 nr_pairs; /* 1..PAIRS_MAX */
  u32 nr_zones; /* 1..ZONES_MAX */
  u32 kthreads_trusted;
  u64 turn_ns; /* see struct turn_params, as the next seven */
  u64 turn_min_ns;
  u64 round_ns;
  u64 cut_min_ns;
  u64 lead_ns;
  u64 patience_ns;
  u64 run_min_ns;
  u64 burst_ns;
  u64 slice_ns;
  u64 credit_ns;   /* virtual time a domain may be owed when it wakes up */
  u64 lag_ns;      /* seat time it may be owed while it has something to run */
  u64 zone_lag_ns; /* so far behind those of other zones a domain's tasks may get in one */
};

/* Where a cpu sits. The loader fills one for every cpu id. */
struct cpu_place {
  u32 pair; /* NO_PAIR if it is offline */
  u32 seat; /* 0..7 */
  u32 zone; /* pairs of one zone share queues: base/zones.h */
  u32 pad;
};

#define EXIT_REASON_LEN 128
#define EXIT_MESSAGE_LEN 1024
#define EXIT_DUMP_LEN 32768

/* How the kernel ended the scheduler; written by ops.exit. */
struct exit_record {
  s32 kind; /* 0 while it runs */
  s32 pad;
  s64 code;
  char reason[EXIT_REASON_LEN];
  char message[EXIT_MESSAGE_LEN];
  char dump[EXIT_DUMP_LEN];
};
