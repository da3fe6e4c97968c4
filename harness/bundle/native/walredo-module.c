/*
 * Take-over of a starting server.
 *
 * postgres-launcher.c starts the server on a fabricated data directory, with this module preloaded. The server has read
 * its settings and control file by then, and created nothing but a lock file; from here on it is ours: shared memory is
 * made as the postmaster would, this process enters it as the startup process, and the protocol is served until the
 * input ends.
 */
#include "walredo.h"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fmgr.h"
#include "miscadmin.h"
#if HEADERS_MAJOR >= 18
#include "postmaster/postmaster.h"
#endif
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/pg_shmem.h"
#include "storage/proc.h"
#include "storage/sync.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#if REDOUBT_SERVER_MAJOR == HEADERS_MAJOR
PG_MODULE_MAGIC;
#else
/* Says that it was built for the server's major, which the headers cannot say. */
extern PGDLLEXPORT const Pg_magic_struct *PG_MAGIC_FUNCTION_NAME(void);

const Pg_magic_struct *
PG_MAGIC_FUNCTION_NAME(void)
{
	static Pg_magic_struct magic = PG_MODULE_MAGIC_DATA;

	magic.version = REDOUBT_SERVER_MAJOR * 100;
	return &magic;
}
#endif

/* The headers of 14 and before do not declare it. */
extern PGDLLEXPORT void _PG_init(void);

#define FIRST_INHERITED_DESCRIPTOR 3

/* Where close_range(2) is missing (Linux 5.8 and older), descriptors above this are not looked for. */
#define HIGHEST_DESCRIPTOR 65536

/* malloc by brk alone: mmap is not on the allow-list, and memory once had is kept. */
static void
keep_malloc_on_brk(void)
{
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, -1);
	mallopt(M_TOP_PAD, 1024 * 1024);
}

/* What the postmaster does between loading modules and starting children (postmaster.c, PostmasterMain). */
static void
create_shared_memory(void)
{
	InitializeMaxBackends();
#if HEADERS_MAJOR >= 18
	InitPostmasterChildSlots();
	InitializeFastPathLocks();
#endif
#if HEADERS_MAJOR >= 15
	process_shmem_requests();
	InitializeShmemGUCs();
#endif
	CreateSharedMemoryAndSemaphores();
}

/*
 * The System V segment that guards a data directory would outlive a SIGKILL. Marked for removal it goes with the
 * process. UsedShmemSegID holds its key, not its id (sysv_shmem.c).
 */
static void
remove_interlock(void)
{
	int			id = shmget((key_t) UsedShmemSegID, 0, 0);

	if (id < 0 || shmctl(id, IPC_RMID, NULL) != 0)
		ereport(FATAL, (errmsg("walredo: could not mark the shared memory segment for removal: %m")));
}

/* No exit callback of the server's may run: it would look for files that are gone by then. */
static void
leave_at_once(int code, Datum argument)
{
	_exit(code);
}

/* Enters shared memory as the process that recovers. */
static void
become_startup_process(void)
{
	InitProcess();
#if HEADERS_MAJOR >= 15
	BaseInit();
#else
	/* All of BaseInit but for its first step, which would make shared memory once more. */
	InitFileAccess();
	InitSync();
	smgrinit();
	InitBufferPoolAccess();
#endif
	before_shmem_exit(leave_at_once, (Datum) 0);
	MyBackendType = B_STARTUP;
	InRecovery = true;
	CurrentResourceOwner = ResourceOwnerCreate(NULL, "walredo");
	max_safe_fds = 100;
}

/* The server has set its own handlers and may have blocked everything. */
static void
restore_signals(void)
{
	sigset_t	none;

	for (int number = 1; number < 32; number++)
	{
		if (number != SIGKILL && number != SIGSTOP)
			signal(number, SIG_DFL);
	}
	/* A reader that went away is an error of write(2), with words. */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
close_all_descriptors(void)
{
#ifdef __NR_close_range
	if (syscall(__NR_close_range, FIRST_INHERITED_DESCRIPTOR, ~0U, 0) == 0)
		return;
#endif
	for (int descriptor = FIRST_INHERITED_DESCRIPTOR; descriptor <= HIGHEST_DESCRIPTOR; descriptor++)
		close(descriptor);
}

/* Removes everything in the directory that is open as `descriptor`, and closes it. */
static void
remove_contents(int descriptor)
{
	DIR		   *directory = fdopendir(descriptor);
	struct dirent *entry;

	if (directory == NULL)
		ereport(FATAL, (errcode_for_file_access(), errmsg("walredo: could not read its data directory: %m")));
	while ((entry = readdir(directory)) != NULL)
	{
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(directory), entry->d_name, 0) != 0)
		{
			int			child = openat(dirfd(directory), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

			if (child < 0)
				ereport(FATAL, (errcode_for_file_access(),
								errmsg("walredo: could not remove \"%s\" of its data directory: %m", entry->d_name)));
			remove_contents(child);
			unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
		}
	}
	closedir(directory);
}

/* From here on the process needs no file by name, and a SIGKILL leaves nothing behind. */
static void
remove_data_directory(void)
{
	int			descriptor = open(DataDir, O_RDONLY | O_DIRECTORY);

	if (descriptor < 0)
		ereport(FATAL, (errcode_for_file_access(), errmsg("walredo: could not open \"%s\": %m", DataDir)));
	remove_contents(descriptor);
	if (rmdir(DataDir) != 0)
		ereport(FATAL, (errcode_for_file_access(), errmsg("walredo: could not remove \"%s\": %m", DataDir)));
}

void
_PG_init(void)
{
	MemoryContextSwitchTo(TopMemoryContext);
	keep_malloc_on_brk();
	create_shared_memory();
	remove_interlock();
	become_startup_process();
	walredo_pool_init();
	walredo_apply_init();
	restore_signals();
	remove_data_directory();
	close_all_descriptors();
	walredo_self_test();
	walredo_serve();
}
