/*
 * The walredo protocol: messages on standard input, pages on standard output, in order. Each message is a tag byte, a
 * big-endian length that counts itself, and a payload; an answer is the 8192 bytes of a page and nothing else.
 */
#include "walredo.h"

#include <errno.h>
#include <unistd.h>

#include "port/pg_bswap.h"
#include "utils/memutils.h"

#define INPUT_BUFFER_BYTES (1024 * 1024)
#define TAG_BYTES 17
#define LSN_BYTES 8
#define LENGTH_BYTES 4

/* The longest record that a server of any major writes (xlogrecord.h of 16 and later, XLogRecordMaxSize). */
#define LONGEST_RECORD_BYTES (1020U * 1024 * 1024)

static const char zeros[BLCKSZ];

static char *input;
static Size input_size = 0;
static Size input_start = 0;
static Size input_end = 0;

static PageTag target;
static bool target_begun = false;
static uint64 answers = 0;

static void
protocol_error(const char *what, uint32 length)
{
	ereport(FATAL, (errcode(ERRCODE_PROTOCOL_VIOLATION), errmsg("walredo: %s (length %u)", what, length)));
}

/* Reads once; false at the end of the input. */
static bool
fill_input(void)
{
	ssize_t		got;

	do
		got = read(STDIN_FILENO, input + input_end, input_size - input_end);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		ereport(FATAL, (errcode_for_file_access(), errmsg("walredo: could not read standard input: %m")));
	input_end += got;
	return got > 0;
}

/*
 * The next `count` bytes, contiguous; NULL if the input ended before them. The buffer grows with the bytes that came,
 * not with the length that a message claims.
 */
static const char *
take(Size count)
{
	const char *bytes;

	while (input_end - input_start < count)
	{
		if (input_start > 0)
		{
			memmove(input, input + input_start, input_end - input_start);
			input_end -= input_start;
			input_start = 0;
		}
		if (input_end == input_size)
		{
			input_size *= 2;
			input = repalloc_huge(input, input_size);
		}
		if (!fill_input())
			return NULL;
	}
	bytes = input + input_start;
	input_start += count;
	return bytes;
}

static uint32
read_uint32(const char *bytes)
{
	uint32		value;

	memcpy(&value, bytes, sizeof(value));
	return pg_ntoh32(value);
}

static uint64
read_uint64(const char *bytes)
{
	uint64		value;

	memcpy(&value, bytes, sizeof(value));
	return pg_ntoh64(value);
}

static PageTag
read_tag(const char *bytes)
{
	PageTag		tag;

	if ((uint8) bytes[0] > MAX_FORKNUM)
		protocol_error("no such fork", (uint8) bytes[0]);
	tag.fork = (ForkNumber) (uint8) bytes[0];
	relation_space(tag.relation) = read_uint32(bytes + 1);
	relation_database(tag.relation) = read_uint32(bytes + 5);
	relation_number(tag.relation) = read_uint32(bytes + 9);
	tag.block = read_uint32(bytes + 13);
	/* The greatest block number cannot exist in a relation whose size fits. */
	if (tag.block >= MaxBlockNumber)
		protocol_error("block number out of range", tag.block);
	return tag;
}

static void
require_target(const char *bytes)
{
	PageTag		tag = read_tag(bytes);

	if (!target_begun || tag.block != target.block || tag.fork != target.fork ||
		!relations_equal(tag.relation, target.relation))
		ereport(FATAL, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("walredo: message for a block that was not begun"),
						errdetail("It names fork %d, relation %u/%u/%u, block %u.", tag.fork,
								  relation_space(tag.relation), relation_database(tag.relation),
								  relation_number(tag.relation), tag.block)));
}

/* One write for one page, so that whoever watches the output's size never sees half an answer from a file. */
static void
answer(const char *page)
{
	Size		done = 0;

	while (done < BLCKSZ)
	{
		ssize_t		put = write(STDOUT_FILENO, page + done, BLCKSZ - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			ereport(FATAL, (errcode_for_file_access(), errmsg("walredo: could not write a page: %m")));
		done += put;
	}
	answers++;
}

static void
check_length(uint32 actual, uint32 expected, const char *what)
{
	if (actual != expected)
		protocol_error(what, actual);
}

static void
handle(char type, const char *payload, uint32 length)
{
	switch (type)
	{
		case 'B':
			check_length(length, TAG_BYTES, "BeginRedoForBlock of wrong length");
			target = read_tag(payload);
			target_begun = true;
			walredo_pool_begin(&target);
			break;
		case 'P':
			check_length(length, TAG_BYTES + BLCKSZ, "PushPage of wrong length");
			require_target(payload);
			memcpy(walredo_pool_target_page(), payload + TAG_BYTES, BLCKSZ);
			break;
		case 'A':
			if (length < LSN_BYTES)
				protocol_error("ApplyRecord of wrong length", length);
			if (!target_begun)
				protocol_error("ApplyRecord before any BeginRedoForBlock", length);
			walredo_apply(&target, read_uint64(payload), payload + LSN_BYTES, length - LSN_BYTES);
			break;
		case 'G':
			check_length(length, TAG_BYTES, "GetPage of wrong length");
			require_target(payload);
			answer(walredo_pool_target_page());
			break;
		case 'H':
			check_length(length, 0, "Ping of wrong length");
			answer(zeros);
			break;
		default:
			ereport(FATAL, (errcode(ERRCODE_PROTOCOL_VIOLATION),
							errmsg("walredo: unknown message type 0x%02X", (uint8) type)));
	}
}

/* Which request an error belongs to. */
static void
describe_request(void *argument)
{
	errcontext("walredo request %llu (counted from 0)", (unsigned long long) *(uint64 *) argument);
}

/* Answers messages until the input ends, then exits with 0; anything wrong is FATAL, which exits with 1. */
void
walredo_serve(void)
{
	ErrorContextCallback context = {.previous = NULL, .callback = describe_request, .arg = &answers};

	input_size = INPUT_BUFFER_BYTES;
	input = MemoryContextAllocHuge(TopMemoryContext, input_size);
	error_context_stack = &context;
	walredo_enter_seccomp();

	for (;;)
	{
		const char *type = take(1);
		char		kind;
		const char *bytes;
		uint32		length;

		if (type == NULL)
			_exit(0);
		kind = *type;
		bytes = take(LENGTH_BYTES);
		if (bytes == NULL)
			protocol_error("the input ends inside a message", 0);
		length = read_uint32(bytes);
		if (length < LENGTH_BYTES || length > LENGTH_BYTES + LSN_BYTES + LONGEST_RECORD_BYTES)
			protocol_error("message length out of range", length);
		length -= LENGTH_BYTES;
		bytes = take(length);
		if (bytes == NULL)
			protocol_error("the input ends inside a message", length);
		handle(kind, bytes, length);
	}
}
