import { existsSync, readFileSync } from 'node:fs';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { readEvents } from '../../harness/report/read-events.ts';
import type { Report } from '../../harness/report/report.ts';
import type { Check } from '../../harness/verdict/cell.ts';
import type { TimedEvent } from '../../harness/verdict/event.ts';
import { allGone, CommandRun } from '../cli/support/command-run.ts';
import { redoubt } from '../support/redoubt-command.ts';

const hosts = 'debian:11,debian:12,debian:13';
const asked = ['matrix', '--pg', '17', '--hosts', hosts, '--suites', 'walredo', '--workload', 'every-record'];

/** All of report.json but what belongs to the machine and the hour. */
function reportIn(directory: string): string {
  const report = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as Report;
  return JSON.stringify({ ...report, run: null }, null, 2);
}

function eventsIn(directory: string): readonly TimedEvent[] {
  const path = join(directory, 'events.ndjson');
  return existsSync(path) ? readEvents(path) : [];
}

/** Hosts of which a check has ended, and when. */
function ended(directory: string): ReadonlyMap<string, string> {
  return new Map(
    eventsIn(directory).flatMap((event) => (event.type === 'check-ended' ? [[event.check, event.at]] : [])),
  );
}

test.group('redoubt matrix', (group) => {
  let place: TemporaryDirectory;
  let whole: string;
  group.setup(async () => {
    place = await temporaryDirectory('reports');
    whole = join(place.path, 'whole');
    return async () => {
      await place[Symbol.asyncDispose]();
    };
  });

  test('judges every cell, and once that is done does nothing again', async ({ assert }) => {
    const { exitCode, stdout } = await redoubt([...asked, '--report', whole]);
    assert.include(stdout, 'verdict  compatible (walredo)');
    assert.match(stdout, /✓ pg17\/debian:12\/walredo {2}2 of 2 checks passed/);
    assert.equal(exitCode, 0);
    const report = reportIn(whole);
    const before = ended(whole);
    const again = await redoubt([...asked, '--report', whole]);
    assert.equal(again.exitCode, 0);
    assert.include(again.stdout, '3 of 3 cells were done before, and are not done again');
    assert.deepEqual(ended(whole), before);
    assert.equal(reportIn(whole), report);
  });

  test('prepares the tapes on which all shards judge, and judges nothing', async ({ assert }) => {
    const { exitCode, stdout } = await redoubt([...asked, '--prepare', '--json', '--quiet']);
    assert.equal(exitCode, 0);
    const { tapes } = JSON.parse(stdout) as { readonly tapes: Report['inputs']['tapes'] };
    const { inputs } = JSON.parse(readFileSync(join(whole, 'report.json'), 'utf8')) as Report;
    assert.deepEqual(tapes, inputs.tapes);
    assert.lengthOf(tapes, 1);
  });

  test('lists what a shard would check, and judges nothing', async ({ assert }) => {
    const listed = async (...more: readonly string[]): Promise<readonly Check[]> => {
      const { exitCode, stdout } = await redoubt([...asked, '--list', '--json', '--quiet', ...more]);
      assert.equal(exitCode, 0);
      return (JSON.parse(stdout) as { readonly checks: readonly Check[] }).checks;
    };
    const all = await listed();
    const { cells } = JSON.parse(readFileSync(join(whole, 'report.json'), 'utf8')) as Report;
    assert.deepEqual(
      all.map(({ id }) => id),
      cells.flatMap(({ checks }) => checks.map(({ id }) => id)),
    );
    const parts = [await listed('--shard', '1/2'), await listed('--shard', '2/2')];
    assert.deepEqual(parts.flat(), all);
  });

  test('is the same report when it is cut into shards and put together', async ({ assert }) => {
    const folders: string[] = [];
    for (const shard of ['1/2', '2/2']) {
      const folder = join(place.path, `shard-${shard.replace('/', '-')}`);
      folders.push(folder);
      const { exitCode } = await redoubt([...asked, '--shard', shard, '--report', folder]);
      assert.equal(exitCode, 0);
    }
    const [first = '', second = ''] = folders;
    const out = join(place.path, 'merged');
    const merged = await redoubt(['merge-reports', second, first, '--out', out]);
    assert.equal(merged.exitCode, 0);
    assert.equal(reportIn(out), reportIn(whole));

    const absent = join(place.path, 'absent');
    const alone = await redoubt(['merge-reports', first, '--out', absent]);
    assert.equal(alone.exitCode, 3);
    assert.include(alone.stderr, 'missing: shard 2/2');
    assert.isFalse(existsSync(absent));

    const twice = await redoubt(['merge-reports', first, second, first, '--out', absent]);
    assert.equal(twice.exitCode, 2);
    assert.include(twice.stderr, 'shard 1/2 is there twice');

    const other = await redoubt(['merge-reports', first, whole, '--out', absent]);
    assert.equal(other.exitCode, 2);
    assert.include(other.stderr, 'does not belong with');

    const partial = await redoubt(['merge-reports', first, '--allow-partial', '--out', absent]);
    assert.equal(partial.exitCode, 3);
    assert.include(partial.stdout, 'verdict  not judged: only a part was merged: missing: shard 2/2');

    const shard = await redoubt([...asked, '--shard', '2/2', '--report', first]);
    assert.equal(shard.exitCode, 2);
    assert.include(shard.stderr, 'it is shard 1/2, this is shard 2/2');
  });

  test('goes on after a kill: what was done is not done again, what was half done is', async ({ assert }) => {
    const folder = join(place.path, 'killed');
    const run = await CommandRun.start([...asked, '--report', folder], {});
    const hasOne = (): boolean => ended(folder).size > 0;
    await run.until(hasOne);
    const descendants = await run.descendants();
    run.signalHarness('SIGKILL');
    await run.end;
    await allGone(descendants);
    const killed = join(place.path, 'killed-copy');
    await cp(folder, killed, { recursive: true });
    const before = ended(killed);
    assert.isAbove(before.size, 0);

    const other = await redoubt([...asked, '--kernel-floor', '--report', folder]);
    assert.equal(other.exitCode, 2);
    assert.include(other.stderr, 'kernelFloor is false there, true here');
    const locales = await redoubt([...asked, '--locales', 'sv', '--report', folder]);
    assert.equal(locales.exitCode, 2);
    assert.include(locales.stderr, 'locales is none there, ["icu:sv"] here');
    assert.deepEqual(eventsIn(folder), eventsIn(killed));

    const { exitCode, stdout } = await redoubt([...asked, '--report', folder]);
    assert.equal(exitCode, 0);
    assert.include(stdout, 'verdict  compatible (walredo)');
    const after = ended(folder);
    assert.equal(after.size, ended(whole).size);
    const isWhole = (cell: string): boolean =>
      [...after.keys()].filter((check) => check.startsWith(cell)).every((check) => before.has(check));
    for (const [check, at] of before)
      if (isWhole(check.replace(/[^/]*$/, ''))) assert.equal(after.get(check), at);
    assert.equal(reportIn(folder), reportIn(whole));
  });

  test('is one run in a folder at a time, and leaves those of others alone', async ({ assert }) => {
    const folder = join(place.path, 'gate');
    const gate = await redoubt([
      'gate',
      '--pg',
      '17',
      '--hosts',
      'debian:12',
      '--suites',
      'walredo',
      '--report',
      folder,
    ]);
    assert.equal(gate.exitCode, 0);
    const files = await readdir(folder);
    const refused = await redoubt([...asked, '--report', folder]);
    assert.equal(refused.exitCode, 2);
    assert.include(refused.stderr, 'it already holds that of a run of another kind');
    assert.deepEqual(await readdir(folder), files);
  });
});
