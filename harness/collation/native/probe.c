/*
 * Asks the libraries of the root in which it runs how they order strings, as PostgreSQL would ask them.
 *
 * redoubt-collation-probe ICU-DIRECTORY ICU-MAJOR CORPUS...
 *
 * Standard input has a request a line; each is answered on standard output by a status byte (0 done, 1 not), the length of
 * what follows (u32, little-endian), and that: a text, ranks (u32 each) or a bitmap. A corpus is a file of strings in UTF-8,
 * each ended by a NUL byte.
 *
 *   libc                        the version
 *   icu                         the version of the library, of Unicode and of its root collation
 *   icu-locales                 every locale and every tailoring that the library lists, a line each
 *   describe PROVIDER LOCALE    a line of facts: what PostgreSQL calls its version, and where its data comes from
 *   assigned PROVIDER           a bit for each code point that the library knows to be assigned
 *   rank PROVIDER LOCALE N      for each string of corpus N the place of the first string that is equal to it
 */
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct corpus *corpora;
static int corpus_count;

void
fail(const char *words, const char *what)
{
	fprintf(stderr, "collation probe: %s: %s\n", words, what);
	exit(1);
}

void *
allocate(size_t size)
{
	void	   *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
		fail("out of memory", "malloc");
	return memory;
}

static void
write_all(const void *data, size_t length)
{
	const char *at = data;

	while (length > 0)
	{
		ssize_t		written = write(STDOUT_FILENO, at, length);

		if (written <= 0)
			fail("cannot answer", "write");
		at += written;
		length -= (size_t) written;
	}
}

static void
answer(unsigned char status, const void *data, size_t length)
{
	unsigned char head[5] = {status, length & 255, length >> 8 & 255, length >> 16 & 255, length >> 24 & 255};

	write_all(head, sizeof head);
	write_all(data, length);
}

static void
answer_text(const char *text)
{
	answer(0, text, strlen(text));
}

static void
refuse(const char *text)
{
	answer(1, text, strlen(text));
}

static void
rank(const struct provider *provider, const char *locale, const char *number)
{
	const char *error = NULL;
	int			index = number == NULL ? -1 : atoi(number);
	struct order *order;

	if (index < 0 || index >= corpus_count)
	{
		refuse("there is no such corpus");
		return;
	}
	order = provider->open(locale, &error);
	if (order == NULL)
	{
		refuse(error);
		return;
	}
	uint32_t   *ranks = rank_corpus(&corpora[index], order);

	answer(0, ranks, corpora[index].count * sizeof *ranks);
	free(ranks);
	order->close(order);
}

static void
describe(const struct provider *provider, const char *locale)
{
	static char text[4096];
	const char *error = NULL;

	if (provider->describe(locale, text, sizeof text, &error))
		answer_text(text);
	else
		refuse(error);
}

static void
assigned(const struct provider *provider)
{
	static unsigned char bits[0x110000 / 8];
	const char *error = NULL;

	memset(bits, 0, sizeof bits);
	if (provider->assigned(bits, &error))
		answer(0, bits, sizeof bits);
	else
		refuse(error);
}

static void
serve(char *request)
{
	char	   *verb = strtok(request, " ");
	char	   *first = strtok(NULL, " ");
	char	   *locale = strtok(NULL, " ");
	const struct provider *provider;
	const char *error = NULL;

	if (verb == NULL)
		refuse("an empty request");
	else if (strcmp(verb, "libc") == 0)
		answer_text(libc_version());
	else if (strcmp(verb, "icu") == 0 || strcmp(verb, "icu-locales") == 0)
	{
		char	   *text = strcmp(verb, "icu") == 0 ? icu_facts(&error) : icu_locales(&error);

		if (text == NULL)
			refuse(error);
		else
			answer_text(text);
		free(text);
	}
	else if (first == NULL)
		refuse("no provider");
	else
	{
		provider = strcmp(first, "icu") == 0 ? &icu_provider : &libc_provider;
		if (strcmp(verb, "assigned") == 0)
			assigned(provider);
		else if (locale == NULL)
			refuse("no locale");
		else if (strcmp(verb, "describe") == 0)
			describe(provider, locale);
		else if (strcmp(verb, "rank") == 0)
			rank(provider, locale, strtok(NULL, " "));
		else
			refuse("an unknown request");
	}
}

int
main(int argc, char **argv)
{
	static char line[1024];

	if (argc < 3)
		fail("usage", "ICU-DIRECTORY ICU-MAJOR CORPUS...");
	icu_place(argv[1], argv[2]);
	corpus_count = argc - 3;
	corpora = allocate(sizeof *corpora * (size_t) corpus_count);
	for (int i = 0; i < corpus_count; i++)
		corpora[i] = open_corpus(argv[3 + i]);
	while (fgets(line, sizeof line, stdin) != NULL)
	{
		line[strcspn(line, "\n")] = '\0';
		serve(line);
	}
	return 0;
}
