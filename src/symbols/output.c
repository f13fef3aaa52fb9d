/* SPDX-License-Identifier: MIT */
/* JSON on stdout, and the one way to fail. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "symbols.h"

/* Length of the well-formed UTF-8 sequence at `at` (RFC 3629), or 0. */
static size_t utf8_length(const unsigned char *at)
{
	unsigned char c = at[0];
	size_t length = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;

	/* The zero at the end of the text is no such byte. */
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && at[1] < 0xa0) || (c == 0xed && at[1] > 0x9f) || (c == 0xf0 && at[1] < 0x90) ||
	    (c == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

/* Prints a text as part of a JSON string. */
static void print_escaped(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at;) {
		size_t length = utf8_length(at);

		if (length == 0) {
			fputs("\\ufffd", stdout);
			length = 1;
		} else if (*at == ';') {
			/* What parts the frames of a folded stack. */
			putchar(':');
		} else if (*at < 0x20 || *at == 0x7f) {
			putchar('?');
		} else if (*at == '"' || *at == '\\') {
			printf("\\%c", *at);
		} else {
			fwrite(at, 1, length, stdout);
		}
		at += length;
	}
}

void print_frame(const char *name, char mark)
{
	static bool has_any;

	/* A new answer begins with no name. */
	if (!name) {
		has_any = false;
		return;
	}
	fputs(has_any ? ",\"" : "\"", stdout);
	print_escaped(name);
	if (with_marks && mark)
		printf("_[%c]", mark);
	putchar('"');
	has_any = true;
}

void fail(const char *format, ...)
{
	static char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	fputs("{\"type\":\"error\",\"message\":\"", stdout);
	print_escaped(message);
	fputs("\"}\n", stdout);
	fflush(stdout);
	_exit(2);
}

/* Gives an array room for one element more. */
void *grow(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 8;
	void *larger = reallocarray(array, *room, size);

	if (!larger)
		fail("out of memory");
	return larger;
}

char *copy_string(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		fail("out of memory");
	return copy;
}
