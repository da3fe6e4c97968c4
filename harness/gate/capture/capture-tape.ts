import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Capture } from '../../compute/capture.ts';
import { DataDirectoryPages } from '../../compute/data-directory.ts';
import type { RelationName } from '../../compute/relation-name.ts';
import { buildTape } from '../../redo/tape/tape-builder.ts';
import type { TapeManifest, TapeRelation } from '../../redo/tape/tape-manifest.ts';
import { splitWalDirectory } from '../../redo/lineage/wal-directory-split.ts';
import type { WalStretch } from '../../redo/lineage/wal-split.ts';
import { storageOfCapture } from './captured-storage.ts';

/**
 * Makes the tape of a capture in `directory`, which must be empty or absent.
 * @throws RedoubtError when the WAL is damaged or ends early, or WAL, base and oracle do not explain one another.
 */
export async function tapeOfCapture(capture: Capture, directory: string): Promise<TapeManifest> {
  using base = new DataDirectoryPages(capture.baseDirectory);
  using oracle = new DataDirectoryPages(capture.oracleDirectory);
  const { workload, contents } = capture;
  const wal = walOfCapture(capture);
  mkdirSync(directory, { recursive: true });
  const storage = contents === undefined ? undefined : storageOfCapture(capture, wal, contents);
  using split = await splitWalDirectory(wal, capture.walDirectory, join(directory, 'spill'));
  return buildTape(
    {
      origin: {
        flavour: capture.flavour,
        major: capture.major,
        serverVersion: capture.serverVersion,
        systemIdentifier: capture.systemIdentifier,
        timeline: capture.timeline,
        startLsn: capture.startLsn,
        endLsn: capture.endLsn,
        fullPageWrites: capture.wal.fullPageWrites,
        checksums: capture.checksums,
        workload: `${workload.name} (${workload.scale}, sha256 ${workload.digest})`,
        collations: capture.collations.map(({ name, provider, version }) => ({ name, provider, version })),
        relations: capture.relations.map(tapeRelation),
      },
      base,
      oracle,
      consistencyImages: capture.wal.consistencyImages,
      ...(storage === undefined ? {} : { storage }),
    },
    split,
    directory,
  );
}

/** The WAL of a capture. */
export function walOfCapture(capture: Capture): WalStretch {
  const { major, timeline, startLsn, endLsn, walSegmentSizeBytes, systemIdentifier } = capture;
  return {
    major,
    timeline,
    startLsn,
    endLsn,
    segmentSizeBytes: walSegmentSizeBytes,
    systemIdentifier: BigInt(systemIdentifier),
  };
}

function tapeRelation(relation: RelationName): TapeRelation {
  const { spcOid, dbOid, relNumber, schema, name, kind, accessMethod, collations, columns } = relation;
  return {
    spcOid,
    dbOid,
    relNumber,
    name: `${schema}.${name}`,
    kind: kind === 'sequence' || kind === 'toast' ? kind : (accessMethod ?? kind),
    collations: [...collations],
    ...(columns === null ? {} : { columns: columns.map((column) => ({ ...column })) }),
  };
}
