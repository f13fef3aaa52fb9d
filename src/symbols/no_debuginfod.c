/* SPDX-License-Identifier: MIT */
/* Takes the place of the part of libdw that would load a library to ask servers for debug information. */
#include <elfutils/libdwfl.h>

int __libdwfl_debuginfod_find_executable(Dwfl *dwfl, const unsigned char *id, size_t size);
int __libdwfl_debuginfod_find_debuginfo(Dwfl *dwfl, const unsigned char *id, size_t size);
void __libdwfl_debuginfod_end(void *client);

int __libdwfl_debuginfod_find_executable(Dwfl *dwfl, const unsigned char *id, size_t size)
{
	(void)dwfl, (void)id, (void)size;
	return -1;
}

int __libdwfl_debuginfod_find_debuginfo(Dwfl *dwfl, const unsigned char *id, size_t size)
{
	(void)dwfl, (void)id, (void)size;
	return -1;
}

debuginfod_client *dwfl_get_debuginfod_client(Dwfl *dwfl)
{
	(void)dwfl;
	return NULL;
}

void __libdwfl_debuginfod_end(void *client)
{
	(void)client;
}
