import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Tape } from '../../harness/redo/tape/tape.ts';
import { redoubt } from '../support/redoubt-command.ts';
import { smallTape } from '../support/small-tape.ts';
import { redoubtOnSmallDisk } from './support/small-disk.ts';
import { Workplace, type CacheFolder } from './support/workplace.ts';

/* A disk that fills up is the machine's trouble: exit 3, in words, and nothing half-written is left. */

interface FullDisk {
  readonly name: string;
  readonly shared: readonly CacheFolder[];
  readonly sizeKib: number;
  /** Which folder of the workplace the small disk is. */
  readonly disk: 'cache/bundles' | 'cache/tapes' | 'tmp' | 'out';
  /** `OUT` stands for the workplace's folder for results, `TAPE` for a tape. */
  readonly command: string;
  readonly says: RegExp;
  /** Paths that may be left there. */
  readonly mayStay?: RegExp;
}

const bundle = ['roots', 'helpers', 'reference', 'bundles'] as const;
const gate = 'gate --pg 17 --hosts debian:12 --suites walredo';
const capture = 'capture --pg 17 --scale small --out OUT/tape';

const disks: readonly FullDisk[] = [
  {
    name: 'while a bundle is unpacked',
    shared: ['roots', 'helpers', 'reference'],
    sizeKib: 40_000,
    disk: 'cache/bundles',
    command: gate,
    says: /cannot unpack .*no space left/,
  },
  {
    name: 'for the cache, before initdb',
    shared: bundle,
    sizeKib: 20_000,
    disk: 'cache/tapes',
    command: gate,
    says: /disk of .*cache\/tapes.* is full: initdb needs/,
  },
  {
    name: 'in the middle of a capture',
    shared: bundle,
    sizeKib: 90_000,
    disk: 'out',
    command: capture,
    says: /No space left on device|ENOSPC/,
  },
  {
    name: 'for temporary files, before a replay',
    shared: [...bundle, 'tapes'],
    sizeKib: 4_000,
    disk: 'tmp',
    command: 'replay TAPE --hosts debian:12',
    says: /disk of .*tmp.* is full: replaying the tape/,
  },
  {
    name: 'for temporary files, while a bundle is built',
    shared: ['roots', 'helpers'],
    sizeKib: 4_000,
    disk: 'tmp',
    command: 'bundle build --out OUT/bundle.tar.zst',
    // Whichever comes first: our own file, or the compiler's.
    says: /(cannot build the reference bundle|gcc failed in the build root).*(ENOSPC|No space left)/i,
  },
  {
    name: 'while a bundle is written',
    shared: ['roots', 'helpers'],
    sizeKib: 20_000,
    disk: 'out',
    command: 'bundle build --out OUT/bundle.tar.zst',
    says: /cannot make .*bundle\.tar\.zst: ENOSPC/,
  },
  {
    name: 'for the events',
    shared: [...bundle, 'tapes'],
    sizeKib: 4,
    disk: 'out',
    command: 'replay TAPE --hosts debian:11,debian:12,debian:13 --report OUT',
    says: /cannot write .*events\.ndjson: .*ENOSPC/,
    mayStay: /^events\.ndjson$/,
  },
  {
    name: 'for the report',
    shared: [...bundle, 'tapes'],
    sizeKib: 8,
    disk: 'out',
    command: 'replay TAPE --hosts debian:12 --report OUT',
    says: /cannot write .*report\.json: .*ENOSPC/,
    mayStay: /^events\.ndjson$/,
  },
];

test.group('a full disk', (group) => {
  let tape: Tape;
  group.setup(async () => {
    tape = await smallTape(17);
  });

  for (const { name, shared, sizeKib, disk, command, says, mayStay } of disks) {
    test(name, async ({ assert }) => {
      await using place = await Workplace.open(shared);
      const mountPoint = join(place.cache, '..', disk);
      await mkdir(mountPoint, { recursive: true });
      const leftPath = join(place.cache, '..', 'left');
      const words = command
        .split(' ')
        .map((word) => word.replace('OUT', place.out).replace('TAPE', tape.directory));
      if (words[0] === 'gate' || (words[0] === 'replay' && !words.includes('--report')))
        words.push('--report', join(place.cache, '..', 'report'));
      const { exitCode, stdout, stderr } = await redoubtOnSmallDisk(
        { sizeKib, mountPoint, leftPath },
        [...words, '--json'],
        place.env,
      );
      assert.equal(exitCode, 3, stderr);
      const said = JSON.parse(stdout) as { readonly verdict: string; readonly exitCode: number };
      assert.equal(said.verdict, 'not judged');
      assert.equal(said.exitCode, 3);
      assert.match(`${stdout}${stderr}`, says);
      assert.notMatch(stderr, /a fault of Redoubt itself/);
      const left = (await readFile(leftPath, 'utf8')).split('\n').filter((path) => path !== '');
      assert.deepEqual(
        left.map((path) => path.slice(mountPoint.length + 1)).filter((path) => mayStay?.test(path) !== true),
        [],
      );
    });
  }

  test('and with room enough the same run passes', async ({ assert }) => {
    await using place = await Workplace.open([...bundle, 'tapes']);
    const { exitCode, stderr } = await redoubt(
      ['replay', tape.directory, '--hosts', 'debian:12', '--report', place.out],
      place.env,
    );
    assert.equal(exitCode, 0, stderr);
  });
});
