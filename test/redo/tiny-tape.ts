import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { ForkSize, PageSource } from '../../harness/redo/page-source.ts';
import { formatPageKey, type PageKey } from '../../harness/redo/page-key.ts';
import { buildTape } from '../../harness/redo/tape/tape-builder.ts';
import type { TapeManifest, TapeOrigin, TapeRelation } from '../../harness/redo/tape/tape-manifest.ts';
import { splitWal, type WalStretch } from '../../harness/redo/lineage/wal-split.ts';
import { u32, u64, WalBuilder, type BlockSpec, type BuiltRecord } from '../wal/wal-builder.ts';

const pageSizeBytes = 8192;

/** The relation to which the blocks of most tests belong. */
export const relation = [1663, 5, 16_385] as const;

export const relationName: TapeRelation = {
  spcOid: 1663,
  dbOid: 5,
  relNumber: 16_385,
  name: 'public.words',
  kind: 'heap',
  collations: ['sv_SE'],
};

/** The key of a block of that relation. */
export function keyOf(blockNumber: number, forkNumber = 0): PageKey {
  return { spcOid: relation[0], dbOid: relation[1], relNumber: relation[2], forkNumber, blockNumber };
}

/** A page with a sound header, filled with `mark`, whose LSN is `lsn`. */
export function markedPage(mark: number, lsn = 0): Buffer {
  const page = Buffer.alloc(pageSizeBytes, mark);
  page.writeUInt32LE(Math.floor(lsn / 2 ** 32), 0);
  page.writeUInt32LE(lsn % 2 ** 32, 4);
  page.writeUInt16LE(0, 8);
  page.writeUInt16LE(0, 10);
  page.writeUInt16LE(24, 12);
  page.writeUInt16LE(pageSizeBytes, 14);
  page.writeUInt16LE(pageSizeBytes, 16);
  page.writeUInt16LE(pageSizeBytes | 4, 18);
  return page;
}

/** Pages held in memory. */
export class MemoryPages implements PageSource {
  readonly #pages = new Map<string, { readonly key: PageKey; readonly page: Buffer }>();

  constructor(...pages: readonly (readonly [PageKey, Buffer])[]) {
    for (const [key, page] of pages) this.set(key, page);
  }

  set(key: PageKey, page: Buffer): void {
    this.#pages.set(formatPageKey(key), { key, page });
  }

  readPage(key: PageKey): Buffer | undefined {
    return this.#pages.get(formatPageKey(key))?.page;
  }

  *forks(): Generator<ForkSize> {
    const forks = new Map<string, ForkSize>();
    for (const { key } of this.#pages.values()) {
      const { blockNumber, ...fork } = key;
      const id = formatPageKey({ ...fork, blockNumber: 0 });
      forks.set(id, { ...fork, blocks: Math.max(blockNumber + 1, forks.get(id)?.blocks ?? 0) });
    }
    yield* forks.values();
  }
}

/** Hand-built WAL of 17 in which heap inserts touch pages. */
export class TinyWal {
  readonly builder = new WalBuilder({ major: 17 });

  /** An XLOG_HEAP_INSERT on the given blocks with `bytes` bytes of data, the first as the record's own. */
  insert(blocks: readonly Omit<BlockSpec, 'id' | 'relation'>[], bytes = 40): BuiltRecord {
    return this.builder.append({
      rmgrId: 10,
      info: 0,
      blocks: blocks.map((block, id) => ({ id, relation, ...block })),
      main: Buffer.alloc(bytes, 0x60), // no flag that clears bits of the visibility map
    });
  }

  /** XLOG_HEAP2_VISIBLE: redo sets both bits of a heap block in the visibility map. */
  visible(block: number): BuiltRecord {
    return this.builder.append({
      rmgrId: 9,
      info: 0x40,
      blocks: [
        { id: 0, relation, fork: 2, block: 0 },
        { id: 1, block },
      ],
      main: Buffer.concat([u32(700), Buffer.of(3)]),
    });
  }

  /** XLOG_SMGR_TRUNCATE of all forks to `blocks` blocks. */
  truncate(blocks: number): BuiltRecord {
    const main = Buffer.concat([u32(blocks), ...relation.map(u32), u32(7)]);
    return this.builder.append({ rmgrId: 2, info: 0x20, main });
  }

  /** A commit that drops the relation. */
  drop(): BuiltRecord {
    const main = Buffer.concat([u64(0n), u32(4), u32(1), ...relation.map(u32)]);
    return this.builder.append({ rmgrId: 1, info: 0x80, main });
  }

  origin(): TapeOrigin {
    const { start, position, timeline } = this.builder;
    return {
      flavour: 'vanilla',
      major: 17,
      serverVersion: '17.0',
      systemIdentifier: String(0x1234_5678_9abc_def0n),
      timeline,
      startLsn: start,
      endLsn: position,
      fullPageWrites: false,
      checksums: false,
      workload: 'by hand',
      collations: [{ name: 'sv_SE', provider: 'libc', version: '2.41' }],
      relations: [relationName],
    };
  }

  /** Makes a tape of it in `directory`, which is made. Throws what making tapes throws. */
  tape(base: PageSource, oracle: PageSource, directory: string): TapeManifest {
    mkdirSync(directory, { recursive: true });
    using split = splitWal(this.stretch(), this.builder.source(), join(directory, 'spill'));
    return buildTape({ origin: this.origin(), base, oracle, consistencyImages: false }, split, directory);
  }

  /** All of it. */
  stretch(): WalStretch {
    const { major, timeline, startLsn, endLsn, systemIdentifier } = this.origin();
    return {
      major,
      timeline,
      startLsn,
      endLsn,
      segmentSizeBytes: this.builder.segmentSize,
      systemIdentifier: BigInt(systemIdentifier),
    };
  }
}

/** A page of the visibility map on which both bits of heap block 0 are set. */
export function mapPage(lsn: number): Buffer {
  const page = markedPage(0, lsn);
  page[24] = 3;
  return page;
}

/**
 * A tape of four requests: block 0 from its base, with three records; block 1 initialised; block 2 from its base; block 0
 * of the visibility map from zeros. The oracle's heap pages are marked 0xa0 and on, with the right LSNs.
 */
export function makeTinyTape(directory: string): TapeManifest {
  const wal = new TinyWal();
  wal.insert([{ block: 0 }]);
  wal.insert([{ block: 0 }]);
  const second = wal.insert([{ block: 1, willInit: true }]);
  const third = wal.insert([{ block: 2 }]);
  const last = wal.visible(0);
  const base = new MemoryPages(
    [keyOf(0), markedPage(1, 8)],
    [keyOf(1), markedPage(2, 8)],
    [keyOf(2), markedPage(3, 8)],
  );
  const oracle = new MemoryPages(
    [keyOf(0), markedPage(0xa0, last.end)],
    [keyOf(1), markedPage(0xa1, second.end)],
    [keyOf(2), markedPage(0xa2, third.end)],
    [keyOf(0, 2), mapPage(last.end)],
  );
  return wal.tape(base, oracle, directory);
}

/** A manifest of plausible values, for what needs one without a tape. */
export function manifestOf(): TapeManifest {
  return {
    schemaVersion: 1,
    ...new TinyWal().origin(),
    counts: {
      requests: 4,
      records: 5,
      requestsOnPushedBase: 2,
      recordsOnPushedBase: 3,
      judged: 3,
      notJudged: { fsm: 1 },
      recordsOfRemovedPages: 0,
      untouchedPages: 0,
    },
    files: { requests: fileFacts(100), index: fileFacts(224), oracle: fileFacts(32_768) },
  };
}

function fileFacts(bytes: number): TapeManifest['files']['index'] {
  return { bytes, sha256: 'ab'.repeat(32) };
}
