/*
 * What differs between the majors that the module is built for, by the headers' own names.
 *
 * REDOUBT_SERVER_MAJOR is the server that will load it. Debian has headers of 13, 15, 17 and 18: a module for 14 is
 * built from those of 13, one for 16 from those of 15. What it uses of them lies where the server expects it, but for
 * what is said here; walredo-self-test.c makes sure of that at every start.
 */
#ifndef REDOUBT_SERVER_COMPAT_H
#define REDOUBT_SERVER_COMPAT_H

#include "postgres.h"

#include "access/rmgr.h"
#include "access/xlog.h"
#include "access/xlog_internal.h"
#include "access/xlogreader.h"
#include "access/xlogutils.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "storage/smgr.h"

#define HEADERS_MAJOR (PG_VERSION_NUM / 10000)

#if !((REDOUBT_SERVER_MAJOR == 14 && HEADERS_MAJOR == 13) || (REDOUBT_SERVER_MAJOR == 15 && HEADERS_MAJOR == 15) || \
	  (REDOUBT_SERVER_MAJOR == 16 && HEADERS_MAJOR == 15) || (REDOUBT_SERVER_MAJOR == 17 && HEADERS_MAJOR == 17) || \
	  (REDOUBT_SERVER_MAJOR == 18 && HEADERS_MAJOR == 18))
#error "the reference walredo is not written for this server with these headers"
#endif

/* 16 renamed RelFileNode to RelFileLocator (commit b0a55e43299c) and its members with it. */
#if HEADERS_MAJOR < 16
typedef RelFileNode RelFileLocator;
typedef Oid RelFileNumber;
#define relation_number(locator) ((locator).relNode)
#define relation_space(locator) ((locator).spcNode)
#define relation_database(locator) ((locator).dbNode)
#define block_relation(blockref) ((blockref)->rnode)
#define relations_equal(a, b) RelFileNodeEquals((a), (b))
#else
#define relation_number(locator) ((locator).relNumber)
#define relation_space(locator) ((locator).spcOid)
#define relation_database(locator) ((locator).dbOid)
#define block_relation(blockref) ((blockref)->rlocator)
#define relations_equal(a, b) RelFileLocatorEquals((a), (b))
#endif

/* 17 renamed backend ids to process numbers. */
#if HEADERS_MAJOR < 17
#define NO_BACKEND InvalidBackendId
#else
#define NO_BACKEND INVALID_PROC_NUMBER
#endif

/* The last parameter, whether the relation is permanent, came with 15. */
static inline Buffer
read_buffer(RelFileLocator relation, ForkNumber fork, BlockNumber block, ReadBufferMode mode)
{
#if HEADERS_MAJOR < 15
	return ReadBufferWithoutRelcache(relation, fork, block, mode, NULL);
#else
	return ReadBufferWithoutRelcache(relation, fork, block, mode, NULL, true);
#endif
}

/* 14 put sizes cached by fork where 13 had those of FSM and VM alone (smgr.h, SMgrRelationData). */
static inline BlockNumber *
cached_sizes(SMgrRelation relation)
{
#if REDOUBT_SERVER_MAJOR == 14
	return &relation->smgr_targblock + 1;
#else
	return relation->smgr_cached_nblocks;
#endif
}

/* 15 made resource managers extensible. */
#if HEADERS_MAJOR < 15
#define RmgrIdExists(rmid) ((rmid) <= RM_MAX_ID)
#define GetRmgr(rmid) RmgrTable[rmid]

static inline void
RmgrStartup(void)
{
	for (int rmid = 0; rmid <= RM_MAX_ID; rmid++)
	{
		if (RmgrTable[rmid].rm_startup != NULL)
			RmgrTable[rmid].rm_startup();
	}
}
#endif

/* 15 moved what is decoded of a record out of the reader. */
#if HEADERS_MAJOR < 15
#define decoded_header(reader) ((reader)->decoded_record)
#define decoded_max_block_id(reader) ((reader)->max_block_id)
#define decoded_block(reader, id) (&(reader)->blocks[id])
#else
#define decoded_header(reader) (&(reader)->record->header)
#define decoded_max_block_id(reader) ((reader)->record->max_block_id)
#define decoded_block(reader, id) (&(reader)->record->blocks[id])
#endif

#ifndef LSN_FORMAT_ARGS
#define LSN_FORMAT_ARGS(lsn) (uint32) ((lsn) >> 32), (uint32) (lsn)
#endif

#endif
