/*
 * One WAL record applied to the target page by the server's own redo routine, which believes to be in crash recovery.
 */
#include "walredo.h"

#include "access/xlog.h"
#include "access/xlogrecord.h"
#include "utils/memutils.h"

static XLogReaderState *reader;
static MemoryContext record_context;

/* The record, aligned, and room for its decoded form; both grow and never shrink. */
static char *record_area;
static Size record_area_size = 0;
static DecodedXLogRecord *decoded;
static Size decoded_size = 0;

static void
reserve_record_space(uint32 length)
{
	const Size	needed = DecodeXLogRecordRequiredSpace(length);

	if (record_area_size < length)
	{
		record_area_size = Max((Size) length * 2, 64 * 1024);
		if (record_area != NULL)
			pfree(record_area);
		record_area = MemoryContextAllocHuge(TopMemoryContext, record_area_size);
	}
	if (decoded_size < needed)
	{
		decoded_size = Max(needed * 2, 64 * 1024);
		if (decoded != NULL)
			pfree(decoded);
		decoded = MemoryContextAllocHuge(TopMemoryContext, decoded_size);
		decoded->oversized = false;
	}
}

void
walredo_apply_init(void)
{
	reader = XLogReaderAllocate(wal_segment_size, NULL, XL_ROUTINE(), NULL);
	if (reader == NULL)
		ereport(FATAL, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("walredo: out of memory")));
	reserve_record_space(SizeOfXLogRecord);
	record_context = AllocSetContextCreate(TopMemoryContext, "walredo record", ALLOCSET_DEFAULT_SIZES);
	RmgrStartup();
}

static void
decode(XLogRecPtr end_lsn, const char *bytes, uint32 length)
{
	XLogRecord *record;
	char	   *problem = NULL;

	if (length < SizeOfXLogRecord)
		ereport(FATAL, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("walredo: a record of %u bytes is shorter than a record header", length)));
	reserve_record_space(length);
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
	if (!DecodeXLogRecord(reader, decoded, record, end_lsn, &problem))
		ereport(FATAL, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("walredo: invalid record: %s", problem != NULL ? problem : "no reason given")));
	decoded->next_lsn = end_lsn;
	reader->record = decoded;
}

static bool
is_target(const DecodedBkpBlock *block, const PageTag *target)
{
	return block->blkno == target->block && block->forknum == target->fork &&
		relations_equal(block_relation(block), target->relation);
}

/*
 * GIN, full-page images and others insist that an image is restored into every block; heap and btree do not, and
 * there the images of other blocks would be work for nothing.
 */
static bool
images_of_others_are_optional(RmgrId rmid)
{
	return rmid == RM_HEAP_ID || rmid == RM_HEAP2_ID || rmid == RM_BTREE_ID;
}

/* VM and FSM pages may start from zero without the record saying so: redo reads them with RBM_ZERO_ON_ERROR. */
static bool
may_start_from_zero(const DecodedBkpBlock *block)
{
	return (block->flags & BKPBLOCK_WILL_INIT) || block->apply_image ||
		block->forknum == VISIBILITYMAP_FORKNUM || block->forknum == FSM_FORKNUM;
}

/* Renames the record's blocks to the scratch relations; refuses a record that could not be applied to the target. */
static void
redirect_blocks(const PageTag *target, XLogRecPtr end_lsn)
{
	bool		found = false;

	walredo_pool_reserve(decoded->max_block_id + 1);
	for (int id = 0; id <= decoded->max_block_id; id++)
	{
		DecodedBkpBlock *block = &decoded->blocks[id];

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
			if (images_of_others_are_optional(decoded->header.xl_rmid))
			{
				block->has_image = false;
				block->apply_image = false;
			}
			walredo_pool_mark_done(block->forknum, block->blkno, end_lsn);
			block_relation(block) = walredo_pool_other_relation();
		}
		block->forknum = walredo_pool_fork(block->forknum);
	}
	if (!found)
		ereport(FATAL, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("walredo: the record does not change the block of this request")));
}

/* Where an error happened, for the reader of standard error. */
static void
describe_record(void *argument)
{
	const XLogRecPtr *end_lsn = argument;

	errcontext("walredo of the record that ends at %X/%X (%s/%X)", LSN_FORMAT_ARGS(*end_lsn),
			   RmgrIdExists(decoded->header.xl_rmid) ? GetRmgr(decoded->header.xl_rmid).rm_name : "?",
			   decoded->header.xl_info & ~XLR_INFO_MASK);
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

	caller = MemoryContextSwitchTo(record_context);
	GetRmgr(decoded->header.xl_rmid).rm_redo(reader);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(record_context);

	if (XLogHaveInvalidPages())
		ereport(FATAL, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("walredo: redo looked for a page that is not part of the request")));
	error_context_stack = context.previous;
}
