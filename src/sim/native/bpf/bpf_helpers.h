/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for libbpf's header of this name where a BPF program is compiled natively for the
 * simulated kernel. Helpers become calls over the border (border.h); maps are remembered in the
 * pointers that their declarations consist of.
 */
#pragma once

/* C++ includes bpf/kernel.h for its types only. */
#ifndef __cplusplus

#include "sim/native/border.h"

#ifndef NULL
#define NULL ((void *)0)
#endif

#undef __always_inline
#undef __noinline
#undef __weak
#define __always_inline inline __attribute__((always_inline))
#define __noinline	__attribute__((noinline))
#define __weak		__attribute__((weak))
#define __ksym
#define __arg_trusted
#define SEC(name)

#define __uint(name, val)  int(*name)[val]
#define __type(name, val)  typeof(val) *name
#define __array(name, val) typeof(val) *name[]
#define __ulong(name, val) int(*name)[((val) != 0) + 1]

extern struct sim_kernel *sim_kernel __attribute__((visibility("hidden")));

static inline void sim_touch(const volatile void *address, u32 size, enum sim_access kind)
{
	if (__builtin_expect(sim_kernel->watched, 0))
		sim_kernel->access(sim_kernel->self, kind, address, size);
}

/* A helper or kfunc is called: not where a BPF lock is held. */
static inline struct sim_kernel *sim_enter(enum sim_access kind, const void *about)
{
	struct sim_kernel *kernel = sim_kernel;

	if (__builtin_expect(kernel->context->locks, 0))
		kernel->misuse(kernel->self, "calls the kernel while it holds a BPF lock");
	if (__builtin_expect(kernel->watched, 0))
		kernel->access(kernel->self, kind, about, 0);
	return kernel;
}

/* To take a lock is one step: its own loads and stores are not announced. */
#define SIM_ONE_STEP __attribute__((noinline, no_sanitize("coverage"), unused))

static SIM_ONE_STEP void bpf_spin_lock(struct bpf_spin_lock *lock)
{
	struct sim_kernel *kernel = sim_enter(SIM_LOCK, lock);

	if (__builtin_expect(kernel->watched, 0))
		kernel->wait_for_lock(kernel->self, &lock->val);
	if (lock->val)
		kernel->misuse(kernel->self, "takes a BPF lock that somebody holds");
	lock->val = kernel->context->cpu + 1;
	kernel->context->locks++;
}

static SIM_ONE_STEP void bpf_spin_unlock(struct bpf_spin_lock *lock)
{
	if (lock->val != sim_kernel->context->cpu + 1)
		sim_kernel->misuse(sim_kernel->self, "lets go of a BPF lock it does not hold");
	lock->val = 0;
	sim_kernel->context->locks--;
	sim_touch(lock, sizeof(*lock), SIM_UNLOCK);
}

/* An array's values hang on the pointer that its declaration calls `value`. */
static inline void *sim_map_lookup(const struct sim_map *map, void **values, const void *key)
{
	struct sim_kernel *kernel = sim_enter(SIM_MAP, map->address);
	u32 index = map->key_size == sizeof(u32) ? *(const u32 *)key : 0;
	struct sim_values *v;

	if (map->type != BPF_MAP_TYPE_ARRAY && map->type != BPF_MAP_TYPE_PERCPU_ARRAY)
		return kernel->map_lookup(kernel->self, map, key);
	if (__builtin_expect(!*values, 0))
		*values = kernel->map_create(kernel->self, map);
	v = *values;
	if (index >= v->nr)
		return NULL;
	if (map->type == BPF_MAP_TYPE_PERCPU_ARRAY)
		return v->bytes + (kernel->context->cpu * v->nr + index) * v->stride;
	return v->bytes + index * v->stride;
}

#define SIM_MAP_OF(map)                                                                            \
	((struct sim_map){(map), sizeof(*(map)->type) / sizeof(int), sizeof(*(map)->key),          \
			  sizeof(*(map)->value), sizeof(*(map)->max_entries) / sizeof(int)})

#define bpf_map_lookup_elem(map, k)                                                                \
	({                                                                                         \
		struct sim_map ___map = SIM_MAP_OF(map);                                           \
		(typeof((map)->value))sim_map_lookup(&___map, (void **)&(map)->value, (k));        \
	})
#define bpf_map_update_elem(map, k, v, flags)                                                      \
	({                                                                                         \
		struct sim_map ___map = SIM_MAP_OF(map);                                           \
		struct sim_kernel *___kernel = sim_enter(SIM_MAP, (map));                          \
		(void)(flags);                                                                     \
		___kernel->map_update(___kernel->self, &___map, (k), (v));                         \
	})
#define bpf_map_delete_elem(map, k)                                                                \
	({                                                                                         \
		struct sim_map ___map = SIM_MAP_OF(map);                                           \
		struct sim_kernel *___kernel = sim_enter(SIM_MAP, (map));                          \
		___kernel->map_delete(___kernel->self, &___map, (k));                              \
	})

#define bpf_timer_init(timer, map, flags)                                                          \
	sim_kernel->timer_init(sim_enter(SIM_KFUNC, (timer))->self, (timer), (map), (flags))
#define bpf_timer_set_callback(timer, callback)                                                    \
	sim_kernel->timer_set_callback(sim_enter(SIM_KFUNC, (timer))->self, (timer),               \
				       (sim_timer_callback)(void *)(callback))
#define bpf_timer_start(timer, after_ns, flags)                                                    \
	sim_kernel->timer_start(sim_enter(SIM_KFUNC, (timer))->self, (timer), (after_ns), (flags))

static inline u64 bpf_ktime_get_ns(void)
{
	return sim_kernel->ktime_ns(sim_enter(SIM_PURE, NULL)->self);
}

static inline u32 bpf_get_smp_processor_id(void)
{
	return sim_enter(SIM_PURE, NULL)->context->cpu;
}

static inline struct task_struct *bpf_get_current_task_btf(void)
{
	return sim_kernel->current_task(sim_enter(SIM_PURE, NULL)->self);
}

/* Copies up to @size bytes of a string; returns its length with the terminator. */
static inline long bpf_probe_read_kernel_str(void *to, u32 size, const void *from)
{
	char *out = to;
	const char *in = from;
	u32 i = 0;

	if (!size)
		return 0;
	for (; in && i + 1 < size && in[i]; i++)
		out[i] = in[i];
	out[i] = 0;
	return i + 1;
}

/* What a program writes for its loader: the simulated one reads the program's variables instead. */
#define bpf_ringbuf_output(map, data, size, flags)                                                 \
	((void)sim_enter(SIM_MAP, (map)), (void)(data), (void)(size), (void)(flags), 0)

/* Variables of the simulated kernel, by the text of their address. */
#define bpf_this_cpu_ptr(address)                                                                  \
	sim_kernel->this_cpu_ptr(sim_enter(SIM_PURE, NULL)->self, #address)
#define bpf_per_cpu_ptr(address, cpu)                                                              \
	((typeof(address))sim_kernel->per_cpu_ptr(sim_enter(SIM_PURE, NULL)->self, #address, (cpu)))

#define bpf_ksym_exists(symbol) sim_kernel->ksym_exists(sim_enter(SIM_PURE, NULL)->self, #symbol)

#define bpf_for(i, start, end)                                                                     \
	for (int ___at = (int)(start), ___end = (int)(end); ___at < ___end && ((i) = ___at, 1);    \
	     ___at++)
#define bpf_for_each(type, cur, args...)                                                           \
	for (struct bpf_iter_##type ___it __attribute__((cleanup(bpf_iter_##type##_destroy))),     \
	     *___once __attribute__((unused)) = (bpf_iter_##type##_new(&___it, ##args), NULL);     \
	     ((cur) = bpf_iter_##type##_next(&___it));)

/* A BPF program names its arena in an empty assembly statement, just before it turns the address
 * `start` into a pointer: the moment to put it where the memory really is. */
#define asm                                                                                        \
	start += sim_kernel->arena;                                                                \
	__asm__

/* Every atomic is announced before it happens. */
#define SIM_ATOMICALLY(p, operation)                                                               \
	({                                                                                         \
		typeof(p) ___address = (p);                                                        \
		sim_touch(___address, sizeof(*___address), SIM_ATOMIC);                            \
		operation;                                                                         \
	})
#define __sync_fetch_and_add(p, v)     SIM_ATOMICALLY(p, __sync_fetch_and_add(___address, v))
#define __sync_fetch_and_sub(p, v)     SIM_ATOMICALLY(p, __sync_fetch_and_sub(___address, v))
#define __sync_fetch_and_or(p, v)      SIM_ATOMICALLY(p, __sync_fetch_and_or(___address, v))
#define __sync_fetch_and_and(p, v)     SIM_ATOMICALLY(p, __sync_fetch_and_and(___address, v))
#define __sync_fetch_and_xor(p, v)     SIM_ATOMICALLY(p, __sync_fetch_and_xor(___address, v))
#define __sync_lock_test_and_set(p, v) SIM_ATOMICALLY(p, __sync_lock_test_and_set(___address, v))
#define __sync_val_compare_and_swap(p, old, v)                                                     \
	SIM_ATOMICALLY(p, __sync_val_compare_and_swap(___address, old, v))

#endif /* __cplusplus */
