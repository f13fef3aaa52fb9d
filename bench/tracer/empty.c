// SPDX-License-Identifier: MIT
// Attaches the program in the given object file until stdin ends.
#include <bpf/libbpf.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct bpf_object *object = argc > 1 ? bpf_object__open_file(argv[1], NULL) : NULL;

	if (!object || bpf_object__load(object))
		return 1;
	struct bpf_program *program = bpf_object__next_program(object, NULL);

	if (!program || !bpf_program__attach(program))
		return 1;
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
