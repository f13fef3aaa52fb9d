/* SPDX-License-Identifier: MIT */
/* Functions that the compiler put into others, by DWARF. */
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>
#include "symbols.h"

static void print_die(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *linkage = NULL;
	const char *name = dwarf_diename(die);

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute))
		linkage = dwarf_formstring(&attribute);
	char *readable = linkage ? cplus_demangle(linkage, DMGL_ANSI | DMGL_AUTO) : NULL;

	print_frame(readable ? readable : name ? name : "[unknown]", 'i');
	free(readable);
}

void print_inlined(Dwfl_Module *module, uint64_t address)
{
	Dwarf_Addr bias;
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias);
	Dwarf_Die *scopes = NULL;

	if (!unit)
		return;
	int count = dwarf_getscopes(unit, address - bias, &scopes);

	/* Innermost first, up to the function that they were put into. */
	for (int i = 0; i < count && dwarf_tag(&scopes[i]) != DW_TAG_subprogram; i++)
		if (dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine)
			print_die(&scopes[i]);
	free(scopes);
}
