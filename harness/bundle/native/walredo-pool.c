/*
 * The buffer pool as scratch memory.
 *
 * Two relations that do not exist lend their names to every page: those of the target page's relation live in the first,
 * those of others in the second. So whatever redo looks up beside a block by the block's relation, as the visibility map
 * of a heap, is the target page when a request is about it: heap records of minors that do not name the map's page clear
 * its bits in passing, and redo of those minors goes on doing so when newer WAL names it. Fork and block number stay as
 * they were, since redo writes block numbers into pages and finds visibility and free space maps by them.
 *
 * Nothing is ever read from a file: what redo would read by itself, VM and FSM pages beside a heap block, is put into the
 * pool as zero pages beforehand. A read that nobody foresaw ends in the seccomp handler, not in a wrong page.
 */
#include "walredo.h"

#include "catalog/pg_tablespace_d.h"
#include "storage/buf_internals.h"
#include "storage/fsm_internals.h"

#define SCRATCH_DATABASE InvalidOid
#define SCRATCH_FIRST_NUMBER 60000

/*
 * Kept free beyond the blocks that a record announces: two heap blocks (of an update), and for each a VM and an FSM page
 * in both scratch relations.
 */
#define HEADROOM 8

/* Heap blocks in one page of the visibility map, two bits each (visibilitymap.c, HEAPBLOCKS_PER_PAGE). */
#define HEAP_BLOCKS_PER_VM_PAGE ((BLCKSZ - MAXALIGN(SizeOfPageHeaderData)) * BITS_PER_BYTE / 2)

/* Levels of the tree of FSM pages (freespace.c, FSM_TREE_DEPTH), for pages of 8 KiB. */
#define FSM_LEVELS 3

typedef enum Scratch
{
	SCRATCH_TARGET,
	SCRATCH_OTHER
} Scratch;

/* The map pages that were put into the pool last, for each scratch relation. */
typedef struct Maps
{
	BlockNumber vm;
	BlockNumber fsm;
} Maps;

static const Maps no_maps = {InvalidBlockNumber, InvalidBlockNumber};

static PageTag target;
static Buffer target_buffer = InvalidBuffer;
static Maps maps[2];

/* Upper bound of the pages in the pool; made exact when it gets near the limit. */
static int	pages_in_pool = 0;

static RelFileLocator
scratch_relation(Scratch which)
{
	RelFileLocator relation;

	relation_space(relation) = GLOBALTABLESPACE_OID;
	relation_database(relation) = SCRATCH_DATABASE;
	relation_number(relation) = SCRATCH_FIRST_NUMBER + which;
	return relation;
}

RelFileLocator
walredo_pool_target_relation(void)
{
	return scratch_relation(SCRATCH_TARGET);
}

/* Redo flushes init forks to their files at once; as main forks they stay in memory, and no page says which it is. */
ForkNumber
walredo_pool_fork(ForkNumber fork)
{
	return fork == INIT_FORKNUM ? MAIN_FORKNUM : fork;
}

/*
 * Gives both scratch relations every fork, as files that md.c has open and nobody looks at (they go with the data
 * directory), and the greatest size: no page is ever beyond the end, so no file grows.
 */
void
walredo_pool_init(void)
{
	for (Scratch which = SCRATCH_TARGET; which <= SCRATCH_OTHER; which++)
	{
		SMgrRelation relation = smgropen(scratch_relation(which), NO_BACKEND);

		for (int fork = 0; fork <= MAX_FORKNUM; fork++)
		{
			smgrcreate(relation, fork, false);
			cached_sizes(relation)[fork] = MaxBlockNumber;
		}
	}
}

/* A page that is in the pool, neither pinned nor locked; zeroed, unless it was there before. */
static Buffer
pool_page(Scratch which, ForkNumber fork, BlockNumber block)
{
	Buffer		buffer = read_buffer(scratch_relation(which), fork, block, RBM_ZERO_AND_LOCK);

	UnlockReleaseBuffer(buffer);
	pages_in_pool++;
	return buffer;
}

static void
empty_pool(void)
{
	DropDatabaseBuffers(SCRATCH_DATABASE);
	pages_in_pool = 0;
	maps[SCRATCH_TARGET] = maps[SCRATCH_OTHER] = no_maps;
	target_buffer = pool_page(SCRATCH_TARGET, walredo_pool_fork(target.fork), target.block);
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
}

/*
 * A stand-in for a block that is not the target: its LSN tells redo that the record is already in it. Returns the scratch
 * relation that it lives in.
 */
RelFileLocator
walredo_pool_mark_done(RelFileLocator relation, ForkNumber fork, BlockNumber block, XLogRecPtr lsn)
{
	const ForkNumber pool_fork = walredo_pool_fork(fork);
	/* A main and an init fork are one in the pool: a stand-in never takes the target's place. */
	const bool	in_place_of_target = pool_fork == walredo_pool_fork(target.fork) && block == target.block;
	const Scratch which = relations_equal(relation, target.relation) && !in_place_of_target ? SCRATCH_TARGET : SCRATCH_OTHER;
	Buffer		buffer = pool_page(which, pool_fork, block);
	PageHeader	header = (PageHeader) BufferGetPage(buffer);

	header->pd_flags = 0;
	header->pd_lower = SizeOfPageHeaderData;
	header->pd_upper = BLCKSZ;
	header->pd_special = BLCKSZ;
	PageSetPageSizeAndVersion((Page) header, BLCKSZ, PG_PAGE_LAYOUT_VERSION);
	PageSetLSN((Page) header, lsn);
	return scratch_relation(which);
}

/* The block of the FSM fork that holds a heap block's free space (freespace.c, fsm_logical_to_physical). */
static BlockNumber
fsm_block(BlockNumber heap_block)
{
	BlockNumber before = 0;
	BlockNumber at = heap_block / SlotsPerFSMPage;

	for (int level = 0; level < FSM_LEVELS; level++)
	{
		before += at + 1;
		at /= SlotsPerFSMPage;
	}
	return before - 1;
}

static void
add_maps(Scratch which, BlockNumber vm, BlockNumber fsm)
{
	if (maps[which].vm != vm)
		(void) pool_page(which, VISIBILITYMAP_FORKNUM, vm);
	if (maps[which].fsm != fsm)
		(void) pool_page(which, FSM_FORKNUM, fsm);
	maps[which].vm = vm;
	maps[which].fsm = fsm;
}

/*
 * Puts beside a heap block the map pages that its redo may clear or update on the way; the target itself may be one of
 * them. Redo of an update names the maps of one of its blocks by the relation of the other, hence both scratch relations
 * for a record that names more than one relation.
 */
void
walredo_pool_add_maps(BlockNumber heap_block, bool of_target, bool of_other)
{
	const BlockNumber vm = heap_block / HEAP_BLOCKS_PER_VM_PAGE;
	const BlockNumber fsm = fsm_block(heap_block);

	if (of_target)
		add_maps(SCRATCH_TARGET, vm, fsm);
	if (of_other)
		add_maps(SCRATCH_OTHER, vm, fsm);
}
