// SPDX-License-Identifier: GPL-2.0-only
// A program on sched_switch that does nothing: what tracing costs before it does anything.
#define SEC(name) __attribute__((section(name), used))

SEC("tp_btf/sched_switch")
int empty(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
