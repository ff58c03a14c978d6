/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One thing that happened on a cpu, as the audit probe saw it and the judge reads it. C-clean: the
 * probe is a BPF program.
 *
 * Records of one cpu come nearly in the order of their times; records of different cpus in any.
 */
#pragma once

#include "base/types.h"

enum switch_record_kind {
  RECORD_SWITCH = 0,  /* the task replaces prev_pid on cpu */
  RECORD_WAKE = 1,    /* the task was put on the run queue of cpu */
  RECORD_CHANGE = 2,  /* domain or class of the task changed, wherever it is */
  RECORD_RUNNING = 3, /* when the probe was attached the task was running on cpu */
  RECORD_WAITING = 4, /* when the probe was attached the task was waiting on cpu */
};

enum switch_record_class {
  CLASS_IDLE = 0,     /* the idle task of the cpu, pid 0 */
  CLASS_KERNEL = 1,   /* a kernel thread, of any scheduling class */
  CLASS_HIGHER = 2,   /* a user task that runs as real-time or deadline */
  CLASS_ORDINARY = 3, /* any other user task: fair or ext */
};

#define SWITCH_RECORD_COMM 16

struct switch_record {
  u64 time_ns;  /* CLOCK_MONOTONIC, taken first thing in the probe */
  u64 domain;   /* id of the cgroup of the task's cpu controller */
  s32 pid;      /* the task: the one switched in, woken, changed or found */
  s32 prev_pid; /* the task switched out; 0 is the idle task */
  u32 cpu;
  u8 kind;          /* enum switch_record_kind */
  u8 task_class;    /* enum switch_record_class */
  u8 prev_runnable; /* the task switched out would have liked to go on */
  u8 prev_dead;     /* the task switched out will never run again */
  char comm[SWITCH_RECORD_COMM];
};

/* The cgroup id of the root of a hierarchy: the domain of tasks that are in no other. */
#define ROOT_DOMAIN 1
