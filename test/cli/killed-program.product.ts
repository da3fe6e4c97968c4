import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Report } from '../../harness/report/report.ts';
import { breakBundle } from '../support/broken-bundle.ts';
import { referenceBundle } from '../support/small-tape.ts';
import { CommandRun } from './support/command-run.ts';
import { holds, type KnownProcess } from './support/process-tree.ts';
import { Workplace } from './support/workplace.ts';

/*
 * Somebody kills a program of the bundle: an administrator, or the kernel for want of memory. The bundle is not to blame
 * (exit 3), and whoever reads the verdict is told where to look.
 */

const shared = ['bundles', 'docker', 'helpers', 'reference', 'roots'] as const;
const engines = process.env['REDOUBT_TEST_TIER'] === 'full' ? ['chroot', 'docker'] : ['chroot'];

function commandLine({ pid }: KnownProcess): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Runs a command, kills the first process of its family that is meant, and returns the report. */
async function reportOfKill(
  place: Workplace,
  command: string,
  isMeant: (known: KnownProcess) => boolean,
): Promise<Report & { readonly ended: number | null }> {
  const run = await CommandRun.start([...command.split(' '), '--report', place.out], place.env);
  const victim = await run.until(async () => (await run.descendants()).filter(isMeant).find(holds));
  process.kill(victim.pid, 'SIGKILL');
  const { exitCode } = await run.end;
  return {
    ...(JSON.parse(await readFile(join(place.out, 'report.json'), 'utf8')) as Report),
    ended: exitCode,
  };
}

test.group('a program of the bundle that somebody kills', () => {
  test('walredo is not judged', async ({ assert }) => {
    await using place = await Workplace.open(shared);
    // One that waits to be killed.
    const hang = { kind: 'hang', at: { kind: 'request', number: 3 } } as const;
    const bundle = await breakBundle(await referenceBundle(), hang, join(place.temporary, 'bundle'));
    const tape = join(import.meta.dirname, '../../corpora/tapes/pg17');
    const report = await reportOfKill(
      place,
      `gate --candidate ${bundle} --tape ${tape} --hosts debian:12 --suites walredo`,
      (known) => known.name === 'postgres' && commandLine(known).includes('--wal-redo'),
    );
    assert.deepEqual([report.ended, report.verdict, report.findings], [3, 'not judged', []]);
    assert.match(
      report.sentence,
      /\/LAUNCHER v17 postgres --wal-redo \S.* in debian:12 was killed by a SIGKILL that Redoubt did not send/,
    );
  });

  test('initdb is not judged, nor what it starts ({engine}, {what})')
    .with(
      engines.flatMap((engine) => [
        {
          engine,
          what: 'initdb',
          words: '/LAUNCHER v17 initdb',
          isMeant: (known: KnownProcess) =>
            known.name === 'initdb' && commandLine(known).startsWith('/storage/'),
        },
        {
          engine,
          what: 'postgres',
          words: 'a process that /LAUNCHER v17 initdb',
          isMeant: (known: KnownProcess) => /^\/storage\/\S+\/postgres --single /.test(commandLine(known)),
        },
      ]),
    )
    .run(async ({ assert }, { engine, words, isMeant }) => {
      await using place = await Workplace.open(shared);
      const command = `gate --engine ${engine} --pg 17 --hosts debian:12 --suites initdb`;
      const report = await reportOfKill(place, command, isMeant);
      assert.deepEqual([report.ended, report.verdict, report.findings], [3, 'not judged', []]);
      assert.include(report.sentence, words);
      assert.match(report.sentence, /in debian:12 was killed by a SIGKILL that Redoubt did not send/);
    });
});
