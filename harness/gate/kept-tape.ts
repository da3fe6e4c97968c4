import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { Tape } from '../redo/tape.ts';
import type { OpenedBundle } from './gate-run.ts';

const tapesDirectory = join(import.meta.dirname, '../../corpora/tapes');

/**
 * The small tape of a major that is kept with the sources: what a bundle does is tried on it before there is a capture.
 * @throws RedoubtError (infrastructure: not judged) `no-kept-tape` for a major without one, `flavour-mixed` when the
 * bundle's walredo redoes other WAL.
 */
export function openKeptTape(major: number, { flavour }: Pick<OpenedBundle, 'flavour'>): Tape {
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
  return tape;
}
