import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../../error.ts';
import { publish } from '../../host/cache.ts';
import { visibilityMapFork } from '../../redo/page-key.ts';
import { readRequestRecords } from '../../redo/request/request-records.ts';
import { extractTape } from '../../redo/tape/tape-extract.ts';
import type { TapeRequest } from '../../redo/tape/tape-index.ts';
import { Tape } from '../../redo/tape/tape.ts';
import { decodeRecord } from '../../wal/decode.ts';
import { rawRecordFromBytes } from '../../wal/raw-record.ts';
import type { OpenedBundle } from '../inputs/opened-bundle.ts';

const tapesDirectory = join(import.meta.dirname, '../../../corpora/tapes');

/** Raised when other requests are chosen. */
const choice = 2;

/**
 * The small tape of a major that is kept with the sources: what a bundle does is tried on it before there is a capture.
 * What sound bundles may do in two ways is left out: images compressed by lz4 or zstd, which not every build has, and the
 * visibility map, in which minors differ. Whether those fit, the captures of the run's own compute images say.
 * @throws RedoubtError (infrastructure: not judged) `no-kept-tape` for a major without one, `flavour-mixed` when the
 * bundle's walredo redoes other WAL.
 */
export async function openKeptTape(major: number, { flavour }: Pick<OpenedBundle, 'flavour'>): Promise<Tape> {
  const directory = join(tapesDirectory, `pg${String(major)}`);
  if (!existsSync(directory))
    throw new RedoubtError(
      'infrastructure',
      'no-kept-tape',
      `no tape of PostgreSQL ${String(major)} is kept`,
      {
        remedy: 'See corpora/tapes/README.md for how one is made.',
      },
    );
  const tape = Tape.open(directory);
  if (flavour !== 'unknown' && flavour !== tape.manifest.flavour) {
    throw new RedoubtError(
      'infrastructure',
      'flavour-mixed',
      `the tape that is kept carries WAL of the flavour ${tape.manifest.flavour}, the bundle is ${flavour}`,
      { remedy: 'Judge its pages with --suites walredo and a --tape of its own flavour.' },
    );
  }
  const key = `tapes/pg${String(major)}-kept-${tape.digest.slice(0, 16)}-${String(choice)}`;
  const made = await publish(key, async (partial) => {
    const requests = [...tape.index].filter((request) => isForEveryBuild(tape, request));
    extractTape(tape, requests, join(partial, 'tape'));
  });
  return Tape.open(join(made, 'tape'));
}

function isForEveryBuild(tape: Tape, request: TapeRequest): boolean {
  if (request.key.forkNumber === visibilityMapFork) return false;
  return readRequestRecords(tape.readRequest(request)).records.every(({ bytes, endLsn }) => {
    const { blocks } = decodeRecord(rawRecordFromBytes(bytes, endLsn), tape.manifest.major);
    return blocks.every(({ image }) => image?.compression !== 'lz4' && image?.compression !== 'zstd');
  });
}
