/*
 * The buffer pool as scratch memory.
 *
 * Two relations that do not exist lend their names to every page: the target page of a request lives in the first,
 * each other block of a record in the second, so the same block number never meets itself. Fork and block number stay
 * as they were, since redo writes block numbers into pages and finds visibility and free space maps by them.
 *
 * The only pages that redo reads from "disk" are VM and FSM pages beside the target: all segments of all forks are one
 * empty file, and a read past the end is a zero page in recovery (md.c, mdread / mdreadv, 14 to 17).
 */
#include "walredo.h"

#include <fcntl.h>
#include <unistd.h>

#include "catalog/pg_tablespace_d.h"
#include "storage/buf_internals.h"
#include "storage/fd.h"
#include "utils/memutils.h"

#define SCRATCH_DATABASE InvalidOid
#define SCRATCH_TARGET 60000
#define SCRATCH_OTHER 60001

/* Kept free beyond what a record announces: VM pages (two for an update) and FSM pages that redo reads by itself. */
#define HEADROOM 8

/* md.c's private `struct _MdfdVec`, the same from 14 to 17. */
struct _MdfdVec
{
	File		mdfd_vfd;
	BlockNumber mdfd_segno;
};

static PageTag target;
static Buffer target_buffer = InvalidBuffer;
static File empty_file = -1;

/* Upper bound of the pages in the pool; made exact when it gets near the limit. */
static int	pages_in_pool = 0;

static RelFileLocator
scratch_relation(RelFileNumber number)
{
	RelFileLocator relation;

	relation_space(relation) = GLOBALTABLESPACE_OID;
	relation_database(relation) = SCRATCH_DATABASE;
	relation_number(relation) = number;
	return relation;
}

RelFileLocator
walredo_pool_target_relation(void)
{
	return scratch_relation(SCRATCH_TARGET);
}

RelFileLocator
walredo_pool_other_relation(void)
{
	return scratch_relation(SCRATCH_OTHER);
}

/* Redo flushes init forks to their files at once; as main forks they stay in memory, and no page says which it is. */
ForkNumber
walredo_pool_fork(ForkNumber fork)
{
	return fork == INIT_FORKNUM ? MAIN_FORKNUM : fork;
}

/* The one file descriptor that redo still needs. */
int
walredo_pool_descriptor(void)
{
	return FileGetRawDesc(empty_file);
}

/* Gives both scratch relations every possible segment, all of them the one empty file, and the greatest size. */
void
walredo_pool_init(void)
{
	const uint32 segments = MaxBlockNumber / RELSEG_SIZE + 1;
	struct _MdfdVec *all = MemoryContextAllocHuge(TopMemoryContext, sizeof(struct _MdfdVec) * segments);
	const RelFileNumber numbers[] = {SCRATCH_TARGET, SCRATCH_OTHER};

	empty_file = PathNameOpenFile("walredo_empty", O_RDWR | O_CREAT | PG_BINARY);
	if (empty_file < 0)
		ereport(FATAL, (errcode_for_file_access(), errmsg("walredo: could not create its scratch file: %m")));
	for (uint32 i = 0; i < segments; i++)
	{
		all[i].mdfd_vfd = empty_file;
		all[i].mdfd_segno = i;
	}
	for (int r = 0; r < lengthof(numbers); r++)
	{
		SMgrRelation relation = smgropen(scratch_relation(numbers[r]), NO_BACKEND);

		for (int fork = 0; fork <= MAX_FORKNUM; fork++)
		{
			relation->smgr_cached_nblocks[fork] = MaxBlockNumber;
			relation->md_num_open_segs[fork] = segments;
			relation->md_seg_fds[fork] = all;
		}
	}
}

/* A zeroed page that is in the pool, neither pinned nor locked. */
static Buffer
zero_page(RelFileLocator relation, ForkNumber fork, BlockNumber block)
{
	Buffer		buffer = ReadBufferWithoutRelcache(relation, fork, block, RBM_ZERO_AND_LOCK, NULL, true);

	UnlockReleaseBuffer(buffer);
	pages_in_pool++;
	return buffer;
}

static void
empty_pool(void)
{
	DropDatabaseBuffers(SCRATCH_DATABASE);
	pages_in_pool = 0;
	target_buffer = zero_page(scratch_relation(SCRATCH_TARGET), walredo_pool_fork(target.fork), target.block);
}

/* A new request: an empty pool, and a zero page as its target. */
void
walredo_pool_begin(const PageTag *tag)
{
	target = *tag;
	empty_pool();
}

/* The target page, BLCKSZ bytes; valid until the next request or reservation. */
char *
walredo_pool_target_page(void)
{
	return (char *) BufferGetPage(target_buffer);
}

static int
count_pages_in_pool(void)
{
	int			count = 0;

	for (int i = 0; i < NBuffers; i++)
	{
		if (pg_atomic_read_u32(&GetBufferDescriptor(i)->state) & BM_TAG_VALID)
			count++;
	}
	return count;
}

/*
 * Makes room for `pages` more, so that the pool never evicts: an evicted page would be written. When over half of the
 * pool is in use, everything but the target is dropped.
 */
void
walredo_pool_reserve(int pages)
{
	PGAlignedBlock saved;
	const int	wanted = pages + HEADROOM;

	if (pages_in_pool + wanted > NBuffers / 2)
		pages_in_pool = count_pages_in_pool();
	if (pages_in_pool + wanted > NBuffers / 2 && pages_in_pool > 1)
	{
		memcpy(saved.data, walredo_pool_target_page(), BLCKSZ);
		empty_pool();
		memcpy(walredo_pool_target_page(), saved.data, BLCKSZ);
	}
	/* What redo may read by itself is counted beforehand. */
	pages_in_pool += HEADROOM;
}

/* A stand-in for a block that is not the target: its LSN tells redo that the record is already in it. */
void
walredo_pool_mark_done(ForkNumber fork, BlockNumber block, XLogRecPtr lsn)
{
	Buffer		buffer = zero_page(scratch_relation(SCRATCH_OTHER), walredo_pool_fork(fork), block);
	PageHeader	header = (PageHeader) BufferGetPage(buffer);

	header->pd_flags = 0;
	header->pd_lower = SizeOfPageHeaderData;
	header->pd_upper = BLCKSZ;
	header->pd_special = BLCKSZ;
	PageSetPageSizeAndVersion((Page) header, BLCKSZ, PG_PAGE_LAYOUT_VERSION);
	PageSetLSN((Page) header, lsn);
}
