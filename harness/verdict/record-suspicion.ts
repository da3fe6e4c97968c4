import { readRequestRecords } from '../redo/request/request-records.ts';
import type { Tape } from '../redo/tape/tape.ts';
import { recordKind, rmgrName } from '../wal/names.ts';

/** A kind of record that all pages which differ have in common. */
export interface RecordSuspicion {
  /** As in `Heap INSERT`. */
  readonly record: string;
  /** Pages with such a record, and how many of them differ: all that do. */
  readonly pages: number;
  readonly differing: number;
  /** Pages without one: none of them differs. */
  readonly others: number;
}

/** Fewer pages have anything in common by chance. */
const fewestPages = 3;
const rmgrOffset = 17;
const infoOffset = 16;

/**
 * The kind of record that best tells the pages that differ from those that do not: each that differs has it, and most that
 * have it differ. Undefined where the pages say no such thing.
 */
export function suspectRecord(
  tape: Tape,
  compared: (request: number) => boolean,
  bad: ReadonlySet<number>,
): RecordSuspicion | undefined {
  if (bad.size < fewestPages) return undefined;
  const { major } = tape.manifest;
  const counts = new Map<string, { pages: number; differing: number }>();
  let total = 0;
  for (const request of tape.index) {
    if (!compared(request.number)) continue;
    total++;
    const kinds = new Set(
      readRequestRecords(tape.readRequest(request)).records.map(({ bytes }) => {
        // A recording may hold a record that is cut off.
        const [rmgr, info] = [bytes[rmgrOffset] ?? 0, bytes[infoOffset] ?? 0];
        return `${rmgrName(rmgr, major)} ${recordKind(rmgr, info, major)}`;
      }),
    );
    for (const kind of kinds) {
      const count = counts.get(kind) ?? { pages: 0, differing: 0 };
      count.pages++;
      if (bad.has(request.number)) count.differing++;
      counts.set(kind, count);
    }
  }
  const [best] = [...counts]
    .filter(([, { pages, differing }]) => differing === bad.size && 2 * differing > pages && pages < total)
    .toSorted(([, left], [, right]) => left.pages - right.pages);
  return best && { record: best[0], ...best[1], others: total - best[1].pages };
}

/** As people read it. */
export function suspicionWords({ record, pages, differing, others }: RecordSuspicion): string {
  const all = pages === differing ? 'all of which differ' : `of which ${count(differing)} differ`;
  return `${record} touched ${count(pages)} pages, ${all}; of the ${count(others)} others none does`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
