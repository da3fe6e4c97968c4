/*
 * The tree inside a bundle, as its two launchers see it. Everything of a major lies under `storage/vNN`:
 *
 *   bin/                         programs found through PATH: `locale`, which initdb runs
 *   lib/                         shared libraries and the dynamic loader, flat
 *   lib/postgresql/NN/bin/       initdb; postgres (postgres-launcher.c); postgres-server (the real one)
 *   lib/postgresql/NN/lib/       modules of the server, redoubt_walredo.so among them
 *   share/postgresql/NN/         the server's share files
 *   lc/ gconv/ tzdata/           locales, conversions and time zones of that major's libc
 */
#ifndef REDOUBT_BUNDLE_TREE_H
#define REDOUBT_BUNDLE_TREE_H

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* As LAUNCHER ends when it was asked for something that the bundle does not have. */
#define EXIT_USAGE 2

#define LOADER_NAME "ld-linux-x86-64.so.2"
#define TREE_PATH_MAX PATH_MAX

/* Says `program: what` on standard error, with the reason if `error` is an errno, and exits. */
static void __attribute__((noreturn, format(printf, 4, 5), unused))
tree_fail(const char *program, int exit_code, int error, const char *format, ...)
{
	va_list		arguments;

	fprintf(stderr, "%s: ", program);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	if (error != 0)
		fprintf(stderr, ": %s", strerror(error));
	fputc('\n', stderr);
	exit(exit_code);
}

/* Joins two parts of a path into `path`, TREE_PATH_MAX bytes. */
static void __attribute__((unused))
tree_join(char *path, const char *program, const char *directory, const char *name)
{
	int			length = snprintf(path, TREE_PATH_MAX, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);

	if (length < 0 || length >= TREE_PATH_MAX)
		tree_fail(program, 1, ENAMETOOLONG, "%s/%s", directory, name);
}

/* The absolute path of this program as it was started. The kernel hands it over: a bare root has no /proc. */
static void __attribute__((unused))
tree_own_path(char *path, const char *program)
{
	const char *started = (const char *) getauxval(AT_EXECFN);

	if (started == NULL || realpath(started, path) == NULL)
		tree_fail(program, 1, errno, "could not resolve its own path \"%s\"", started == NULL ? "?" : started);
}

/* Cuts the last `levels` names off an absolute path. */
static void __attribute__((unused))
tree_ascend(char *path, int levels)
{
	while (levels-- > 0)
	{
		char	   *slash = strrchr(path, '/');

		if (slash == NULL)
			return;
		slash[slash == path ? 1 : 0] = '\0';
	}
}

static void __attribute__((unused))
tree_set_path_variable(const char *program, const char *name, const char *directory, const char *below)
{
	char		value[TREE_PATH_MAX];

	tree_join(value, program, directory, below);
	if (setenv(name, value, 1) != 0)
		tree_fail(program, 1, errno, "could not set %s", name);
}

/*
 * Points libc and initdb at the major's own locales, conversions, time zones and programs. What the caller had set
 * would lead to a host's.
 */
static void __attribute__((unused))
tree_set_environment(const char *program, const char *major_directory)
{
	tree_set_path_variable(program, "LOCPATH", major_directory, "lc");
	tree_set_path_variable(program, "GCONV_PATH", major_directory, "gconv");
	tree_set_path_variable(program, "TZDIR", major_directory, "tzdata");
	tree_set_path_variable(program, "PATH", major_directory, "bin");
	unsetenv("LD_LIBRARY_PATH");
	unsetenv("LD_PRELOAD");
}

/*
 * Becomes the dynamic program `path`. Its ELF interpreter and RPATH name this tree as it lies in a chroot
 * (/storage/vNN/lib); anywhere else the tree's own loader is run by hand.
 */
static void __attribute__((noreturn, unused))
tree_exec(const char *program, const char *major_directory, const char *path, int argc, char **argv)
{
	char		loader[TREE_PATH_MAX];
	char		libraries[TREE_PATH_MAX];
	char	  **with_loader;
	int			n = 0;

	if (strncmp(major_directory, "/storage/", strlen("/storage/")) == 0)
	{
		execv(path, argv);
		tree_fail(program, 1, errno, "could not execute \"%s\"", path);
	}
	tree_join(libraries, program, major_directory, "lib");
	tree_join(loader, program, libraries, LOADER_NAME);
	with_loader = calloc((size_t) argc + 8, sizeof(char *));
	if (with_loader == NULL)
		tree_fail(program, 1, ENOMEM, "could not execute \"%s\"", path);
	with_loader[n++] = loader;
	with_loader[n++] = "--inhibit-cache";
	with_loader[n++] = "--library-path";
	with_loader[n++] = libraries;
	with_loader[n++] = "--argv0";
	with_loader[n++] = argv[0];
	with_loader[n++] = (char *) path;
	for (int i = 1; i < argc; i++)
		with_loader[n++] = argv[i];
	execv(loader, with_loader);
	tree_fail(program, 1, errno, "could not execute \"%s\"", loader);
}

#endif
