import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { addToHistory, readHistory } from '../../harness/nightly/history.ts';
import { rejectionOf } from '../support/error-code.ts';
import { finding, night } from './runs.ts';

test.group('a history', (group) => {
  let directory: string;
  group.each.setup(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'redoubt-history-')), 'history');
    return () => {
      rmSync(join(directory, '..'), { recursive: true });
    };
  });

  const runPath = (day: number): string => join(directory, 'runs', `${night(day).id}.json`);

  async function made(...days: readonly number[]): Promise<void> {
    for (const day of days) await addToHistory(directory, night(day));
  }

  async function told(): Promise<{ readonly days: readonly string[]; readonly told: readonly string[] }> {
    const { runs, told: words } = await readHistory(directory);
    return { days: runs.map(({ at }) => at.slice(8, 10)), told: words };
  }

  test('keeps one file a run and an index, and returns what was there before', async ({ assert }) => {
    const bad = night(1, { findings: [finding()] });
    assert.deepEqual(await addToHistory(directory, bad), { runs: [], told: [] });
    assert.deepEqual(await addToHistory(directory, night(3)), { runs: [bad], told: [] });
    assert.deepEqual(await addToHistory(directory, night(2)), { runs: [bad, night(3)], told: [] });
    assert.deepEqual(await readHistory(directory), { runs: [bad, night(2), night(3)], told: [] });
    assert.deepEqual(
      readdirSync(join(directory, 'runs')),
      [1, 2, 3].map((day) => `${night(day).id}.json`),
    );
    const index = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as {
      readonly runs: readonly { readonly id: string }[];
    };
    assert.deepEqual(
      index.runs.map(({ id }) => id),
      [1, 2, 3].map((day) => night(day).id),
    );
  });

  test('takes each run once', async ({ assert }) => {
    await made(1);
    const error = await rejectionOf(addToHistory(directory, night(1)));
    assert.deepEqual([error.code, error.exitCode], ['run-known', 2]);
    assert.deepEqual((await told()).days, ['01']);
  });

  test('several may add at a time', async ({ assert }) => {
    await Promise.all([1, 2, 3, 4].map((day) => addToHistory(directory, night(day))));
    assert.deepEqual(await told(), { days: ['01', '02', '03', '04'], told: [] });
  });

  test('tells an edited and a cut file each time, and leaves them out', async ({ assert }) => {
    await made(1, 2, 3);
    writeFileSync(runPath(1), readFileSync(runPath(1), 'utf8').replace('compatible', 'incompatible'));
    truncateSync(runPath(2), 40);
    const expected = [1, 2].map(
      (day) => `runs/${night(day).id}.json is damaged or was edited: it is left out`,
    );
    assert.deepEqual(await told(), { days: ['03'], told: expected });
    assert.deepEqual((await addToHistory(directory, night(4))).told, expected);
    assert.deepEqual(await told(), { days: ['03', '04'], told: expected });
  });

  test('tells foreign files and leaves them alone', async ({ assert }) => {
    await made(1);
    writeFileSync(join(directory, 'runs', 'notes.txt'), 'x');
    writeFileSync(runPath(2), '{"some":"thing"}');
    writeFileSync(runPath(3), JSON.stringify(night(4)));
    mkdirSync(runPath(5));
    await addToHistory(directory, night(6));
    assert.deepEqual(await told(), {
      days: ['01', '06'],
      told: [
        ...[2, 3, 5].map((day) => `runs/${night(day).id}.json is no run of Redoubt: left alone`),
        'runs/notes.txt is no file of this history: left alone',
      ],
    });
    assert.isTrue(existsSync(join(directory, 'runs', 'notes.txt')));
  });

  test('tells a file that is gone, once', async ({ assert }) => {
    await made(1, 2);
    rmSync(runPath(1));
    const words = `runs/${night(1).id}.json is gone: the index forgets it`;
    assert.deepEqual((await addToHistory(directory, night(3))).told, [words]);
    assert.deepEqual(await told(), { days: ['02', '03'], told: [] });
  });

  test('makes a damaged or lost index anew', async ({ assert }) => {
    await made(1, 2);
    const index = join(directory, 'index.json');
    truncateSync(index, 30);
    assert.deepEqual((await addToHistory(directory, night(3))).told, [
      'index.json is damaged: it is made anew of the files of the runs',
    ]);
    assert.deepEqual(await told(), { days: ['01', '02', '03'], told: [] });
    rmSync(index);
    await made(4);
    assert.deepEqual(await told(), { days: ['01', '02', '03', '04'], told: [] });
  });

  test('takes in a run whose index was never written', async ({ assert }) => {
    await made(1);
    writeFileSync(runPath(2), `${JSON.stringify(night(2), null, 2)}\n`);
    writeFileSync(join(directory, 'runs', '.redoubt-1-2-3.x.json'), 'half');
    assert.deepEqual(await told(), {
      days: ['01', '02'],
      told: [`runs/${night(2).id}.json was not in index.json: it is taken in`],
    });
  });

  test('refuses what a newer Redoubt wrote', async ({ assert }) => {
    await made(1);
    writeFileSync(join(directory, 'index.json'), '{"schemaVersion":2,"runs":[]}');
    const error = await rejectionOf(addToHistory(directory, night(2)));
    assert.deepEqual([error.code, error.exitCode], ['history-newer', 2]);
    assert.isFalse(existsSync(runPath(2)));
  });

  test('says when there can be no folder', async ({ assert }) => {
    mkdirSync(join(directory, '..'), { recursive: true });
    writeFileSync(directory, '');
    const error = await rejectionOf(addToHistory(directory, night(1)));
    assert.equal(error.exitCode, 3);
    assert.include(error.message, directory);
  });
});
