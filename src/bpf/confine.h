/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef KERNELSCOPE_CONFINE_H
#define KERNELSCOPE_CONFINE_H

/*
 * From here on this process executes nothing, starts no other process, opens no socket and traces nobody: the kernel ends
 * it if it tries. Does nothing on a kernel without seccomp.
 */
void confine(void);

#endif
