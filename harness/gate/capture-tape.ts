import type { Capture } from '../compute/capture.ts';
import { DataDirectoryPages } from '../compute/data-directory.ts';
import type { RelationName } from '../compute/relation-name.ts';
import { buildTape } from '../redo/tape-builder.ts';
import type { TapeManifest, TapeRelation } from '../redo/tape-manifest.ts';
import { walDirectory } from '../redo/wal-directory.ts';

/**
 * Makes the tape of a capture in `directory`, which must be empty or absent.
 * @throws RedoubtError when WAL, base and oracle do not explain one another.
 */
export function tapeOfCapture(capture: Capture, directory: string): TapeManifest {
  using base = new DataDirectoryPages(capture.baseDirectory);
  using oracle = new DataDirectoryPages(capture.oracleDirectory);
  const { workload } = capture;
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
      segment: walDirectory(capture.walDirectory, capture.timeline, capture.walSegmentSizeBytes),
      walSegmentSizeBytes: capture.walSegmentSizeBytes,
      base,
      oracle,
      consistencyImages: capture.wal.consistencyImages,
    },
    directory,
  );
}

function tapeRelation(relation: RelationName): TapeRelation {
  const { spcOid, dbOid, relNumber, schema, name, kind, accessMethod, collations } = relation;
  return {
    spcOid,
    dbOid,
    relNumber,
    name: `${schema}.${name}`,
    kind: kind === 'sequence' || kind === 'toast' ? kind : (accessMethod ?? kind),
    collations: [...collations],
  };
}
