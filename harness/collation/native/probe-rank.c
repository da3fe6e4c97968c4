/*
 * The order of a corpus. Keys are fast to sort by, but PostgreSQL compares with strcoll, and in glibc the two disagree about
 * a few strings ("3g" and "3-G" under en_US). So the strings are sorted by key, and then put where comparison wants them,
 * which is near. Of strings in UTF-8 that begin beyond U+3000 (ideographs, syllables, other planes) only every sixteenth is
 * compared: there are many, all alike, and glibc walks long tables for each.
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

static bool
is_compared(const struct item *item, uint32_t place)
{
	if (!sorted_order->is_utf8)
		return true;
	return (unsigned char) sorted_corpus->bytes[sorted_corpus->offsets[item->index]] < 0xE3 || place % 16 == 0;
}

/* Insertion sort, which costs one comparison a string where keys were right; false when they were far from it. */
static bool
insert_by_comparison(struct item *items)
{
	uint64_t	moves = 0;

	for (uint32_t i = 1; i < sorted_corpus->count; i++)
	{
		struct item moved = items[i];
		uint32_t	place = i;

		if (!is_compared(&moved, i))
			continue;
		while (place > 0 && compare_strings(items[place - 1].index, moved.index) > 0)
		{
			items[place] = items[place - 1];
			place--;
			moves++;
		}
		items[place] = moved;
		if (moves > 8 * (uint64_t) sorted_corpus->count + 1000)
			return false;
	}
	return true;
}

static bool
is_equal(const struct item *left, const struct item *right, uint32_t place)
{
	return is_compared(right, place) ? compare_strings(left->index, right->index) == 0
		: compare_keys(left->index, right->index) == 0;
}

/* For each string how many come before it and all its equals. */
uint32_t *
rank_corpus(const struct corpus *corpus, const struct order *order)
{
	struct item *items = allocate(sizeof *items * corpus->count);
	uint64_t   *offsets = allocate(sizeof *offsets * (corpus->count + 1));
	uint32_t   *ranks = allocate(sizeof *ranks * corpus->count);
	uint32_t	rank = 0;

	sorted_corpus = corpus;
	sorted_order = order;
	unsigned char *all = make_keys(items, offsets);

	keys = all;
	key_offsets = offsets;
	qsort(items, corpus->count, sizeof *items, by_key);
	if (!insert_by_comparison(items))
		qsort(items, corpus->count, sizeof *items, by_comparison);
	for (uint32_t i = 0; i < corpus->count; i++)
	{
		if (i > 0 && !is_equal(&items[i - 1], &items[i], i))
			rank = i;
		ranks[items[i].index] = rank;
	}
	free(items);
	free(offsets);
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
