/*
 * The reference walredo: a module for an unmodified PostgreSQL server that answers the walredo protocol.
 *
 *   walredo-module.c    take-over of the starting server, before it becomes a server
 *   walredo-protocol.c  messages on standard input, answers on standard output
 *   walredo-apply.c     one record applied to the target page by the server's own redo routine
 *   walredo-pool.c      the buffer pool as scratch memory: the target page and stand-ins for the others
 *   walredo-seccomp.c   the allow-list of system calls
 *   walredo-self-test.c known records and the pages that they must give, at every start
 *   server-compat.h     what differs between majors
 */
#ifndef REDOUBT_WALREDO_H
#define REDOUBT_WALREDO_H

#include "server-compat.h"

/* The block that a request is about, as named in its messages. */
typedef struct PageTag
{
	ForkNumber	fork;
	RelFileLocator relation;
	BlockNumber block;
} PageTag;

/* walredo-protocol.c */
extern void walredo_serve(void) __attribute__((noreturn));

/* walredo-apply.c */
extern void walredo_apply_init(void);
extern void walredo_apply(const PageTag *target, XLogRecPtr end_lsn, const char *record, uint32 length);

/* walredo-pool.c */
extern void walredo_pool_init(void);
extern void walredo_pool_begin(const PageTag *target);
extern char *walredo_pool_target_page(void);
extern void walredo_pool_reserve(int pages);
extern RelFileLocator walredo_pool_target_relation(void);
extern ForkNumber walredo_pool_fork(ForkNumber fork);
extern RelFileLocator walredo_pool_mark_done(RelFileLocator relation, ForkNumber fork, BlockNumber block,
											 XLogRecPtr lsn);
extern void walredo_pool_add_maps(BlockNumber heap_block, bool of_target, bool of_other);

/* walredo-self-test.c */
extern void walredo_self_test(void);

/* walredo-seccomp.c */
extern void walredo_enter_seccomp(void);

#endif
