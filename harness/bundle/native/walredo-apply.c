/*
 * One WAL record applied to the target page by the server's own redo routine, which believes to be in crash recovery.
 */
#include "walredo.h"

#if HEADERS_MAJOR >= 18
#include "access/heapam_xlog.h"
#endif
#include "access/xlogrecord.h"
#include "utils/memutils.h"

static XLogReaderState *reader;
static MemoryContext record_context;

/* The record, aligned; grows and never shrinks. */
static char *record_area;
static Size record_area_size = 0;

static void
reserve_record_area(uint32 length)
{
	if (record_area_size >= length)
		return;
	record_area_size = Max((Size) length * 2, 64 * 1024);
	if (record_area != NULL)
		pfree(record_area);
	record_area = MemoryContextAllocHuge(TopMemoryContext, record_area_size);
}

#if HEADERS_MAJOR >= 15
/* Room for the decoded form of a record of that length; grows and never shrinks. */
static DecodedXLogRecord *
reserve_decoded(uint32 length)
{
	static DecodedXLogRecord *decoded = NULL;
	static Size decoded_size = 0;
	const Size	needed = DecodeXLogRecordRequiredSpace(length);

	if (decoded_size < needed)
	{
		decoded_size = Max(needed * 2, 64 * 1024);
		if (decoded != NULL)
			pfree(decoded);
		decoded = MemoryContextAllocHuge(TopMemoryContext, decoded_size);
		decoded->oversized = false;
	}
	return decoded;
}
#endif

void
walredo_apply_init(void)
{
	reader = XLogReaderAllocate(wal_segment_size, NULL, XL_ROUTINE(), NULL);
	if (reader == NULL)
		ereport(FATAL, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("walredo: out of memory")));
	record_context = AllocSetContextCreate(TopMemoryContext, "walredo record", ALLOCSET_DEFAULT_SIZES);
	RmgrStartup();
}

static bool
decode_into_reader(XLogRecPtr end_lsn, XLogRecord *record, char **problem)
{
#if HEADERS_MAJOR >= 15
	DecodedXLogRecord *decoded = reserve_decoded(record->xl_tot_len);

	if (!DecodeXLogRecord(reader, decoded, record, end_lsn, problem))
		return false;
	decoded->next_lsn = end_lsn;
	reader->record = decoded;
	return true;
#else
	/* The reader keeps what it copies of a record in buffers for the next one. */
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	bool		done = DecodeXLogRecord(reader, record, problem);

	MemoryContextSwitchTo(caller);
	return done;
#endif
}

static void
decode(XLogRecPtr end_lsn, const char *bytes, uint32 length)
{
	XLogRecord *record;
	char	   *problem = NULL;

	if (length < SizeOfXLogRecord)
		ereport(FATAL, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("walredo: a record of %u bytes is shorter than a record header", length)));
	reserve_record_area(length);
	memcpy(record_area, bytes, length);
	record = (XLogRecord *) record_area;
	if (record->xl_tot_len != length)
		ereport(FATAL, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("walredo: record says it is %u bytes long, its message holds %u",
							   record->xl_tot_len, length)));
	if (!RmgrIdExists(record->xl_rmid))
		ereport(FATAL, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("walredo: unknown resource manager id %u", record->xl_rmid)));

	/* The real start of the record is not sent, and redo does not ask for it. */
	reader->ReadRecPtr = end_lsn;
	reader->EndRecPtr = end_lsn;
	if (!decode_into_reader(end_lsn, record, &problem))
		ereport(FATAL, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("walredo: invalid record: %s", problem != NULL ? problem : "no reason given")));
}

static bool
is_target(const DecodedBkpBlock *block, const PageTag *target)
{
	return block->blkno == target->block && block->forknum == target->fork &&
		relations_equal(block_relation(block), target->relation);
}

static bool
is_heap(RmgrId rmid)
{
	return rmid == RM_HEAP_ID || rmid == RM_HEAP2_ID;
}

/*
 * GIN, full-page images and others insist that an image is restored into every block; heap and btree do not, and
 * there the images of other blocks would be work for nothing.
 */
static bool
images_of_others_are_optional(RmgrId rmid)
{
	return is_heap(rmid) || rmid == RM_BTREE_ID;
}

/* VM and FSM pages may start from zero without the record saying so: redo reads them with RBM_ZERO_ON_ERROR. */
static bool
may_start_from_zero(const DecodedBkpBlock *block)
{
	return (block->flags & BKPBLOCK_WILL_INIT) || block->apply_image ||
		block->forknum == VISIBILITYMAP_FORKNUM || block->forknum == FSM_FORKNUM;
}

/* The maps beside the heap blocks of a record whose blocks are renamed already. */
static void
add_maps(void)
{
	bool		has_target = false;
	bool		has_other = false;

	for (int id = 0; id <= decoded_max_block_id(reader); id++)
	{
		DecodedBkpBlock *block = decoded_block(reader, id);

		if (block->in_use && block->forknum == MAIN_FORKNUM)
		{
			bool		is_targets = relations_equal(block_relation(block), walredo_pool_target_relation());

			has_target |= is_targets;
			has_other |= !is_targets;
		}
	}
	for (int id = 0; id <= decoded_max_block_id(reader); id++)
	{
		DecodedBkpBlock *block = decoded_block(reader, id);

		if (block->in_use && block->forknum == MAIN_FORKNUM)
			walredo_pool_add_maps(block->blkno, has_target, has_other);
	}
}

/* Renames the record's blocks to the scratch relations; refuses a record that could not be applied to the target. */
static void
redirect_blocks(const PageTag *target, XLogRecPtr end_lsn)
{
	const RmgrId rmid = decoded_header(reader)->xl_rmid;
	bool		found = false;

	walredo_pool_reserve(decoded_max_block_id(reader) + 1);
	for (int id = 0; id <= decoded_max_block_id(reader); id++)
	{
		DecodedBkpBlock *block = decoded_block(reader, id);

		if (!block->in_use)
			continue;
		if (is_target(block, target))
		{
			found = true;
			if (!may_start_from_zero(block) && PageIsNew((Page) walredo_pool_target_page()))
				ereport(FATAL, (errcode(ERRCODE_DATA_CORRUPTED),
								errmsg("walredo: the record needs a base page, and none was pushed")));
			block_relation(block) = walredo_pool_target_relation();
		}
		else
		{
			if (images_of_others_are_optional(rmid))
			{
				block->has_image = false;
				block->apply_image = false;
			}
			block_relation(block) = walredo_pool_mark_done(block_relation(block), block->forknum, block->blkno, end_lsn);
		}
		block->forknum = walredo_pool_fork(block->forknum);
	}
	if (!found)
		ereport(FATAL, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("walredo: the record does not change the block of this request")));
	if (is_heap(rmid))
		add_maps();
}

#if HEADERS_MAJOR >= 18
/*
 * From 18 on an in-place update carries the invalidation messages of its transaction: its redo sends them to other
 * backends and removes their cache file. Here there are none of either, and the page does not depend on it.
 */
static void
drop_invalidations(void)
{
	const XLogRecord *header = decoded_header(reader);

	if (header->xl_rmid == RM_HEAP_ID && (header->xl_info & XLOG_HEAP_OPMASK) == XLOG_HEAP_INPLACE &&
		XLogRecGetDataLen(reader) >= MinSizeOfHeapInplace)
	{
		xl_heap_inplace *update = (xl_heap_inplace *) XLogRecGetData(reader);

		update->relcacheInitFileInval = false;
		update->nmsgs = 0;
	}
}
#endif

/* Where an error happened, for the reader of standard error. */
static void
describe_record(void *argument)
{
	const XLogRecPtr *end_lsn = argument;

	errcontext("walredo of the record that ends at %X/%X (%s/%X)", LSN_FORMAT_ARGS(*end_lsn),
			   GetRmgr(decoded_header(reader)->xl_rmid).rm_name, decoded_header(reader)->xl_info & ~XLR_INFO_MASK);
}

/*
 * Applies one record, given as it stands in WAL, to the target page. `end_lsn` becomes the page's LSN. Reports FATAL
 * for whatever cannot be applied: a silent skip would pass for a page.
 */
void
walredo_apply(const PageTag *target, XLogRecPtr end_lsn, const char *bytes, uint32 length)
{
	ErrorContextCallback context = {.previous = error_context_stack, .callback = describe_record, .arg = &end_lsn};
	MemoryContext caller;

	decode(end_lsn, bytes, length);
	error_context_stack = &context;
	redirect_blocks(target, end_lsn);
#if HEADERS_MAJOR >= 18
	drop_invalidations();
#endif

	caller = MemoryContextSwitchTo(record_context);
	GetRmgr(decoded_header(reader)->xl_rmid).rm_redo(reader);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(record_context);

	if (XLogHaveInvalidPages())
		ereport(FATAL, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("walredo: redo looked for a page that is not part of the request")));
	error_context_stack = context.previous;
}
