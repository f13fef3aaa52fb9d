/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the running kernel has and what it lacks. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "loader.h"

__u32 highest_tid(void)
{
	FILE *file = fopen("/proc/sys/kernel/pid_max", "re");
	unsigned int pid_max = 0;

	if (!file || fscanf(file, "%u", &pid_max) != 1 || pid_max == 0)
		pid_max = 4194304;
	if (file)
		fclose(file);
	return pid_max;
}

__u32 tracepoint_arguments(const struct btf *btf, const char *tracepoint)
{
	char name[64];

	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	__s32 id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);

	if (id < 0)
		return 0;
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_typedef(type) || btf_is_ptr(type))
		type = btf__type_by_id(btf, type->type);
	/* The first argument is not the tracepoint's own. */
	return btf_vlen(type) - 1;
}

bool has_prev_state(const struct btf *btf)
{
	__u32 arguments = tracepoint_arguments(btf, "sched_switch");

	if (arguments == 0)
		fail("load", "the kernel has no tracepoint sched_switch");
	/* From 5.18 on (fa2c3254d7cf): preempt, prev, next, prev_state. */
	return arguments >= 4;
}

bool enum_value(const struct btf *btf, const char *enum_name, const char *name, __u32 *value)
{
	__s32 id = btf__find_by_name_kind(btf, enum_name, BTF_KIND_ENUM);

	if (id < 0)
		return false;
	const struct btf_type *type = btf__type_by_id(btf, id);
	const struct btf_enum *values = btf_enum(type);

	for (int i = 0; i < btf_vlen(type); i++) {
		if (strcmp(btf__name_by_offset(btf, values[i].name_off), name) == 0) {
			*value = values[i].val;
			return true;
		}
	}
	return false;
}

bool has_helper(const struct btf *btf, const char *name)
{
	__u32 number;

	return enum_value(btf, "bpf_func_id", name, &number);
}

/* Atomics with a result came in 5.12, with BPF_ATOMIC in the place of BPF_XADD; this program is the smallest that has one. */
bool has_atomics(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8, .imm = 0 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = BPF_REG_10, .src_reg = BPF_REG_0, .off = -8, .imm = BPF_CMPXCHG },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "atomics", "GPL", insns, sizeof(insns) / sizeof(*insns), NULL);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}
