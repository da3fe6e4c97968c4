import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { takeInventory } from '../../../harness/bundle/inventory/bundle-inventory.ts';
import { FolderTree } from '../../../harness/bundle/inventory/folder-tree.ts';
import { type Bundle, openBundle } from '../../../harness/bundle/open.ts';
import { takeBundleFacts } from '../../../harness/gate/inputs/bundle-facts.ts';
import { runInitdb } from '../../../harness/gate/initdb/bundle-initdb.ts';
import { InitdbRun } from '../../../harness/gate/initdb/initdb-run.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../../harness/host/progress.ts';
import { hostRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import type { BundleLock } from '../../../harness/pin/bundle-lock.ts';
import { canaryDigest } from '../../../harness/pin/canary-order.ts';
import { isAsPinned } from '../../../suites/contract/pinned.ts';
import { smallLock } from '../../pin/small-lock.ts';
import { copyBundle } from '../../support/broken-bundle.ts';
import { bundleOfImage, referenceBundle } from '../../support/small-tape.ts';
import { type Examined, openInitdbGate } from '../support/initdb-gate.ts';

const major = 17;
const host = 'debian:12';
const locales = [
  { provider: 'icu', locale: 'und' },
  { provider: 'libc', locale: 'C.UTF-8' },
] as const;

/* The pinned bundle has Debian 13's libicu 76 and libc 2.41, the candidate npm's libicu 60 and Debian 12's libc 2.36. */
test.group('the pin, on real bundles', (group) => {
  let scratch: TemporaryDirectory;
  let pinned: Bundle;
  let candidate: Bundle;
  let lock: BundleLock;
  group.setup(async () => {
    scratch = await temporaryDirectory('a pin');
    const reference = await referenceBundle();
    const directory = join(scratch.path, 'pinned');
    await copyBundle(reference.directory, directory, [major]);
    // With its digest the bundle that lies unpacked in the cache is found.
    pinned = { ...reference, directory };
    candidate = await openBundle(await bundleOfImage('npm:17.10'), silent);
    lock = await lockOf(pinned);
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  async function lockOf(bundle: Bundle): Promise<BundleLock> {
    const root = await ensureRoot(hostRecipe(host), silent);
    await using opened = await openChrootHost(host, root.path);
    const facts = await takeBundleFacts(
      {
        bundle,
        inventory: takeInventory(bundle.layout, new FolderTree(bundle.directory)),
        host: opened,
        runInitdb: async () => {
          const inout = join(scratch.path, 'inout');
          return new InitdbRun(await runInitdb(bundle, major, opened, inout), inout);
        },
        localesInUse: () => Promise.resolve(locales),
        progress: silent,
      },
      [major],
    );
    const { digest, layout } = bundle;
    return smallLock({
      bundle: { digest, layout, flavour: 'vanilla', name: 'pinned.tar.zst' },
      canaries: await canaryDigest(),
      ...facts,
    });
  }

  async function examined(bundle: Bundle, against: BundleLock, digest = bundle.digest): Promise<Examined> {
    const directory = await mkdtemp(join(scratch.path, 'gate-'));
    await using gate = await openInitdbGate(
      {
        candidate: bundle.directory,
        major,
        hosts: [host],
        locales,
        pin: { lock: { path: 'bundle.lock.json', lock: against }, digest },
      },
      directory,
    );
    const result = await gate.examine(isAsPinned(), host, 'contract');
    if (result.notJudged !== undefined) throw result.notJudged;
    return result;
  }

  test('the lock holds what a change can be told by', ({ assert }) => {
    const [only] = lock.majors;
    assert.containSubset(only, {
      major,
      libicu: { version: '76.1' },
      libc: { version: '2.41' },
      collversions: { libc: '2.41', icuRoot: '153.128' },
    });
    assert.deepEqual(
      only?.order.map(({ locale, collversion }) => [locale, collversion]),
      [
        ['und', '153.128'],
        ['C.UTF-8', null],
      ],
    );
    assert.isAbove(Object.keys(lock.localeSets[only?.locales ?? ''] ?? {}).length, 400);
  });

  test('an untouched bundle passes', async ({ assert }) => {
    const { findings, notes } = await examined(pinned, lock);
    assert.deepEqual([findings, notes], [[], ['it is the pinned bundle itself']]);
  });

  test('the same contents in another tarball pass', async ({ assert }) => {
    const { findings, notes } = await examined(pinned, lock, 'f'.repeat(64));
    assert.deepEqual(findings, []);
    assert.match(
      notes.join('\n'),
      /libicu 76\.1 the same, libc 2\.41 the same, the data of \d+ locales the same, what initdb makes the same/,
    );
  });

  test('a changed libicu is refused, by asking both bundles', async ({ assert }) => {
    const { findings, notes } = await examined(candidate, lock);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['pin-libicu-changed', 'pin-libc-changed', 'pin-locales-changed'],
    );
    const [ofIcu, ofLibc, ofLocales] = findings.map(({ message }) => message);
    assert.match(
      ofIcu ?? '',
      /^libicu 76\.1 to 60\.2: order changes for und \(in und [\d,]+ code points move; .* becomes >\), asked of both bundles; libc 2\.41 to 2\.36; initdb differs in collations: /,
    );
    assert.match(
      ofLibc ?? '',
      /^libc 2\.41 to 2\.36: order is the same for C\.UTF-8, asked of both bundles; libicu/,
    );
    assert.match(ofLocales ?? '', /LC_COLLATE of 5 of \d+ changes \(cv_RU, lv_LV, /);
    assert.match(notes.join('\n'), /^server 17\.\d+ .* to 17\.10$/m);
  });

  test('without the pinned bundle the lock file must do, and the words say so', async ({ assert }) => {
    const gone = { ...lock, bundle: { ...lock.bundle, digest: '0'.repeat(64) } };
    const { findings } = await examined(candidate, gone);
    const [ofIcu, ofLibc] = findings.map(({ message }) => message);
    assert.match(ofIcu ?? '', /^libicu 76\.1 to 60\.2: order changes for und \("/);
    assert.match(
      ofIcu ?? '',
      /collation versions 153\.128 to 153\.80, so that PostgreSQL warns, told by the lock file alone/,
    );
    assert.match(
      ofLibc ?? '',
      /of \d+ known pairs none changes places in C\.UTF-8, which proves nothing, told by the lock file alone/,
    );
  });

  test('a major that is gone is refused', async ({ assert }) => {
    const [only] = lock.majors;
    const more = { ...lock, majors: only === undefined ? [] : [{ ...only, major: 15 }, only] };
    const { findings } = await examined(pinned, more, 'f'.repeat(64));
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['pin-major-gone'],
    );
    assert.match(findings[0]?.message ?? '', /^PostgreSQL 15 \(.*\) is pinned, and the candidate has none$/);
  });
});
