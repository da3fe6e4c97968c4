/* The C library's order, which PostgreSQL asks by strcoll_l. */
#include "probe.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wctype.h>

const char *
libc_version(void)
{
	return gnu_get_libc_version();
}

static locale_t
open_locale(const char *name, const char **error)
{
	locale_t	locale = newlocale(LC_ALL_MASK, name, (locale_t) 0);

	if (locale == (locale_t) 0)
		*error = errno == ENOENT ? "there is no such locale" : strerror(errno);
	return locale;
}

static int
compare(const struct order *order, const char *left, size_t left_length, const char *right, size_t right_length)
{
	(void) left_length;
	(void) right_length;
	return strcoll_l(left, right, (locale_t) order->handle);
}

static size_t
key(const struct order *order, const char *text, size_t length, unsigned char *key, size_t size)
{
	(void) length;
	/* The NUL byte at its end is part of the room that it takes. */
	return strxfrm_l((char *) key, text, size, (locale_t) order->handle) + 1;
}

static void
close_order(struct order *order)
{
	freelocale((locale_t) order->handle);
	free(order);
}

static struct order *
open_order(const char *name, const char **error)
{
	locale_t	locale = open_locale(name, error);
	struct order *order;

	if (locale == (locale_t) 0)
		return NULL;
	order = allocate(sizeof *order);
	*order = (struct order) {compare, key, close_order, (void *) locale,
	strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0};
	return order;
}

/* Codeset, and collversion as get_collation_actual_version() has it: none for C, POSIX and whatever begins with "C.". */
static bool
describe(const char *name, char *text, size_t size, const char **error)
{
	locale_t	locale = open_locale(name, error);
	bool		versioned = strcasecmp(name, "C") != 0 && strncasecmp(name, "C.", 2) != 0 && strcasecmp(name, "POSIX") != 0;

	if (locale == (locale_t) 0)
		return false;
	snprintf(text, size, "%s\t%s", nl_langinfo_l(CODESET, locale), versioned ? gnu_get_libc_version() : "");
	freelocale(locale);
	return true;
}

/* glibc's class "print" is all that Unicode assigns but the control characters, and the private use areas. */
static bool
assigned(unsigned char *bits, const char **error)
{
	locale_t	locale = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t) 0);

	if (locale == (locale_t) 0)
		locale = open_locale("en_US.UTF-8", error);
	if (locale == (locale_t) 0)
		return false;
	for (wint_t code = 1; code < 0x110000; code++)
	{
		bool		is_private = (code >= 0xE000 && code < 0xF900) || code >= 0xF0000;

		if (!is_private && (iswprint_l(code, locale) || iswcntrl_l(code, locale)))
			bits[code / 8] |= (unsigned char) (1 << code % 8);
	}
	freelocale(locale);
	return true;
}

const struct provider libc_provider = {open_order, describe, assigned};
