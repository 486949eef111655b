// SPDX-License-Identifier: Apache-2.0
/*
 * Text output for programs: printf, as far as they need it.  A line goes out in one write.
 */
#include "enclave/io.h"

#include <stdarg.h>
#include <stdbool.h>

#include "enclave/string.h"

struct output {
	int fd;
	int error; /* the first one; nothing is written after it */
	size_t used;
	char buffer[512];
};

static void flush(struct output *out)
{
	if (out->used > 0 && out->error == 0)
		out->error = encl_write_all(out->fd, out->buffer, out->used);
	out->used = 0;
}

static void put_char(struct output *out, char c)
{
	if (out->used == sizeof(out->buffer))
		flush(out);
	out->buffer[out->used++] = c;
}

static void put_string(struct output *out, const char *s)
{
	for (s = s ? s : "(null)"; *s != '\0'; s++)
		put_char(out, *s);
}

static void put_number(struct output *out, uint64_t value, unsigned int base)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value > 0);
	while (n > 0)
		put_char(out, digits[--n]);
}

static void put_signed(struct output *out, int64_t value)
{
	if (value < 0)
		put_char(out, '-');
	put_number(out, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

/* The conversion at *format, which is then behind it; false: none that we know. */
static bool convert(struct output *out, const char **format, va_list *args)
{
	const char *f = *format;
	bool is_long = *f == 'l' || *f == 'z';

	if (*f == 'z')
		f++;
	else
		for (int i = 0; i < 2 && *f == 'l'; i++)
			f++;
	switch (*f) {
	case '%': put_char(out, '%'); break;
	case 'c': put_char(out, (char)va_arg(*args, int)); break;
	case 's': put_string(out, va_arg(*args, const char *)); break;
	case 'd':
	case 'i': put_signed(out, is_long ? va_arg(*args, int64_t) : va_arg(*args, int)); break;
	case 'u':
	case 'x':
		put_number(out, is_long ? va_arg(*args, uint64_t) : va_arg(*args, unsigned int),
		           *f == 'x' ? 16 : 10);
		break;
	case 'p':
		put_string(out, "0x");
		put_number(out, (uint64_t)va_arg(*args, void *), 16);
		break;
	default: return false;
	}
	*format = f + 1;
	return true;
}

static int print(int fd, const char *format, va_list *args)
{
	struct output out;

	out.fd = fd;
	out.error = 0;
	out.used = 0;
	while (*format != '\0') {
		char c = *format++;

		if (c != '%' || !convert(&out, &format, args))
			put_char(&out, c);
	}
	flush(&out);
	return out.error;
}

int encl_printf(const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = print(1, format, &args);
	va_end(args);
	return r;
}

int encl_dprintf(int fd, const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = print(fd, format, &args);
	va_end(args);
	return r;
}

int encl_puts(const char *s)
{
	return encl_printf("%s\n", s);
}
