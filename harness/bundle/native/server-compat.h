/*
 * What differs between the majors that the module is built for (15 to 17), by the headers' own names.
 */
#ifndef REDOUBT_SERVER_COMPAT_H
#define REDOUBT_SERVER_COMPAT_H

#include "postgres.h"

#include "access/rmgr.h"
#include "access/xlog_internal.h"
#include "access/xlogreader.h"
#include "access/xlogutils.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "storage/smgr.h"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 180000
#error "the reference walredo is written for PostgreSQL 15 to 17"
#endif

/* 16 renamed RelFileNode to RelFileLocator (commit b0a55e43299c) and its members with it. */
#if PG_VERSION_NUM < 160000
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
#if PG_VERSION_NUM < 170000
#define NO_BACKEND InvalidBackendId
#else
#define NO_BACKEND INVALID_PROC_NUMBER
#endif

#endif
