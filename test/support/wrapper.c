/*
 * A program that stands before a bundle's `postgres` or `initdb` and breaks it in one way. For tests of the harness:
 * each of its checks is shown to fail on a bundle that is wrong in just that way.
 *
 * It reads `NAME.fault` beside itself, lines of `key value`: `sound` (a program, relative to this one's folder),
 * `argument` (put before the others, may repeat), `kind`, and what the kind needs. A request is chosen by `request`
 * (counted from 1 since this process started) or by `page` (fork, space, database, relation, block, as 34 hexadecimal
 * digits), which meets the same page again after a restart.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef REDOUBT_LEAKY
#include <gnu/libc-version.h>
#endif

#define PAGE_BYTES 8192
#define LINE_POINTERS_OFFSET 24
#define TAG_BYTES 17
#define MOST_ARGUMENTS 16
#define LINE_BYTES 4096

struct fault
{
	char		sound[PATH_MAX];
	char	   *arguments[MOST_ARGUMENTS];
	int			argument_count;
	char		kind[64];
	long		request;
	int			has_page;
	unsigned char page[TAG_BYTES];
	long		offset;
	long		rmgr;
	long		info;
	char		text[LINE_BYTES];
};

static struct fault fault;
static long request = 0;
static int	chosen = 0;
static int	to_child = -1;
static int	from_child = -1;
static pid_t child = -1;

static void __attribute__((noreturn))
fail(const char *what)
{
	fprintf(stderr, "wrapper: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static int
kind_is(const char *kind)
{
	return strcmp(fault.kind, kind) == 0;
}

static void
read_page(const char *digits)
{
	for (int i = 0; i < TAG_BYTES; i++)
	{
		unsigned int byte;

		if (sscanf(digits + 2 * i, "%2x", &byte) != 1)
			fail("page of the fault file");
		fault.page[i] = (unsigned char) byte;
	}
	fault.has_page = 1;
}

static void
read_fault(const char *own_path)
{
	char		path[PATH_MAX + sizeof(".fault")];
	char		line[LINE_BYTES];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s.fault", own_path);
	file = fopen(path, "r");
	if (file == NULL)
		fail(path);
	while (fgets(line, sizeof(line), file) != NULL)
	{
		char	   *value = strchr(line, ' ');

		line[strcspn(line, "\n")] = '\0';
		if (value == NULL)
			continue;
		*value++ = '\0';
		if (strcmp(line, "sound") == 0)
			snprintf(fault.sound, sizeof(fault.sound), "%.*s/%s",
					 (int) (strrchr(own_path, '/') - own_path), own_path, value);
		else if (strcmp(line, "argument") == 0 && fault.argument_count < MOST_ARGUMENTS)
			fault.arguments[fault.argument_count++] = strdup(value);
		else if (strcmp(line, "kind") == 0)
			snprintf(fault.kind, sizeof(fault.kind), "%.63s", value);
		else if (strcmp(line, "request") == 0)
			fault.request = atol(value);
		else if (strcmp(line, "page") == 0)
			read_page(value);
		else if (strcmp(line, "offset") == 0)
			fault.offset = atol(value);
		else if (strcmp(line, "rmgr") == 0)
			fault.rmgr = atol(value);
		else if (strcmp(line, "info") == 0)
			fault.info = atol(value);
		else if (strcmp(line, "text") == 0)
			strcpy(fault.text, value);
	}
	fclose(file);
}

/* Becomes the sound program. */
static void __attribute__((noreturn))
exec_sound(int argc, char **argv)
{
	char	  **arguments = calloc((size_t) argc + MOST_ARGUMENTS + 1, sizeof(char *));
	int			n = 0;

	if (arguments == NULL)
		fail("calloc");
	arguments[n++] = fault.sound;
	for (int i = 0; i < fault.argument_count; i++)
		arguments[n++] = fault.arguments[i];
	for (int i = 1; i < argc; i++)
		arguments[n++] = argv[i];
	execv(fault.sound, arguments);
	fail(fault.sound);
}

static void
start_child(int argc, char **argv)
{
	int			in[2];
	int			out[2];

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		fail("pipe");
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0)
	{
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0)
			fail("dup2");
		exec_sound(argc, argv);
	}
	close(in[0]);
	close(out[1]);
	to_child = in[1];
	from_child = out[0];
}

/* Ends as the sound program ended. */
static void __attribute__((noreturn))
end_like_child(void)
{
	int			status;

	close(to_child);
	if (waitpid(child, &status, 0) < 0)
		fail("waitpid");
	if (WIFSIGNALED(status))
	{
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

/* As many of `count` bytes as there are before the end. */
static size_t
read_up_to(int descriptor, void *buffer, size_t count)
{
	size_t		done = 0;

	while (done < count)
	{
		ssize_t		got = read(descriptor, (char *) buffer + done, count - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t) got;
	}
	return done;
}

static void
write_all(int descriptor, const void *buffer, size_t count)
{
	size_t		done = 0;

	while (done < count)
	{
		ssize_t		put = write(descriptor, (const char *) buffer + done, count - done);

		if (put < 0 && errno == EINTR)
			continue;
		/* A child that is gone has its own say. */
		if (put < 0 && errno == EPIPE)
			end_like_child();
		if (put < 0)
			fail("write");
		done += (size_t) put;
	}
}

/* What the sound program took from its host where it must not: a byte that differs between hosts. */
static unsigned char
leak(void)
{
#ifdef REDOUBT_LEAKY
	if (kind_is("leak-collation"))
	{
		setlocale(LC_ALL, "C.UTF-8");
		return strcoll("\xF0\x9F\x98\x80", "a") < 0 ? 1 : 0;
	}
	if (kind_is("leak-libc-version"))
		return (unsigned char) atoi(strchr(gnu_get_libc_version(), '.') + 1);
#endif
	return 0;
}

/* The sound program must not get to say that nobody reads its answers any more. */
static void
silence_child(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* What happens instead of the answer of the chosen request. */
static void
break_process(void)
{
	static char half[PAGE_BYTES / 2];

	if (kind_is("crash"))
	{
		silence_child();
		kill(getpid(), SIGSEGV);
	}
	if (kind_is("exit"))
	{
		silence_child();
		fprintf(stderr, "%s\n", fault.text);
		_exit(1);
	}
	if (kind_is("hang"))
	{
		for (;;)
			pause();
	}
	if (kind_is("cut-short"))
	{
		silence_child();
		write_all(STDOUT_FILENO, half, sizeof(half));
		_exit(0);
	}
	if (kind_is("chatter"))
		fprintf(stderr, "%s\n", fault.text);
}

static void
change_page(unsigned char *page, const unsigned char *previous)
{
	uint32_t	lsn;
	uint32_t	item;

	if (kind_is("flip-byte"))
		page[fault.offset] ^= 1;
	if (kind_is("previous-page"))
		memcpy(page, previous, PAGE_BYTES);
	if (kind_is("torn-page"))
		memcpy(page + PAGE_BYTES / 2, previous + PAGE_BYTES / 2, PAGE_BYTES / 2);
	if (kind_is("swap-items"))
	{
		/* The first two of pd_linp (bufpage.h). */
		memcpy(&item, page + LINE_POINTERS_OFFSET, sizeof(item));
		memmove(page + LINE_POINTERS_OFFSET, page + LINE_POINTERS_OFFSET + sizeof(item), sizeof(item));
		memcpy(page + LINE_POINTERS_OFFSET + sizeof(item), &item, sizeof(item));
	}
	if (kind_is("wrong-lsn"))
	{
		/* pd_lsn: xlogid, then xrecoff (bufpage.h). */
		memcpy(&lsn, page + 4, sizeof(lsn));
		lsn += 8;
		memcpy(page + 4, &lsn, sizeof(lsn));
	}
}

static void
answer(void)
{
	static unsigned char previous[PAGE_BYTES];
	unsigned char page[PAGE_BYTES];
	unsigned char sound[PAGE_BYTES];

	if (chosen)
		break_process();
	if (read_up_to(from_child, page, PAGE_BYTES) < PAGE_BYTES)
		end_like_child();
	memcpy(sound, page, PAGE_BYTES);
	if (chosen)
		change_page(page, previous);
	page[PAGE_BYTES - 1] ^= leak();
	memcpy(previous, sound, PAGE_BYTES);
	write_all(STDOUT_FILENO, page, PAGE_BYTES);
}

static void
choose(const unsigned char *tag)
{
	request++;
	chosen = fault.has_page ? memcmp(tag, fault.page, TAG_BYTES) == 0 : request == fault.request;
}

/* Where a record lies in an ApplyRecord message, and in it xl_info and xl_rmid (xlogrecord.h). */
#define RECORD_OFFSET 13
#define INFO_OFFSET 16
#define RMID_OFFSET 17

/* Alters each record of one kind; the offset counts from the record's end where it is negative. */
static void
misapply(unsigned char *message, size_t length)
{
	long		at = RECORD_OFFSET + fault.offset + (fault.offset < 0 ? (long) length - RECORD_OFFSET : 0);

	if (length > RECORD_OFFSET + RMID_OFFSET && at > RECORD_OFFSET + RMID_OFFSET && at < (long) length &&
		message[RECORD_OFFSET + RMID_OFFSET] == fault.rmgr &&
		(message[RECORD_OFFSET + INFO_OFFSET] & 0xf0) == fault.info)
		message[at] ^= 1;
}

static void __attribute__((noreturn))
serve(void)
{
	/* The chosen request's latest record, held back until it is known not to be the last. */
	unsigned char *held = NULL;
	size_t		held_length = 0;

	for (;;)
	{
		unsigned char header[5];
		unsigned char *message;
		size_t		got = read_up_to(STDIN_FILENO, header, sizeof(header));
		size_t		length;

		if (got < sizeof(header))
		{
			write_all(to_child, header, got);
			if (got == 0 && kind_is("extra-bytes"))
				write_all(STDOUT_FILENO, "extra bytes", strlen("extra bytes"));
			end_like_child();
		}
		length = 1 + ((size_t) header[1] << 24 | (size_t) header[2] << 16 | (size_t) header[3] << 8 | header[4]);
		if (length < sizeof(header))
			length = sizeof(header);
		message = malloc(length + TAG_BYTES);
		if (message == NULL)
			fail("malloc");
		memcpy(message, header, sizeof(header));
		got = sizeof(header) + read_up_to(STDIN_FILENO, message + sizeof(header), length - sizeof(header));
		if (got < length)
		{
			/* The sound program says what it thinks of that. */
			write_all(to_child, message, got);
			end_like_child();
		}

		if (header[0] == 'B')
			choose(message + sizeof(header));
		if (kind_is("misapply") && header[0] == 'A')
			misapply(message, length);
		if (chosen && kind_is("skip-record") && header[0] == 'A')
		{
			if (held != NULL)
				write_all(to_child, held, held_length);
			free(held);
			held = message;
			held_length = length;
			continue;
		}
		if (header[0] == 'G')
		{
			free(held);
			held = NULL;
		}
		write_all(to_child, message, length);
		free(message);
		if (header[0] == 'G' || header[0] == 'H')
			answer();
	}
}

static int
name_is(const char *path, const char *name)
{
	return strcmp(strrchr(path, '/') + 1, name) == 0;
}

static void
write_elsewhere(void)
{
	FILE	   *file = fopen(fault.text, "w");

	if (file == NULL || fputs("not below --pgdata\n", file) < 0 || fclose(file) != 0)
		fail(fault.text);
}

int
main(int argc, char **argv)
{
	char		own_path[PATH_MAX];

	if (realpath((const char *) getauxval(AT_EXECFN), own_path) == NULL)
		fail("own path");
	read_fault(own_path);
	signal(SIGPIPE, SIG_IGN);

	if (name_is(own_path, "initdb"))
	{
		if (kind_is("initdb-fails"))
		{
			fprintf(stderr, "%s\n", fault.text);
			return 1;
		}
		if (kind_is("initdb-elsewhere"))
			write_elsewhere();
		exec_sound(argc, argv);
	}
	if (argc < 2 || strcmp(argv[1], "--wal-redo") != 0)
		exec_sound(argc, argv);
	start_child(argc, argv);
	serve();
}

#ifdef REDOUBT_LEAKY
/*
 * Compiled against a newer glibc than the oldest host's: its start code would ask for a symbol that an older one
 * lacks. This asks for the first of its kind, which every glibc of x86-64 has.
 */
extern int	old_libc_start_main(int (*main_function) (int, char **), int argc, char **argv, void (*init) (void),
								void (*fini) (void), void (*rtld_fini) (void), void *stack_end);
__asm__(".symver old_libc_start_main, __libc_start_main@GLIBC_2.2.5");

static void
nothing(void)
{
}

void __attribute__((noreturn, used))
start_with(long *stack, void (*rtld_fini) (void))
{
	old_libc_start_main((int (*) (int, char **)) main, (int) stack[0], (char **) (stack + 1), nothing, nothing,
						rtld_fini, stack);
	__builtin_unreachable();
}

__asm__(".globl _start\n"
		"_start:\n"
		"  xor %ebp, %ebp\n"
		"  mov %rsp, %rdi\n"
		"  mov %rdx, %rsi\n"
		"  and $-16, %rsp\n"
		"  call start_with\n");
#endif
