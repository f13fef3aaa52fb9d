/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Reads /proc/kallsyms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "loader.h"

void each_kernel_symbol(void (*each)(__u64 address, char type, const char *name, void *context), void *context)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[1024];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		/* Such as: ffffffff81000000 T _text, and for a module a tab and its name after that. */
		char *type = strchr(line, ' ');

		if (!type || type[1] == '\0' || type[2] != ' ')
			continue;
		__u64 address = strtoull(line, NULL, 16);
		char *name = type + 3;

		name[strcspn(name, " \t\n")] = '\0';
		if (address)
			each(address, type[1], name, context);
	}
	fclose(file);
}
