/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* NDJSON on stdout, and the one way to fail. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "loader.h"

enum { EXIT_USAGE = 2, EXIT_UNAVAILABLE = 69, EXIT_PERMISSION = 77 };

void print_json(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

/* Length of the well-formed UTF-8 sequence at `at` (RFC 3629), or 0. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
	unsigned char c = at[0];
	size_t length = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;

	if (length == 0 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && at[1] < 0xa0) || (c == 0xed && at[1] > 0x9f) || (c == 0xf0 && at[1] < 0x90) ||
	    (c == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

void print_json_string(const char *bytes, size_t size)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const unsigned char *end = at + strnlen(bytes, size);

	putchar('"');
	while (at < end) {
		size_t length = utf8_length(at, end - at);

		if (length == 0) {
			fputs("\\ufffd", stdout);
			at++;
		} else if (length == 1 && (*at < 0x20 || *at == 0x7f || *at == '"' || *at == '\\')) {
			printf("\\u%04x", *at);
			at++;
		} else {
			fwrite(at, 1, length, stdout);
			at += length;
		}
	}
	putchar('"');
}

void flush_output(void)
{
	/* Nobody reads any more: there is nobody to tell. */
	if (fflush(stdout) != 0 || ferror(stdout))
		_exit(EXIT_UNAVAILABLE);
}

void fail(const char *code, const char *format, ...)
{
	static char message[16384];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	print_json("{\"type\":\"error\",\"code\":\"%s\",\"message\":", code);
	print_json_string(message, sizeof(message));
	print_json("}\n");
	fflush(stdout);
	if (strcmp(code, "usage") == 0 || strcmp(code, "command") == 0)
		_exit(EXIT_USAGE);
	_exit(strcmp(code, "permission") == 0 ? EXIT_PERMISSION : EXIT_UNAVAILABLE);
}
