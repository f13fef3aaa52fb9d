/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Puts a compiled BPF object, NAME.o in the build folder, into the executable. */
#ifndef KERNELSCOPE_EMBEDDED_H
#define KERNELSCOPE_EMBEDDED_H

#define EMBEDDED(name)                                                                                                 \
	__asm__(".section .rodata\n.balign 16\n" #name "_start:\n.incbin \"" #name ".o\"\n" #name "_end:\n.previous\n"); \
	extern const char name##_start[], name##_end[];

#define EMBEDDED_BYTES(name) name##_start, name##_end - name##_start
#define EMBEDDED_BUILD(name) (&(const struct build){ name##_start, name##_end })

#endif
