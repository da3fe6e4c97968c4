/*
 * libicu's order, which PostgreSQL asks by ucol_strcollUTF8. The library is opened by name and its functions are called by
 * their versioned names, so that one probe serves every version; nothing of its headers is needed.
 */
#include "probe.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int UErrorCode;			/* above zero is an error */
typedef uint16_t UChar;
typedef struct UCollator UCollator;
typedef struct UEnumeration UEnumeration;

enum
{
	valid_locale = 1, actual_locale = 0,
	char_unassigned = 0, char_private_use = 17, char_surrogate = 18,
	key_text_size = 8192
};

static const char *icu_directory;
static const char *icu_major;
static bool is_open;

static UCollator *(*ucol_open) (const char *, UErrorCode *);
static void (*ucol_close) (UCollator *);
static int (*ucol_strcollUTF8) (const UCollator *, const char *, int32_t, const char *, int32_t, UErrorCode *);
static int32_t (*ucol_getSortKey) (const UCollator *, const UChar *, int32_t, uint8_t *, int32_t);
static void (*ucol_getVersion) (const UCollator *, uint8_t *);
static const char *(*ucol_getLocaleByType) (const UCollator *, int, UErrorCode *);
static UEnumeration *(*ucol_getKeywordValuesForLocale) (const char *, const char *, int8_t, UErrorCode *);
static const char *(*uenum_next) (UEnumeration *, int32_t *, UErrorCode *);
static void (*uenum_close) (UEnumeration *);
static int32_t (*uloc_countAvailable) (void);
static const char *(*uloc_getAvailable) (int32_t);
static int32_t (*uloc_toLanguageTag) (const char *, char *, int32_t, int8_t, UErrorCode *);
static const char *(*uloc_toUnicodeLocaleType) (const char *, const char *);
static void (*u_versionToString) (const uint8_t *, char *);
static void (*u_getVersion) (uint8_t *);
static void (*u_getUnicodeVersion) (uint8_t *);
static int8_t (*u_charType) (int32_t);
static UChar *(*u_strFromUTF8) (UChar *, int32_t, int32_t *, const char *, int32_t, UErrorCode *);

static const struct
{
	const char *name;
	void	   *place;
}			functions[] = {
	{"ucol_open", &ucol_open},
	{"ucol_close", &ucol_close},
	{"ucol_strcollUTF8", &ucol_strcollUTF8},
	{"ucol_getSortKey", &ucol_getSortKey},
	{"ucol_getVersion", &ucol_getVersion},
	{"ucol_getLocaleByType", &ucol_getLocaleByType},
	{"ucol_getKeywordValuesForLocale", &ucol_getKeywordValuesForLocale},
	{"uenum_next", &uenum_next},
	{"uenum_close", &uenum_close},
	{"uloc_countAvailable", &uloc_countAvailable},
	{"uloc_getAvailable", &uloc_getAvailable},
	{"uloc_toLanguageTag", &uloc_toLanguageTag},
	{"uloc_toUnicodeLocaleType", &uloc_toUnicodeLocaleType},
	{"u_versionToString", &u_versionToString},
	{"u_getVersion", &u_getVersion},
	{"u_getUnicodeVersion", &u_getUnicodeVersion},
	{"u_charType", &u_charType},
	{"u_strFromUTF8", &u_strFromUTF8},
};

void
icu_place(const char *directory, const char *major)
{
	icu_directory = directory;
	icu_major = major;
}

static void *
open_library(const char *name, const char **error)
{
	static char path[4096];
	void	   *library;

	snprintf(path, sizeof path, "%s/lib%s.so.%s", icu_directory, name, icu_major);
	library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	if (library == NULL)
		*error = dlerror();
	return library;
}

static bool
open_icu(const char **error)
{
	void	   *common;
	void	   *international;

	if (is_open)
		return true;
	if (icu_directory[0] == '\0')
	{
		*error = "there is no libicu here";
		return false;
	}
	/* A library that finds its own kin by the loader's path alone finds them loaded already. */
	if (open_library("icudata", error) == NULL || (common = open_library("icuuc", error)) == NULL ||
		(international = open_library("icui18n", error)) == NULL)
		return false;
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
	{
		char		name[64];
		void	   *function;

		snprintf(name, sizeof name, "%s_%s", functions[i].name, icu_major);
		function = dlsym(international, name);
		if (function == NULL)
			function = dlsym(common, name);
		if (function == NULL)
		{
			*error = dlerror();
			return false;
		}
		*(void **) functions[i].place = function;
	}
	is_open = true;
	return true;
}

static UCollator *
open_collator(const char *locale, const char **error)
{
	UErrorCode	status = 0;
	UCollator  *collator;

	if (!open_icu(error))
		return NULL;
	collator = ucol_open(strcmp(locale, "und") == 0 ? "root" : locale, &status);
	if (status <= 0)
		return collator;
	*error = "libicu cannot open this locale";
	return NULL;
}

static int
compare(const struct order *order, const char *left, size_t left_length, const char *right, size_t right_length)
{
	UErrorCode	status = 0;
	int			result = ucol_strcollUTF8(order->handle, left, (int32_t) left_length, right, (int32_t) right_length, &status);

	if (status > 0)
		fail("libicu cannot compare", left);
	return result;
}

static size_t
key(const struct order *order, const char *text, size_t length, unsigned char *key, size_t size)
{
	static UChar units[key_text_size];
	UErrorCode	status = 0;
	int32_t		count = 0;

	u_strFromUTF8(units, key_text_size, &count, text, (int32_t) length, &status);
	if (status > 0)
		fail("libicu cannot read the string", text);
	return (size_t) ucol_getSortKey(order->handle, units, count, key, size > INT32_MAX ? INT32_MAX : (int32_t) size);
}

static void
close_order(struct order *order)
{
	ucol_close(order->handle);
	free(order);
}

static struct order *
open_order(const char *locale, const char **error)
{
	UCollator  *collator = open_collator(locale, error);
	struct order *order;

	if (collator == NULL)
		return NULL;
	order = allocate(sizeof *order);
	*order = (struct order) {compare, key, close_order, collator, true};
	return order;
}

/* Where the data of the locale comes from, and collversion as get_collation_actual_version() has it. */
static bool
describe(const char *locale, char *text, size_t size, const char **error)
{
	UCollator  *collator = open_collator(locale, error);
	UErrorCode	status = 0;
	uint8_t		version[4];
	char		words[32];
	const char *actual;

	if (collator == NULL)
		return false;
	ucol_getVersion(collator, version);
	u_versionToString(version, words);
	actual = ucol_getLocaleByType(collator, actual_locale, &status);
	/* The root's own name is empty, and so it is before "@collation=emoji". */
	if (actual == NULL)
		actual = "";
	snprintf(text, size, "%s%s\t%s", actual[0] == '\0' || actual[0] == '@' ? "root" : "", actual, words);
	ucol_close(collator);
	return true;
}

static bool
assigned(unsigned char *bits, const char **error)
{
	if (!open_icu(error))
		return false;
	for (int32_t code = 1; code < 0x110000; code++)
	{
		int8_t		type = u_charType(code);

		if (type != char_unassigned && type != char_private_use && type != char_surrogate)
			bits[code / 8] |= (unsigned char) (1 << code % 8);
	}
	return true;
}

char *
icu_facts(const char **error)
{
	uint8_t		version[4];
	char		library[32];
	char		unicode[32];
	char	   *text;

	if (!open_icu(error))
		return NULL;
	u_getVersion(version);
	u_versionToString(version, library);
	u_getUnicodeVersion(version);
	u_versionToString(version, unicode);
	text = allocate(sizeof library + sizeof unicode + 2);
	sprintf(text, "%s\t%s", library, unicode);
	return text;
}

struct lines
{
	char	   *text;
	size_t		used;
	size_t		size;
};

static void
add_line(struct lines *lines, const char *line)
{
	size_t		length = strlen(line);

	if (lines->used + length + 2 > lines->size)
	{
		lines->size = 2 * lines->size + length + 4096;
		lines->text = realloc(lines->text, lines->size);
		if (lines->text == NULL)
			fail("out of memory", "locales");
	}
	memcpy(lines->text + lines->used, line, length);
	lines->used += length;
	lines->text[lines->used++] = '\n';
	lines->text[lines->used] = '\0';
}

/* The locale as PostgreSQL names it, and each tailoring of it. */
static void
add_locale(struct lines *lines, const char *locale)
{
	UErrorCode	status = 0;
	char		tag[256];
	char		tailored[512];
	UEnumeration *types;
	const char *type;

	if (uloc_toLanguageTag(locale, tag, sizeof tag, 1, &status) <= 0 || status > 0)
		return;
	add_line(lines, tag);
	types = ucol_getKeywordValuesForLocale("collation", locale, 0, &status);
	if (status > 0)
		return;
	while ((type = uenum_next(types, NULL, &status)) != NULL)
	{
		const char *unicode_type = uloc_toUnicodeLocaleType("collation", type);

		snprintf(tailored, sizeof tailored, "%s-u-co-%s", tag, unicode_type == NULL ? type : unicode_type);
		add_line(lines, tailored);
	}
	uenum_close(types);
}

char *
icu_locales(const char **error)
{
	struct lines lines = {0};

	if (!open_icu(error))
		return NULL;
	add_locale(&lines, "");
	for (int32_t i = 0; i < uloc_countAvailable(); i++)
		add_locale(&lines, uloc_getAvailable(i));
	return lines.text;
}

const struct provider icu_provider = {open_order, describe, assigned};
