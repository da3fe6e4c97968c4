/*
 * The self-test at every start: records whose pages are known, through the same path as a request.
 *
 * The module reaches into the server's structures. They are those of its headers as long as server and headers are one
 * minor; another minor, and all the more a server whose headers are another major's, could have moved something. Then the
 * process must end before it has given away a page.
 */
#include "walredo.h"

#include "access/xlogrecord.h"
#include "catalog/pg_control.h"
#include "port/pg_crc32c.h"

/* One page of a real server: where it begins, the records that followed, and what recovery made of them. */
typedef struct KnownPage
{
	/* The resource manager and the kinds of the records. */
	const char *name;
	PageTag		tag;
	/* The page before the first record, but for its hole; both parts are empty where that record initialises it. */
	const char *lower;
	uint32		lower_length;
	const char *upper;
	uint32		upper_length;
	/* For each record, little-endian: end LSN (8 bytes), length (4 bytes), the record. */
	const char *records;
	uint32		records_length;
	/* CRC-32C of the page after the last record. */
	uint32		checksum;
} KnownPage;

#include "walredo-known-pages.h"

static void
fail(const char *name, const char *what)
{
	ereport(FATAL, (errmsg("walredo: the self-test failed: %s", what),
					errdetail("Known page: %s. The internals of this server, PostgreSQL %d, are not those of the headers "
							  "of PostgreSQL %s that the module was built from.",
							  name, REDOUBT_SERVER_MAJOR, PG_VERSION)));
}

static void
apply_known_record(const PageTag *tag, const char **at)
{
	uint64		end_lsn;
	uint32		length;

	memcpy(&end_lsn, *at, sizeof(end_lsn));
	memcpy(&length, *at + sizeof(end_lsn), sizeof(length));
	*at += sizeof(end_lsn) + sizeof(length);
	walredo_apply(tag, end_lsn, *at, length);
	*at += length;
}

static void
test_known_page(const KnownPage *known)
{
	const char *at = known->records;
	pg_crc32c	checksum;

	walredo_pool_begin(&known->tag);
	memcpy(walredo_pool_target_page(), known->lower, known->lower_length);
	memcpy(walredo_pool_target_page() + BLCKSZ - known->upper_length, known->upper, known->upper_length);
	while (at < known->records + known->records_length)
		apply_known_record(&known->tag, &at);

	INIT_CRC32C(checksum);
	COMP_CRC32C(checksum, walredo_pool_target_page(), BLCKSZ);
	FIN_CRC32C(checksum);
	if (checksum != known->checksum)
		fail(known->name, "a known page came out wrong");
}

/* An XLOG_FPI as its one image stands in WAL, with a hole in the middle. */
typedef struct ImageRecord
{
	char		bytes[SizeOfXLogRecord + SizeOfXLogRecordBlockHeader + SizeOfXLogRecordBlockImageHeader +
					  sizeof(RelFileLocator) + sizeof(BlockNumber) + BLCKSZ];
	uint32		length;
} ImageRecord;

static void
append(ImageRecord *record, const void *bytes, Size length)
{
	memcpy(record->bytes + record->length, bytes, length);
	record->length += length;
}

/* Full-page images differ in format between majors, so that this one is made here. */
static void
test_image(void)
{
	static const char name[] = "full-page image";
	static ImageRecord record;
	static PGAlignedBlock page;
	const PageTag tag = {MAIN_FORKNUM, {1663, 5, 16384}, 7};
	const XLogRecPtr end_lsn = UINT64CONST(0x123456780);
	const uint16 hole_start = 256;
	const uint16 hole_end = BLCKSZ - 512;
	XLogRecord	header = {.xl_info = XLOG_FPI, .xl_rmid = RM_XLOG_ID};
	XLogRecordBlockHeader block = {.id = 0, .fork_flags = MAIN_FORKNUM | BKPBLOCK_HAS_IMAGE};
	XLogRecordBlockImageHeader image = {.length = BLCKSZ - (hole_end - hole_start),.hole_offset = hole_start,
	.bimg_info = BKPIMAGE_HAS_HOLE | BKPIMAGE_APPLY};

	for (int i = 0; i < BLCKSZ; i++)
		page.data[i] = i < hole_start || i >= hole_end ? (char) (i * 7 + 1) : 0;
	((PageHeader) page.data)->pd_upper = hole_end;

	record.length = SizeOfXLogRecord;
	append(&record, &block, SizeOfXLogRecordBlockHeader);
	append(&record, &image, SizeOfXLogRecordBlockImageHeader);
	append(&record, &tag.relation, sizeof(tag.relation));
	append(&record, &tag.block, sizeof(tag.block));
	append(&record, page.data, hole_start);
	append(&record, page.data + hole_end, BLCKSZ - hole_end);
	header.xl_tot_len = record.length;
	memcpy(record.bytes, &header, SizeOfXLogRecord);

	walredo_pool_begin(&tag);
	walredo_apply(&tag, end_lsn, record.bytes, record.length);
	PageSetLSN((Page) page.data, end_lsn);
	if (memcmp(walredo_pool_target_page(), page.data, BLCKSZ) != 0)
		fail(name, "a known page came out wrong");
}

/* FATAL unless every known page comes out as it must. */
void
walredo_self_test(void)
{
	test_image();
	for (int i = 0; i < lengthof(known_pages); i++)
		test_known_page(&known_pages[i]);
}
