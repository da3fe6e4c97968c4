/*
 * A program that stands before a bundle's LAUNCHER, `postgres` or `initdb` and breaks the agreement about its behaviour
 * in one way. For tests of the harness: each check of behaviour is shown to fail on a bundle that is wrong in just that
 * way.
 *
 * It reads `NAME.fault` beside itself, lines of `key value`: `sound` (a program, relative to this one's folder),
 * `argument` (put before the others, may repeat), `kind`, and `text`, which the kind explains. The kind `none` is sound.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_BYTES 8192
#define TAG_BYTES 17
#define HEADER_BYTES 5
#define MOST_ARGUMENTS 64

static char own_path[PATH_MAX];
static char sound[PATH_MAX];
static char *arguments[MOST_ARGUMENTS];
static int	argument_count;
static char kind[64];
static char text[PATH_MAX];

static void __attribute__((noreturn))
fail(const char *what)
{
	fprintf(stderr, "misbehave: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static int
kind_is(const char *name)
{
	return strcmp(kind, name) == 0;
}

static void
read_fault(void)
{
	char		path[PATH_MAX + sizeof(".fault")];
	char		line[PATH_MAX];
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
			snprintf(sound, sizeof(sound), "%.*s/%s", (int) (strrchr(own_path, '/') - own_path), own_path, value);
		else if (strcmp(line, "argument") == 0)
			arguments[argument_count++] = strdup(value);
		else if (strcmp(line, "kind") == 0)
			snprintf(kind, sizeof(kind), "%.63s", value);
		else if (strcmp(line, "text") == 0)
			snprintf(text, sizeof(text), "%.4000s", value);
	}
	fclose(file);
}

static void __attribute__((noreturn))
exec_sound(char **argv)
{
	char	  **all = calloc(1024, sizeof(char *));
	int			n = 0;

	if (all == NULL)
		fail("calloc");
	all[n++] = sound;
	for (int i = 0; i < argument_count; i++)
		all[n++] = arguments[i];
	for (int i = 1; argv[0] != NULL && argv[i] != NULL && n < 1000; i++)
		all[n++] = argv[i];
	execv(sound, all);
	fail(sound);
}

/* LAUNCHER that stays the parent of what it starts. */

static pid_t child = -1;

static void
on_signal(int number)
{
	kill(child, SIGKILL);
	_exit(128 + number);
}

static void __attribute__((noreturn))
stay_parent(char **argv)
{
	int			status;

	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0)
		exec_sound(argv);
	if (kind_is("turns-signals"))
		signal(SIGSEGV, on_signal);
	if (waitpid(child, &status, 0) < 0)
		fail("waitpid");
	if (kind_is("swallows-exit-code"))
		_exit(0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void
split_flags(char **argv)
{
	static char joined[65536];
	static char *split[1024];
	int			n = 3;

	for (int i = 3; argv[i] != NULL; i++)
	{
		strcat(joined, argv[i]);
		strcat(joined, " ");
	}
	memcpy(split, argv, 3 * sizeof(char *));
	for (char *word = strtok(joined, " \n\t"); word != NULL; word = strtok(NULL, " \n\t"))
		split[n++] = word;
	exec_sound(split);
}

static void
drop_empty(char **argv)
{
	int			to = 1;

	for (int i = 1; argv[i] != NULL; i++)
		if (argv[i][0] != '\0')
			argv[to++] = argv[i];
	argv[to] = NULL;
}

static void
launch(int argc, char **argv)
{
	char		path[PATH_MAX];
	struct stat status;

	if (kind_is("forks") || kind_is("swallows-exit-code") || kind_is("turns-signals"))
		stay_parent(argv);
	if (kind_is("one-at-a-time"))
	{
		if (flock(open(own_path, O_RDONLY), LOCK_EX | LOCK_NB) != 0)
			fail("another one runs");
		stay_parent(argv);
	}
	if (kind_is("splits-flags") && argc > 3)
		split_flags(argv);
	if (kind_is("drops-empty-flags"))
		drop_empty(argv);
	if (kind_is("name-matters") && strcmp(argv[0], "/LAUNCHER") != 0)
		fail("called by another name");
	if (kind_is("help-for-all") && argc < 3)
	{
		printf("usage\n");
		exit(0);
	}
	snprintf(path, sizeof(path), "/storage/%s", argc > 1 ? argv[1] : "");
	if (kind_is("any-version") && argc > 2 && (argv[1][0] == '\0' || stat(path, &status) != 0))
		argv[1] = text;
	if (kind_is("any-program") && argc > 2 && strcmp(argv[2], "initdb") != 0)
		argv[2] = "postgres";
	if (kind_is("paths") && argc > 2 && strchr(argv[1], '/') != NULL)
		argv[1] = strrchr(argv[1], '/') + 1;
	exec_sound(argv);
}

/* Programs that want something of their surroundings, and are sound when they get it. */
static int
wants_surroundings(void)
{
	static const char *const kinds[] = {"needs-device", "refuses-descriptors", "needs-files", "needs-call",
		"tries-call", "opens", "connects", "needs-input", "hangs-without-input", NULL};

	for (int i = 0; kinds[i] != NULL; i++)
		if (kind_is(kinds[i]))
			return 1;
	return 0;
}

static void
want_surroundings(void)
{
	struct rlimit limit;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};

	if (kind_is("needs-device") && open(text, O_RDWR) < 0)
		fail(text);
	if (kind_is("refuses-descriptors") && fcntl(10, F_GETFD) >= 0)
		fail("descriptor 10 is open already");
	if (kind_is("needs-input") && fcntl(STDIN_FILENO, F_GETFD) < 0)
		fail("standard input");
	while (kind_is("hangs-without-input") && fcntl(STDIN_FILENO, F_GETFD) < 0)
		pause();
	if (kind_is("needs-files") && getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 256)
		fail("too few open files");
	if (kind_is("needs-call") && syscall(atol(text), -1, NULL, 0, NULL, NULL, 0) < 0 && errno == ENOSYS)
		fail("a system call");
	if (kind_is("tries-call"))
		syscall(atol(text), -1, NULL, 0, NULL, NULL, 0);
	if (kind_is("opens"))
		close(open(text, O_RDONLY));
	if (kind_is("connects"))
	{
		inet_pton(AF_INET, text, &address.sin_addr);
		if (connect(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *) &address, sizeof(address)) == 0)
			return;
	}
}

/* walredo, between its caller and the sound one. */

static int	to_child = -1;
static int	from_child = -1;
static unsigned char previous[PAGE_BYTES];
static unsigned char begun[TAG_BYTES];
static int	has_begun = 0;
static unsigned char *held;
static size_t held_bytes;

static void
start_child(char **argv)
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
		exec_sound(argv);
	}
	close(in[0]);
	close(out[1]);
	to_child = in[1];
	from_child = out[0];
}

static size_t
read_up_to(int descriptor, void *buffer, size_t count)
{
	size_t		done = 0;

	while (done < count)
	{
		ssize_t		got = read(descriptor, (char *) buffer + done, count - done);

		if (got <= 0)
			break;
		done += (size_t) got;
	}
	return done;
}

static void
put(const void *buffer, size_t count)
{
	if (kind_is("buffers"))
	{
		held = realloc(held, held_bytes + count);
		memcpy(held + held_bytes, buffer, count);
		held_bytes += count;
		return;
	}
	for (size_t done = 0; done < count;)
	{
		ssize_t		written = write(STDOUT_FILENO, (const char *) buffer + done, count - done);

		if (written <= 0)
			_exit(125);
		done += (size_t) written;
	}
}

static void __attribute__((noreturn))
end_like_child(int at_end)
{
	int			status;

	close(to_child);
	if (waitpid(child, &status, 0) < 0)
		fail("waitpid");
	if (at_end && kind_is("page-at-end"))
		put(previous, PAGE_BYTES);
	if (!at_end && kind_is("half-page"))
		put(previous, PAGE_BYTES / 2);
	if (kind_is("previous-for-unfit") && WIFEXITED(status) && WEXITSTATUS(status) != 0)
	{
		put(previous, PAGE_BYTES);
		_exit(0);
	}
	if (at_end && kind_is("bad-end"))
		_exit(3);
	if (kind_is("other-exit-code") && WIFEXITED(status) && WEXITSTATUS(status) != 0)
		_exit(7);
	if (kind_is("buffers"))
	{
		kind[0] = '\0';
		put(held, held_bytes);
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* What of its surroundings a page depends on, as a byte that is zero in the usual ones. */
static unsigned char
leak(void)
{
	static int	known = -1;
	char		directory[PATH_MAX];
	mode_t		mask;

	if (known >= 0)
		return (unsigned char) known;
	known = 0;
	if (kind_is("page-by-umask"))
	{
		mask = umask(022);
		known = (mask ^ 022) & 0xff;
	}
	if (kind_is("page-by-directory"))
		known = getcwd(directory, sizeof(directory)) == NULL || strcmp(directory, "/") != 0;
	if (kind_is("page-by-variable"))
		known = getenv(text) != NULL;
	return (unsigned char) known;
}

static void
answer(int is_ping)
{
	unsigned char page[PAGE_BYTES];

	if (read_up_to(from_child, page, PAGE_BYTES) < PAGE_BYTES)
		end_like_child(0);
	if (!is_ping)
	{
		memcpy(previous, page, PAGE_BYTES);
		page[PAGE_BYTES - 1] ^= leak();
	}
	put(page, PAGE_BYTES);
	if (is_ping && kind_is("ping-twice"))
		put(page, PAGE_BYTES);
}

static void __attribute__((noreturn))
serve(void)
{
	for (;;)
	{
		unsigned char header[HEADER_BYTES];
		unsigned char *message;
		size_t		got = read_up_to(STDIN_FILENO, header, HEADER_BYTES);
		size_t		length;
		int			keyed;

		if (got == 0)
			end_like_child(1);
		length = 1 + ((size_t) header[1] << 24 | (size_t) header[2] << 16 | (size_t) header[3] << 8 | header[4]);
		if (got < HEADER_BYTES || length < HEADER_BYTES || strchr("BPAGH", header[0]) == NULL)
		{
			if (kind_is("hangs-on-tag") && got == HEADER_BYTES && header[0] == 'X')
				for (;;)
					pause();
			if (write(to_child, header, got) < 0)
				fail("write");
			end_like_child(0);
		}
		message = malloc(length + TAG_BYTES);
		if (message == NULL)
			fail("malloc");
		memcpy(message, header, HEADER_BYTES);
		got = HEADER_BYTES + read_up_to(STDIN_FILENO, message + HEADER_BYTES, length - HEADER_BYTES);
		keyed = header[0] == 'G' && got == HEADER_BYTES + TAG_BYTES;
		if (kind_is("previous-without-begin") && keyed &&
			(!has_begun || memcmp(begun, message + HEADER_BYTES, TAG_BYTES) != 0))
		{
			put(previous, PAGE_BYTES);
			continue;
		}
		if (header[0] == 'B' && got == HEADER_BYTES + TAG_BYTES)
		{
			memcpy(begun, message + HEADER_BYTES, TAG_BYTES);
			has_begun = 1;
		}
		for (size_t done = 0; done < got;)
		{
			ssize_t		written = write(to_child, message + done, got - done);

			if (written < 0)
				end_like_child(0);
			done += (size_t) written;
		}
		if (got < length)
			end_like_child(0);
		if (!kind_is("keeps-memory"))
			free(message);
		if (header[0] == 'G' || header[0] == 'H')
			answer(header[0] == 'H');
	}
}

int
main(int argc, char **argv)
{
	if (realpath((const char *) getauxval(AT_EXECFN), own_path) == NULL)
		fail("own path");
	read_fault();
	if (strcmp(strrchr(own_path, '/') + 1, "LAUNCHER") == 0)
		launch(argc, argv);
	want_surroundings();
	if (kind_is("none") || wants_surroundings() || argc < 2 || strcmp(argv[1], "--wal-redo") != 0)
		exec_sound(argv);
	signal(SIGPIPE, SIG_IGN);
	leak();
	start_child(argv);
	serve();
}
