import { recordKinds } from './record-kinds.ts';
import { walFormat } from './wal-format.ts';

/** Resource manager names by id (src/include/access/rmgrlist.h; the same 22 in 14 to 18). */
const rmgrNames: readonly string[] = [
  'XLOG',
  'Transaction',
  'Storage',
  'CLOG',
  'Database',
  'Tablespace',
  'MultiXact',
  'RelMap',
  'Standby',
  'Heap2',
  'Heap',
  'Btree',
  'Hash',
  'Gin',
  'Gist',
  'Sequence',
  'SPGist',
  'BRIN',
  'CommitTs',
  'ReplicationOrigin',
  'Generic',
  'LogicalMessage',
];

/** RM_MIN_CUSTOM_ID (rmgr.h, 15+): from here on ids belong to extensions. */
export const firstCustomId = 128;
const forkNames: readonly string[] = ['main', 'fsm', 'vm', 'init'];

/** A built-in resource manager by its id, so that code can name it. */
export const rmgrIds = {
  xlog: 0,
  transaction: 1,
  storage: 2,
  transactionStatus: 3,
  database: 4,
  tablespace: 5,
  multiXact: 6,
  relMap: 7,
  heap2: 9,
  heap: 10,
  btree: 11,
  sequence: 15,
} as const;

/** A resource manager's name as pg_waldump prints it: `Heap2`, `custom134` (15+), `UNKNOWN (77)`. */
export function rmgrName(rmgrId: number, major: number): string {
  const isCustom = rmgrId >= firstCustomId && walFormat(major).major >= 15;
  const otherwise = isCustom ? `custom${String(rmgrId).padStart(3, '0')}` : `UNKNOWN (${rmgrId})`;
  return rmgrNames[rmgrId] ?? otherwise;
}

/** A record's kind as pg_waldump prints it at the start of its description: `INSERT+INIT`, `VISIBLE`, `UNKNOWN (F0)`. */
export function recordKind(rmgrId: number, info: number, major: number): string {
  const kinds = recordKinds(rmgrId, walFormat(major).major);
  const name = kinds?.names.get(info & kinds.mask);
  return name ?? `UNKNOWN (${(info & 0xf0).toString(16).toUpperCase()})`;
}

/** Every kind of record that a major defines, as pg_waldump names it, in the order of resource manager and info. */
export function builtInRecordKinds(
  major: number,
): readonly { readonly rmgr: string; readonly kind: string }[] {
  return rmgrNames.flatMap((rmgr, rmgrId) =>
    [...(recordKinds(rmgrId, walFormat(major).major)?.names.values() ?? [])].map((kind) => ({ rmgr, kind })),
  );
}

/** A fork's name as pg_waldump prints it: `main`, `fsm`, `vm`, `init`; another number as `fork 9`. */
export function forkName(forkNumber: number): string {
  return forkNames[forkNumber] ?? `fork ${forkNumber}`;
}
