import { execa } from 'execa';

import { inspectBundle } from '../harness/bundle/inventory/inspect-bundle.ts';
import { ensureReferenceBundle } from '../harness/bundle/reference/ensure.ts';
import { silent } from '../harness/host/progress.ts';
import { type Measurement, timeRatio } from './measurement.ts';
import { costOf, medians } from './rounds.ts';

const rounds = 5;

/** Describing the reference bundle out of its tarball, digest and all, against `tar -t`, which only lists it. */
export async function measureInspection(): Promise<Measurement> {
  const { path } = await ensureReferenceBundle(silent);
  const { ours, tar } = await medians(rounds, {
    ours: () => costOf(() => inspectBundle(path)),
    tar: () => costOf(() => execa('tar', ['--list', '--file', path], { stdout: 'ignore' })),
  });
  return timeRatio(
    'inspecting the tarball of the reference bundle; tar -t of it',
    [ours.wallMs, tar.wallMs],
    {
      most: 2,
      required: false,
    },
  );
}
