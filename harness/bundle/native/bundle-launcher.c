/*
 * LAUNCHER of the reference bundle: `/LAUNCHER VERSION PG_BINARY [FLAGS...]`, as the bundle's interface defines it.
 * Static, because it runs before any library of the bundle can be found. It becomes the program (the same pid), so
 * exit codes and signals are the program's own.
 */
#include "bundle-tree.h"

#include <ctype.h>

static const char program[] = "LAUNCHER";

/* The major in `vNN`, as digits; a name with a slash or a dot must never become part of a path. */
static const char *
parse_version(const char *word)
{
	const char *digits = word + 1;

	if (word[0] != 'v' || !isdigit((unsigned char) digits[0]) || strlen(digits) > 3)
		return NULL;
	for (const char *c = digits; *c != '\0'; c++)
	{
		if (!isdigit((unsigned char) *c))
			return NULL;
	}
	return digits;
}

static int
is_plain_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

int
main(int argc, char **argv)
{
	char		root[TREE_PATH_MAX];
	char		storage[TREE_PATH_MAX];
	char		major_directory[TREE_PATH_MAX];
	char		binaries[TREE_PATH_MAX];
	char		relative[64];
	char		path[TREE_PATH_MAX];
	const char *major;
	struct stat status;

	if (argc < 3)
	{
		fprintf(stderr, "usage: LAUNCHER VERSION PG_BINARY [FLAGS...]\n"
				"for example: LAUNCHER v17 postgres --wal-redo\n");
		return EXIT_USAGE;
	}
	tree_own_path(root, program);
	tree_ascend(root, 1);
	tree_join(storage, program, root, "storage");

	major = parse_version(argv[1]);
	if (major == NULL)
		tree_fail(program, EXIT_USAGE, 0, "VERSION \"%s\" is not of the form vNN", argv[1]);
	tree_join(major_directory, program, storage, argv[1]);
	if (stat(major_directory, &status) != 0 || !S_ISDIR(status.st_mode))
		tree_fail(program, EXIT_USAGE, 0, "this bundle has no version \"%s\"", argv[1]);

	snprintf(relative, sizeof(relative), "lib/postgresql/%s/bin", major);
	tree_join(binaries, program, major_directory, relative);
	tree_join(path, program, binaries, is_plain_name(argv[2]) ? argv[2] : "");
	if (!is_plain_name(argv[2]) || stat(path, &status) != 0 || !S_ISREG(status.st_mode))
		tree_fail(program, EXIT_USAGE, 0, "version \"%s\" of this bundle has no program \"%s\"", argv[1], argv[2]);

	tree_set_environment(program, major_directory);
	argv[2] = path;
	if (strcmp(strrchr(path, '/') + 1, "postgres") == 0)
	{
		/* Static, like this one; it finds the server itself. */
		execv(path, argv + 2);
		tree_fail(program, 1, errno, "could not execute \"%s\"", path);
	}
	tree_exec(program, major_directory, path, argc - 2, argv + 2);
}
