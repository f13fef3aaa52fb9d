/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Puts a compiled BPF object, NAME.o in the build folder, into the executable. Its symbols are hidden so that no global
 * offset table is used: in that of arm64 two local symbols of one section would be one entry.
 */
#ifndef KERNELSCOPE_EMBEDDED_H
#define KERNELSCOPE_EMBEDDED_H

#define EMBEDDED(name)                                                                                                 \
	__asm__(".section .rodata\n.balign 16\n" #name "_start:\n.incbin \"" #name ".o\"\n" #name "_end:\n.previous\n"); \
	extern const char name##_start[] __attribute__((visibility("hidden")));                                         \
	extern const char name##_end[] __attribute__((visibility("hidden")));

#define EMBEDDED_BYTES(name) name##_start, name##_end - name##_start
#define EMBEDDED_BUILD(name) (&(const struct build){ name##_start, name##_end })

#endif
