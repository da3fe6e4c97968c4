/*
 * `postgres` of the reference bundle. Without `--wal-redo` it becomes the real server, postgres-server beside it. With
 * it, it makes the smallest data directory on which the server starts and becomes the server with redoubt_walredo
 * preloaded, which takes over before anything else happens and removes that directory.
 *
 * Static, because initdb starts it by its path. Built for each major, since pg_control is that major's. With
 * REDOUBT_PG_INSTALL it is `bin/postgres` of an installation that leans on its host instead: same walredo, but libraries,
 * locales and zones are what they are for any server there.
 */
#include "postgres.h"

#include "access/heaptoast.h"
#include "access/xlog_internal.h"
#include "catalog/catversion.h"
#include "catalog/pg_control.h"
#include "storage/large_object.h"

/* PostgreSQL's headers turn these into functions of libpgport, which is not linked here. */
#undef fprintf
#undef snprintf
#undef vfprintf
#undef strerror

#include "bundle-tree.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/syscall.h>

/*
 * The server's own numbers, where the headers are another major's (catversion.h of 14 and 16; pg_control is that of 13
 * in 14, and that of 15 in 16). A wrong one is refused by the server, with words.
 */
#if REDOUBT_SERVER_MAJOR == 14
#define SERVER_CATALOG_VERSION 202107181
#elif REDOUBT_SERVER_MAJOR == 16
#define SERVER_CATALOG_VERSION 202307071
#else
#define SERVER_CATALOG_VERSION CATALOG_VERSION_NO
#endif

/* As whom a server runs that refuses root: the conventional nobody. */
#define UNPRIVILEGED_ID 65534

static const char program[] = "postgres";

#define MODULE_NAME "redoubt_walredo"

/* CRC-32C (Castagnoli), bit by bit: it runs once, over 300 bytes. */
static uint32
crc32c(const void *bytes, size_t length)
{
	uint32		crc = 0xFFFFFFFF;

	for (size_t i = 0; i < length; i++)
	{
		crc ^= ((const uint8 *) bytes)[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) ? 0x82F63B78 : 0);
	}
	return crc ^ 0xFFFFFFFF;
}

/*
 * What ReadControlFile (xlog.c) checks, and nothing else. Checksums and wal_log_hints are off by intent: with them
 * redo moves the LSN of heap pages that it marks all-visible, which a pageserver's walredo does not.
 */
static ControlFileData
fabricated_control_file(void)
{
	ControlFileData control;

	memset(&control, 0, sizeof(control));
	control.system_identifier = 1;
	control.pg_control_version = PG_CONTROL_VERSION;
	control.catalog_version_no = SERVER_CATALOG_VERSION;
	control.state = DB_SHUTDOWNED;
	control.maxAlign = MAXIMUM_ALIGNOF;
	control.floatFormat = FLOATFORMAT_VALUE;
	control.blcksz = BLCKSZ;
	control.relseg_size = RELSEG_SIZE;
	control.xlog_blcksz = XLOG_BLCKSZ;
	control.xlog_seg_size = DEFAULT_XLOG_SEG_SIZE;
	control.nameDataLen = NAMEDATALEN;
	control.indexMaxKeys = INDEX_MAX_KEYS;
	control.toast_max_chunk_size = TOAST_MAX_CHUNK_SIZE;
	control.loblksize = LOBLKSIZE;
	control.float8ByVal = FLOAT8PASSBYVAL;
	control.data_checksum_version = 0;
	control.wal_log_hints = false;
	control.crc = crc32c(&control, offsetof(ControlFileData, crc));
	return control;
}

static void
write_file(int directory, const char *name, const void *bytes, size_t length)
{
	int			descriptor = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (descriptor < 0 || write(descriptor, bytes, length) != (ssize_t) length || close(descriptor) != 0)
		tree_fail(program, 1, errno, "could not write \"%s\" of the walredo data directory", name);
}

/* The smallest directory on which the server starts; `path` receives its name. */
static void
make_data_directory(char *path)
{
	static const char *const directories[] = {"global", "base", "pg_notify", "pg_dynshmem"};
	const char *const places[] = {getenv("TMPDIR"), "/dev/shm", "/tmp", "/inout"};
	ControlFileData control = fabricated_control_file();
	char		version[16];
	int			directory = -1;

	for (size_t i = 0; i < lengthof(places) && directory < 0; i++)
	{
		if (places[i] == NULL || places[i][0] != '/')
			continue;
		tree_join(path, program, places[i], "redoubt-walredo-XXXXXX");
		if (mkdtemp(path) != NULL)
			directory = open(path, O_RDONLY | O_DIRECTORY);
	}
	if (directory < 0)
		tree_fail(program, 1, errno, "found no place for a data directory: tried $TMPDIR, /dev/shm, /tmp, /inout");

	for (size_t i = 0; i < lengthof(directories); i++)
	{
		if (mkdirat(directory, directories[i], 0700) != 0)
			tree_fail(program, 1, errno, "could not make \"%s\" in \"%s\"", directories[i], path);
	}
	snprintf(version, sizeof(version), "%d\n", REDOUBT_SERVER_MAJOR);
	write_file(directory, "PG_VERSION", version, strlen(version));
	write_file(directory, "global/pg_control", &control, sizeof(control));
	write_file(directory, "empty.conf", "", 0);
	close(directory);
}

/* Descriptors that were inherited by accident must not reach a process that works on a tenant's data. */
static void
close_inherited_descriptors(void)
{
#ifdef __NR_close_range
	if (syscall(__NR_close_range, 3, ~0U, 0) == 0)
		return;
#endif
	for (int descriptor = 3; descriptor < 65536; descriptor++)
		close(descriptor);
}

/*
 * `-C` is the one mode that serves root and loads modules, from 15 on. It must come first. Where it is missing the server
 * is started in earnest, by nobody, and never gets to be one.
 */
#if REDOUBT_SERVER_MAJOR >= 15
#define SERVER_MODE "-C", "shared_memory_size",
static const bool serves_root = true;
#else
#define SERVER_MODE
static const bool serves_root = false;
#endif

static void
stop_being_root(void)
{
	if (geteuid() == 0 &&
		(setgroups(0, NULL) != 0 || setgid(UNPRIVILEGED_ID) != 0 || setuid(UNPRIVILEGED_ID) != 0))
		tree_fail(program, 1, errno, "could not become user %d: this server does not run as root", UNPRIVILEGED_ID);
}

static void __attribute__((noreturn))
become_server(const char *major_directory, const char *server, int argc, char **argv)
{
#ifdef REDOUBT_PG_INSTALL
	/* Libraries are where the caller's LD_LIBRARY_PATH or the server's RUNPATH says; all else is the host's. */
	(void) major_directory;
	(void) argc;
	execv(server, argv);
	tree_fail(program, 1, errno, "could not execute \"%s\"", server);
#else
	tree_exec(program, major_directory, server, argc, argv);
#endif
}

static void __attribute__((noreturn))
start_walredo(const char *major_directory, const char *own_path, const char *server)
{
	char		data_directory[TREE_PATH_MAX];

	char	   *arguments[] = {
		(char *) own_path, SERVER_MODE "-D", data_directory,
		"-c", "config_file=empty.conf",
		"-c", "shared_preload_libraries=" MODULE_NAME,
		"-c", "shared_buffers=128",
		"-c", "max_connections=1",
		"-c", "superuser_reserved_connections=0",
		"-c", "autovacuum_max_workers=1",
		"-c", "max_worker_processes=1",
		"-c", "max_wal_senders=0",
		"-c", "max_replication_slots=0",
		"-c", "wal_buffers=4",
		"-c", "max_locks_per_transaction=10",
		"-c", "max_pred_locks_per_transaction=10",
		"-c", "huge_pages=off",
		"-c", "dynamic_shared_memory_type=mmap",
		"-c", "fsync=off",
		"-c", "wal_log_hints=off",
		"-c", "jit=off",
#if REDOUBT_SERVER_MAJOR >= 18
		"-c", "autovacuum_worker_slots=1",
		"-c", "io_method=sync",
#endif
		"-c", "log_min_messages=fatal",
		"-c", "log_line_prefix=",
		NULL
	};

	close_inherited_descriptors();
	if (!serves_root)
		stop_being_root();
	make_data_directory(data_directory);
	if (chdir(data_directory) != 0)
		tree_fail(program, 1, errno, "could not enter \"%s\"", data_directory);
	/* Messages and formats must not depend on who calls. */
	setenv("LC_ALL", "C", 1);
	unsetenv("PGDATA");
	unsetenv("PGOPTIONS");
	become_server(major_directory, server, (int) lengthof(arguments) - 1, arguments);
}

int
main(int argc, char **argv)
{
	char		own_path[TREE_PATH_MAX];
	char		directory[TREE_PATH_MAX];
	char		server[TREE_PATH_MAX];
	char		major_directory[TREE_PATH_MAX];

	tree_own_path(own_path, program);
	strcpy(directory, own_path);
	tree_ascend(directory, 1);
	tree_join(server, program, directory, "postgres-server");
	/* storage/vNN/lib/postgresql/NN/bin */
	strcpy(major_directory, directory);
	tree_ascend(major_directory, 4);
#ifndef REDOUBT_PG_INSTALL
	tree_set_environment(program, major_directory);
#endif

	if (argc > 1 && strcmp(argv[1], "--wal-redo") == 0)
		start_walredo(major_directory, own_path, server);
	/* The server finds its share files by this name. */
	argv[0] = own_path;
	become_server(major_directory, server, argc, argv);
}
