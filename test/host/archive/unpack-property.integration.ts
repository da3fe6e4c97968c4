import { lstat, mkdir, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import type { Assert } from '@japa/assert';
import { test } from '@japa/runner';
import { execa } from 'execa';
import * as fc from 'fast-check';

import { unpack } from '../../../harness/host/archive/unpack.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { RedoubtError } from '../../../harness/error.ts';
import { makeWatched } from '../support/hostile-archive.ts';
import {
  changedHeader,
  gnuLongName,
  paxHeader,
  rawEntry,
  rawTar,
  type RawEntry,
} from '../support/raw-tar.ts';
import { treeDigest } from '../support/tree-digest.ts';

/* Archives out of few names, so that they meet each other; and headers with any byte changed, their checksums right. */

const numRuns = Number(process.env['REDOUBT_ARCHIVES'] ?? 250);

const name = fc.constantFrom(
  'a',
  'b',
  'a/b',
  'a/b/c',
  './a',
  'b/',
  'a//b',
  '.',
  '../x',
  'a/../../x',
  'é',
  'n'.repeat(99),
);
const target = fc.constantFrom('a', 'b', '../b', '..', '../../secret', 'a/b', '.', 'b/../..', '/a', 'c');
const content = fc.constantFrom('', 'x', 'y'.repeat(600));
const mode = fc.constantFrom(0o644, 0o755, 0o600, 0o400);

const entry: fc.Arbitrary<RawEntry> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ name, content, mode }) },
  { weight: 3, arbitrary: fc.record({ name, type: fc.constant('5'), mode: fc.constant(0o755) }) },
  { weight: 3, arbitrary: fc.record({ name, type: fc.constant('2'), linkName: target }) },
  { weight: 2, arbitrary: fc.record({ name, type: fc.constant('1'), linkName: target }) },
);
const header = fc.oneof(
  fc.tuple(fc.constantFrom('L', 'path'), name),
  fc.tuple(fc.constantFrom('K', 'linkpath'), target),
  fc.constant(['comment', 'x'] as const),
);
/** An entry, perhaps with a header before it, perhaps with a byte of its own header changed. */
const block = fc.record({
  entry,
  header: fc.option(header, { freq: 4 }),
  change: fc.option(fc.tuple(fc.nat(511), fc.nat(255)), { freq: 4 }),
});
type Block = typeof block extends fc.Arbitrary<infer Value> ? Value : never;

function bytesOf({ entry, header, change }: Block): Buffer {
  return Buffer.concat([
    header === null ? Buffer.alloc(0) : headerOf(header[0], header[1]),
    change === null ? rawEntry(entry) : changedHeader(entry, change[0], Buffer.of(change[1])),
  ]);
}

function headerOf(kind: string, text: string): Buffer {
  return kind === 'L' || kind === 'K' ? gnuLongName(kind, text) : paxHeader([[kind, text]]);
}

test.group('any archive', () => {
  test('is refused as a fault of its own, or unpacked as GNU tar unpacks it; nothing outside is touched', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('archives');
    const watched = await makeWatched(scratch.path);
    const [path, other] = [join(scratch.path, 'archive.tar'), join(scratch.path, 'other')];
    const counts = { accepted: 0, refused: 0 };
    const before = await treeDigest(watched.path, watched.inside);
    await fc.assert(
      fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 5 }), async (blocks) => {
        await writeFile(path, rawTar(...blocks.map(bytesOf)));
        for (const folder of [watched.inside, other]) {
          for (const each of await readdir(folder).catch(() => []))
            await rm(join(folder, each), { recursive: true });
          await mkdir(folder, { recursive: true });
        }
        const outcome: unknown = await unpack(path, watched.inside).catch((error: unknown) => error);
        assert.deepEqual(await treeDigest(watched.path, watched.inside), before);
        if (outcome instanceof Error) {
          if (!(outcome instanceof RedoubtError) || outcome.kind !== 'usage') throw outcome;
          counts.refused++;
          return;
        }
        counts.accepted++;
        await execa('tar', ['--extract', '--preserve-permissions', '--file', path, '--directory', other]);
        assert.deepEqual(await listing(watched.inside), await listing(other));
        if ((outcome as readonly string[]).length === 0) await assertLinksStay(assert, watched.inside);
      }),
      { numRuns },
    );
    assert.isAbove(counts.accepted, numRuns / 20);
    assert.isAbove(counts.refused, numRuns / 20);
  });
});

/** Names, types, modes of files, contents and targets, in order; links are not followed. */
async function listing(root: string, folder = ''): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const each of (await readdir(join(root, folder))).toSorted()) {
    const [shown, path] = [join(folder, each), join(root, folder, each)];
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) lines.push(`${shown} -> ${await readlink(path)}`);
    else if (stats.isDirectory()) lines.push(`${shown}/`, ...(await listing(root, shown)));
    else lines.push([shown, stats.mode.toString(8), stats.nlink, await readFile(path, 'latin1')].join(' '));
  }
  return lines;
}

/** No link of the tree leads out of it, unless it is absolute: such a tree is chrooted into. */
async function assertLinksStay(assert: Assert, root: string): Promise<void> {
  for (const line of await listing(root)) {
    const [link = '', target] = line.split(' -> ');
    if (target === undefined) continue;
    const resolved = await realpath(join(root, link)).catch(() => root);
    assert.isFalse(relative(root, resolved).startsWith('..'), `${line} leads to ${resolved}`);
  }
}
