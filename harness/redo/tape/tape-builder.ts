import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { withChecksum } from '../../page/checksum.ts';
import { FileSink, type FileFacts } from './file-sink.ts';
import { lineageOf, survivors, type Lineage } from '../lineage/lineage.ts';
import type { LineageSplitter } from '../lineage/lineage-splitter.ts';
import { walredoPageSizeBytes } from '../replay/message.ts';
import {
  comparePageKeys,
  formatPageKey,
  freeSpaceMapFork,
  isJudgedFork,
  visibilityMapFork,
  type PageKey,
} from '../page-key.ts';
import type { PageSource } from '../page-source.ts';
import { formatTapeStorage, type TapeStorage } from './tape-storage.ts';
import { tapeFiles, tapeSchemaVersion, type TapeManifest, type TapeOrigin } from './tape-manifest.ts';
import { TapeWriter } from './tape-writer.ts';
import type { SpilledPages } from '../lineage/spilled-pages.ts';
import type { SpilledRecord } from '../lineage/spilled-record.ts';
import { afterImage, recordLineages } from '../lineage/record-lineages.ts';
import { verifyUntouchedPages } from '../lineage/untouched-pages.ts';
import { visibilityMapLife, type VisibilityMapLife } from '../pageserver/visibility-map-life.ts';
import type { WalSplit } from '../lineage/wal-split.ts';
import { writeFailed } from './write-all.ts';

/** What a tape is made of besides WAL: the base that it follows, and what recovery made of both. */
export interface TapeMaterial {
  readonly origin: TapeOrigin;
  readonly base: PageSource;
  readonly oracle: PageSource;
  /** The WAL carries the pages after each record (`wal_consistency_checking`): each record is judged alone. */
  readonly consistencyImages: boolean;
  /** What a pageserver knows of the cluster besides pages; undefined when the base is not what initdb left. */
  readonly storage?: TapeStorage;
}

/** A page of a map that does not exist, or that was never written. */
const zeroPage = Buffer.alloc(walredoPageSizeBytes);

/**
 * Makes a tape in `directory`, which must exist: one request for each page that the WAL touched and that still exists at
 * its end. The same material and WAL give the same bytes.
 * @throws RedoubtError when a lineage has no beginning, a page of the oracle cannot be explained by base and WAL
 * (`oracle-unexplained`), or the disk is full.
 */
export function buildTape(
  material: TapeMaterial,
  { splitter, spilled: partitions }: WalSplit,
  directory: string,
): TapeManifest {
  const { origin } = material;
  using writer = new TapeWriter(directory, material.oracle);
  let recordsOfRemovedPages = 0;
  for (let partition = 0; partition < partitions.partitions; partition++) {
    const spilled = partitions.read(partition);
    const { bytes } = spilled;
    for (const { key, page } of pagesInOrder(spilled, splitter)) {
      const records = spilled.records(page);
      const removal = splitter.lastRemoval(key);
      const alive = survivors(records, removal);
      if (alive.length === 0) {
        recordsOfRemovedPages += records.filter(isRecord).length;
        continue;
      }
      const readBase = (): Buffer | undefined => (removal === 0 ? material.base.readPage(key) : undefined);
      if (key.forkNumber === visibilityMapFork) {
        const life = visibilityMapLife(key, alive, bytes, origin.major, readBase());
        writeMapPage(writer, material, key, life, bytes);
      } else if (material.consistencyImages && isJudgedFork(key.forkNumber)) {
        for (const lineage of recordLineages(key, alive, bytes, origin.major, readBase())) {
          writer.writeJudged(lineage, bytes, 'consistency', lineage.expected);
        }
        writer.requested.add(key);
      } else {
        const lineage = lineageOf(key, alive, readBase);
        const image =
          key.forkNumber === freeSpaceMapFork ? lastImage(lineage, bytes, origin.major) : undefined;
        if (image === undefined) writer.write(lineage, bytes);
        else writer.writeJudged(lineage, bytes, 'image', image);
      }
    }
  }
  const untouchedPages = verifyUntouchedPages(
    material.base,
    material.oracle,
    writer.requested,
    (key) => splitter.lastRemoval(key) > 0,
  );
  const manifest: TapeManifest = {
    schemaVersion: tapeSchemaVersion,
    ...origin,
    flavour: splitter.flavour ?? origin.flavour,
    counts: { ...writer.counts, recordsOfRemovedPages, untouchedPages },
    kinds: [...splitter.kinds],
    files: {
      ...writer.close(),
      ...(material.storage === undefined ? {} : { storage: writeStorage(material.storage, directory) }),
    },
  };
  const path = join(directory, tapeFiles.manifest);
  try {
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  } catch (error) {
    throw writeFailed(path, error);
  }
  return manifest;
}

function writeStorage(storage: TapeStorage, directory: string): FileFacts {
  const sink = new FileSink(join(directory, tapeFiles.storage));
  sink.append(Buffer.from(formatTapeStorage(storage)));
  return sink.close();
}

/**
 * Writes the requests of a page of the visibility map. Those in the middle of its life are judged by the model, which is
 * itself judged here: what it ends with must be recovery's page.
 * @throws RedoubtError `oracle-unexplained` when it is not.
 */
function writeMapPage(
  writer: TapeWriter,
  { oracle, origin }: TapeMaterial,
  key: PageKey,
  life: VisibilityMapLife,
  bytes: Buffer,
): void {
  // Recovery writes pages with their checksums; the model, like walredo, knows nothing of them.
  const finished = (page: Buffer): Buffer => (origin.checksums ? withChecksum(page, key.blockNumber) : page);
  const recovered = oracle.readPage(key) ?? zeroPage;
  if (!recovered.equals(finished(life.finalPage))) {
    throw new RedoubtError(
      'infrastructure',
      'oracle-unexplained',
      `${formatPageKey(key)}: recovery made another page of the visibility map than the model of the pageserver`,
      {
        remedy: 'Keep the capture and report it.',
      },
    );
  }
  for (const lineage of life.lineages) {
    const expected = finished(lineage.expected);
    writer.writeJudged(lineage, bytes, expected.equals(recovered) ? 'recovery' : 'model', expected);
  }
  writer.requested.add(key);
}

/** What a page of the free space map must be, which recovery also changes outside of the WAL: the image that ends its lineage. */
function lastImage({ key, records }: Lineage, bytes: Buffer, major: number): Buffer | undefined {
  const last = records.at(-1);
  return last === undefined ? undefined : afterImage(key, last, bytes, major);
}

function isRecord({ role }: SpilledRecord): boolean {
  return role === 'record' || role === 'initialising';
}

/** The pages of one partition by their numbers, in key order. */
function pagesInOrder(
  spilled: SpilledPages,
  splitter: LineageSplitter,
): readonly { readonly key: PageKey; readonly page: number }[] {
  return Array.from({ length: spilled.pages }, (_, page) => {
    const { forkId, blockNumber } = spilled.first(page);
    return { key: splitter.keyOf(forkId, blockNumber), page };
  }).toSorted((left, right) => comparePageKeys(left.key, right.key));
}
