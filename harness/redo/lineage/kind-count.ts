import type { DecodedRecord } from '../../wal/decode.ts';
import { recordKind, rmgrName } from '../../wal/names.ts';

/** How many records of one kind the WAL had, named as pg_waldump does, and how many pages they named. */
export interface KindCount {
  readonly rmgr: string;
  readonly kind: string;
  readonly records: number;
  readonly blockReferences: number;
}

const infoValues = 256;

/** Counts records by resource manager and info, without a string a record. */
export class KindCounter {
  readonly #records = new Float64Array(infoValues * infoValues);
  readonly #blockReferences = new Float64Array(infoValues * infoValues);

  count({ rmgrId, info, blocks }: DecodedRecord): void {
    const index = rmgrId * infoValues + info;
    this.#records[index]!++;
    this.#blockReferences[index]! += blocks.length;
  }

  /** The kinds that occurred, in the order of resource manager and info; flags of the info make no other kind. */
  counts(major: number): readonly KindCount[] {
    const kinds = new Map<string, { rmgr: string; kind: string; records: number; blockReferences: number }>();
    for (const [index, records] of this.#records.entries()) {
      if (records === 0) continue;
      const rmgrId = Math.floor(index / infoValues);
      const rmgr = rmgrName(rmgrId, major);
      const kind = recordKind(rmgrId, index % infoValues, major);
      const key = `${rmgr} ${kind}`;
      const count = kinds.get(key) ?? { rmgr, kind, records: 0, blockReferences: 0 };
      count.records += records;
      count.blockReferences += this.#blockReferences[index]!;
      kinds.set(key, count);
    }
    return [...kinds.values()];
  }
}
