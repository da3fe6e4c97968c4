import type { RelFileLocator } from '../../wal/main-data.ts';
import type { VisibilityMapClear } from '../../wal/visibility-map-clears.ts';
import type { PageKey } from '../page-key.ts';
import { allFrozen, allVisibilityBits, heapBlocksPerMapPage, mapPosition } from './pageserver-model.ts';
import type { MapChange, TapeStorage } from '../tape/tape-storage.ts';

type MapPage = Omit<PageKey, 'forkNumber'>;

interface OpenChanges extends MapPage {
  readonly changes: MapChange[];
}

/** What a pageserver itself does to pages of the visibility map behind the last record that walredo redoes on them. */
export class MapChanges {
  readonly #pages = new Map<string, OpenChanges>();

  /** A record names the page: what was done before is in what walredo makes of it. */
  redone(page: MapPage): void {
    this.#pages.delete(idOf(page));
  }

  clear({ relation, heapBlocks }: VisibilityMapClear): void {
    for (const { heapBlock, bits } of heapBlocks) {
      this.#add(relation, heapBlock, {
        kind: 'clear',
        heapBlock,
        bits: bits === 'all' ? allVisibilityBits : allFrozen,
      });
    }
  }

  /** The heap has `heapBlocks` blocks from now on. */
  truncate(relation: RelFileLocator, heapBlocks: number): void {
    const whole = Math.ceil(heapBlocks / heapBlocksPerMapPage);
    for (const [id, page] of this.#pages)
      if (isOf(relation, page) && page.blockNumber >= whole) this.#pages.delete(id);
    if (heapBlocks % heapBlocksPerMapPage > 0)
      this.#add(relation, heapBlocks, { kind: 'truncate', heapBlock: heapBlocks, bits: 0 });
  }

  drop(relation: RelFileLocator): void {
    for (const [id, page] of this.#pages) if (isOf(relation, page)) this.#pages.delete(id);
  }

  dropDatabase(spcOid: number, dbOid: number): void {
    for (const [id, page] of this.#pages)
      if (page.spcOid === spcOid && page.dbOid === dbOid) this.#pages.delete(id);
  }

  /** The changes that no record follows, page by page. */
  open(): TapeStorage['mapChanges'] {
    return [...this.#pages.values()];
  }

  #add({ spcOid, dbOid, relNumber }: RelFileLocator, heapBlock: number, change: MapChange): void {
    const page = { spcOid, dbOid, relNumber, blockNumber: mapPosition(heapBlock).mapBlock };
    const id = idOf(page);
    const known = this.#pages.get(id);
    if (known === undefined) this.#pages.set(id, { ...page, changes: [change] });
    else known.changes.push(change);
  }
}

function idOf({ spcOid, dbOid, relNumber, blockNumber }: MapPage): string {
  return `${String(spcOid)}/${String(dbOid)}/${String(relNumber)}/${String(blockNumber)}`;
}

function isOf({ spcOid, dbOid, relNumber }: RelFileLocator, page: MapPage): boolean {
  return page.relNumber === relNumber && page.dbOid === dbOid && page.spcOid === spcOid;
}
