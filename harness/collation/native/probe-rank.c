/*
 * The order of a corpus. Keys are fast to sort by, but PostgreSQL compares with strcoll, and the two have disagreed in
 * glibc before. So the strings are sorted by key, then every neighbour is compared as PostgreSQL does; where one pair
 * disagrees, all are sorted anew by comparison alone.
 */
#include "probe.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct item
{
	/* The key's first eight bytes as a number: most comparisons end here. */
	uint64_t	prefix;
	uint32_t	index;
};

static const struct corpus *sorted_corpus;
static const struct order *sorted_order;
static const unsigned char *keys;
static const uint64_t *key_offsets;

static int
compare_strings(uint32_t left, uint32_t right)
{
	const uint32_t *offsets = sorted_corpus->offsets;

	return sorted_order->compare(sorted_order,
								 sorted_corpus->bytes + offsets[left], offsets[left + 1] - offsets[left] - 1,
								 sorted_corpus->bytes + offsets[right], offsets[right + 1] - offsets[right] - 1);
}

static int
compare_keys(uint32_t left, uint32_t right)
{
	size_t		left_length = key_offsets[left + 1] - key_offsets[left];
	size_t		right_length = key_offsets[right + 1] - key_offsets[right];
	int			result = memcmp(keys + key_offsets[left], keys + key_offsets[right],
								left_length < right_length ? left_length : right_length);

	if (result != 0)
		return result;
	return left_length < right_length ? -1 : left_length > right_length;
}

static int
by_key(const void *left_item, const void *right_item)
{
	const struct item *left = left_item;
	const struct item *right = right_item;

	if (left->prefix != right->prefix)
		return left->prefix < right->prefix ? -1 : 1;
	return compare_keys(left->index, right->index);
}

static int
by_comparison(const void *left_item, const void *right_item)
{
	return compare_strings(((const struct item *) left_item)->index, ((const struct item *) right_item)->index);
}

static uint64_t
prefix_of(const unsigned char *key, size_t length)
{
	uint64_t	prefix = 0;

	for (size_t i = 0; i < 8; i++)
		prefix = prefix << 8 | (i < length ? key[i] : 0);
	return prefix;
}

/* Fills `items`, and returns the keys with their offsets beside them. */
static unsigned char *
make_keys(struct item *items, uint64_t *offsets)
{
	const struct corpus *corpus = sorted_corpus;
	size_t		size = (size_t) corpus->count * 24 + 4096;
	size_t		used = 0;
	unsigned char *all = allocate(size);

	for (uint32_t i = 0; i < corpus->count; i++)
	{
		const char *text = corpus->bytes + corpus->offsets[i];
		size_t		text_length = corpus->offsets[i + 1] - corpus->offsets[i] - 1;
		size_t		length = sorted_order->key(sorted_order, text, text_length, all + used, size - used);

		while (length > size - used)
		{
			size = size + size / 2 + length;
			all = realloc(all, size);
			if (all == NULL)
				fail("out of memory", "keys");
			length = sorted_order->key(sorted_order, text, text_length, all + used, size - used);
		}
		offsets[i] = used;
		items[i] = (struct item) {prefix_of(all + used, length), i};
		used += length;
	}
	offsets[corpus->count] = used;
	return all;
}

static int
sign(int number)
{
	return (number > 0) - (number < 0);
}

/* Whether every neighbour compares as its keys do; `equal` says which strings are equal to the one before them. */
static bool
neighbours_agree(const struct item *items, bool *equal)
{
	for (uint32_t i = 1; i < sorted_corpus->count; i++)
	{
		int			result = compare_strings(items[i - 1].index, items[i].index);

		if (sign(result) != sign(compare_keys(items[i - 1].index, items[i].index)))
			return false;
		equal[i] = result == 0;
	}
	return true;
}

/* qsort of glibc is a merge sort while its memory lasts: few comparisons more than needed. */
static void
sort_by_comparison(struct item *items, bool *equal)
{
	qsort(items, sorted_corpus->count, sizeof *items, by_comparison);
	for (uint32_t i = 1; i < sorted_corpus->count; i++)
		equal[i] = by_comparison(&items[i - 1], &items[i]) == 0;
}

/* For each string how many come before it and all its equals. */
uint32_t *
rank_corpus(const struct corpus *corpus, const struct order *order)
{
	struct item *items = allocate(sizeof *items * corpus->count);
	uint64_t   *offsets = allocate(sizeof *offsets * (corpus->count + 1));
	bool	   *equal = allocate(sizeof *equal * (corpus->count + 1));
	uint32_t   *ranks = allocate(sizeof *ranks * corpus->count);
	uint32_t	rank = 0;

	sorted_corpus = corpus;
	sorted_order = order;
	unsigned char *all = make_keys(items, offsets);

	keys = all;
	key_offsets = offsets;
	qsort(items, corpus->count, sizeof *items, by_key);
	if (!neighbours_agree(items, equal))
		sort_by_comparison(items, equal);
	for (uint32_t i = 0; i < corpus->count; i++)
	{
		if (i > 0 && !equal[i])
			rank = i;
		ranks[items[i].index] = rank;
	}
	free(items);
	free(offsets);
	free(equal);
	free(all);
	return ranks;
}

struct corpus
open_corpus(const char *path)
{
	struct corpus corpus = {0};
	struct stat status;
	int			descriptor = open(path, O_RDONLY);
	uint32_t	at = 0;

	if (descriptor < 0 || fstat(descriptor, &status) != 0 || status.st_size >= UINT32_MAX)
		fail("cannot open the corpus", path);
	if (status.st_size > 0)
	{
		corpus.bytes = mmap(NULL, (size_t) status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
		if (corpus.bytes == MAP_FAILED || corpus.bytes[status.st_size - 1] != '\0')
			fail("cannot read the corpus", path);
	}
	close(descriptor);
	for (off_t i = 0; i < status.st_size; i++)
		corpus.count += corpus.bytes[i] == '\0';
	corpus.offsets = allocate(sizeof *corpus.offsets * ((size_t) corpus.count + 1));
	for (uint32_t i = 0; i < corpus.count; i++)
	{
		corpus.offsets[i] = at;
		at += (uint32_t) strlen(corpus.bytes + at) + 1;
	}
	corpus.offsets[corpus.count] = at;
	return corpus;
}
