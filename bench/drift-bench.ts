import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import { rootEnvironment } from '../harness/collation/environment.ts';
import { Probe } from '../harness/collation/probe.ts';
import { compareRanks, sweepGround } from '../harness/collation/sweep.ts';
import { sweepCorpus } from '../harness/collation/sweep-corpus.ts';
import { openChrootHost } from '../harness/host/chroot/chroot-host.ts';
import { databaseHostRecipe } from '../harness/host/database-host.ts';
import { silent } from '../harness/host/progress.ts';
import { ensureRoot } from '../harness/host/root.ts';
import { speedRatio, type Measurement } from './measurement.ts';
import { costOf, medians } from './rounds.ts';

const rounds = 5;
const locale = 'en_US.utf8';

/** The sweep of one locale of the C library against sort of the same strings in both roots, and diff. */
export async function measureDrift(scratch: string): Promise<Measurement> {
  const roots = [
    await ensureRoot(databaseHostRecipe('debian:12'), silent),
    await ensureRoot(databaseHostRecipe('debian:13'), silent),
  ] as const;
  const directory = join(scratch, 'drift');
  await mkdir(directory);
  // The servers' uid sorts in it.
  await chmod(scratch, 0o755);
  await chmod(directory, 0o777);
  await using stack = new AsyncDisposableStack();
  const open = async ({ name, path }: (typeof roots)[number]): Promise<Probe> =>
    stack.use(await Probe.open(await rootEnvironment(name, path), silent));
  const [from, to] = [await open(roots[0]), await open(roots[1])];
  // Strings without the patterns of code points, which sort takes minutes for.
  const nothing = new Uint8Array(0);
  const corpus = await sweepCorpus(nothing);
  for (const probe of [from, to]) await probe.addCorpus(corpus.bytes);
  const sweep = async (): Promise<void> => {
    const ground = sweepGround(corpus, await ranks(from, 'C'), nothing, nothing);
    const [before, after] = await Promise.all([ranks(from, locale), ranks(to, locale)]);
    if (compareRanks(ground, before, after).order !== 'same') throw new Error(`${locale} has drifted`);
  };
  // For sort and diff each string is a line.
  const lines = corpus.bytes.map((byte) => (byte === 0 ? 0x0a : byte));
  await writeFile(join(directory, 'strings'), lines);
  const sorts = await Promise.all(
    roots.map(async ({ name, path }, side) => {
      const host = stack.use(await openChrootHost(name, path));
      return async (): Promise<void> => {
        const { ending } = await host.run({
          argv: ['/usr/bin/sort', '--output', `/work/sorted-${String(side)}`, '/work/strings'],
          env: { LC_ALL: locale },
          mounts: [{ source: directory, target: '/work', readOnly: false }],
          systemMounts: true,
        });
        if (ending.kind !== 'exited' || ending.exitCode !== 0) throw new Error(`sort failed in ${name}`);
      };
    }),
  );
  const sortAndDiff = async (): Promise<void> => {
    await Promise.all(sorts.map((sort) => sort()));
    await execa('diff', ['--brief', join(directory, 'sorted-0'), join(directory, 'sorted-1')], {
      reject: false,
    });
  };
  const { ours, peer } = await medians(rounds, {
    ours: () => costOf(sweep),
    peer: () => costOf(sortAndDiff),
  });
  return speedRatio(
    `sweeping ${corpus.count.toLocaleString('en')} strings in ${locale} of two releases; sort in both and diff`,
    [ours, peer],
    { least: 1, required: true },
  );
}

async function ranks(probe: Probe, name: string): Promise<Uint32Array> {
  const answer = await probe.ranks('libc', name, 0);
  if (answer instanceof Uint32Array) return answer;
  throw new Error(answer.words);
}
