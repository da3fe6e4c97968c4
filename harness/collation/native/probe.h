#ifndef REDOUBT_COLLATION_PROBE_H
#define REDOUBT_COLLATION_PROBE_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

/* Strings in memory; `offsets` has one more entry than there are strings, and string i ends one byte before offset i + 1. */
struct corpus
{
	const char *bytes;
	uint32_t   *offsets;
	uint32_t	count;
};

/* One locale of one library, opened. */
struct order
{
	/* Both as PostgreSQL has it, but for its tie-break: 0 for what the library calls equal. */
	int			(*compare) (const struct order *, const char *left, size_t left_length, const char *right, size_t right_length);
	/* Writes a key that memcmp orders likewise; returns the length that it has, which may be more than `size`. */
	size_t		(*key) (const struct order *, const char *text, size_t length, unsigned char *key, size_t size);
	void		(*close) (struct order *);
	void	   *handle;
	/* Whether strings are in UTF-8, so that their first byte says where in Unicode they begin. */
	bool		is_utf8;
};

struct provider
{
	struct order *(*open) (const char *locale, const char **error);
	bool		(*describe) (const char *locale, char *text, size_t size, const char **error);
	bool		(*assigned) (unsigned char *bits, const char **error);
};

extern const struct provider libc_provider;
extern const struct provider icu_provider;

const char *libc_version(void);
void		icu_place(const char *directory, const char *major);
char	   *icu_facts(const char **error);
char	   *icu_locales(const char **error);

struct corpus open_corpus(const char *path);
uint32_t   *rank_corpus(const struct corpus *corpus, const struct order *order);

void		fail(const char *words, const char *what) __attribute__((noreturn));
void	   *allocate(size_t size);

#endif
