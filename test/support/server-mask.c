/* redoubt_mask(page bytea, rmgr int, block bigint): a page under the server's own mask of a resource manager, for tests. */
#include "postgres.h"

#include "access/xlog_internal.h"
#include "fmgr.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(redoubt_mask);

Datum
redoubt_mask(PG_FUNCTION_ARGS)
{
	bytea *given = PG_GETARG_BYTEA_PP(0);
	RmgrData rmgr = GetRmgr(PG_GETARG_INT32(1));
	BlockNumber block = (BlockNumber) PG_GETARG_INT64(2);
	bytea *result = palloc(VARHDRSZ + BLCKSZ);
	char *page = palloc(BLCKSZ);

	if (VARSIZE_ANY_EXHDR(given) != BLCKSZ || rmgr.rm_mask == NULL)
		elog(ERROR, "not a page, or a resource manager without a mask");
	memcpy(page, VARDATA_ANY(given), BLCKSZ);
	rmgr.rm_mask(page, block);
	SET_VARSIZE(result, VARHDRSZ + BLCKSZ);
	memcpy(VARDATA(result), page, BLCKSZ);
	PG_RETURN_BYTEA_P(result);
}
