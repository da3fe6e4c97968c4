import { promiseForEachCell } from '../promise.ts';
import { isAsPinned } from './pinned.ts';

/*
 * "Storage team uses a pinned bundle in the Pageserver build process. Storage team code review is required to update the
 * pinned version." What a reviewer must know is said here, in words.
 */

promiseForEachCell('contract', (cell, { firstHost, shape }) =>
  shape.hasPin === true && cell.host === firstHost ? [isAsPinned()] : [],
);
