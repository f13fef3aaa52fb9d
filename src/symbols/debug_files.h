/* SPDX-License-Identifier: MIT */
#ifndef KERNELSCOPE_DEBUG_FILES_H
#define KERNELSCOPE_DEBUG_FILES_H

#include <elfutils/libdwfl.h>
#include <stdint.h>

/* Opens a regular file, of this inode if it is not 0, and nothing that would wait or do something when it is opened. */
int open_regular(const char *path, uint64_t inode);

/* How libdw finds what belongs to a module. */
extern const Dwfl_Callbacks module_callbacks;

#endif
