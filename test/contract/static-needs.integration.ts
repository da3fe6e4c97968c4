import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { type Bundle, openBundle } from '../../harness/bundle/open.ts';
import { runBuildTool } from '../../harness/bundle/reference/compile-native.ts';
import { discoverStaticNeeds } from '../../harness/contract/static-needs.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { helperRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';

/** A static bundle whose initdb needs the first so many things that real ones need. */
async function needyBundle(directory: string, needs: number): Promise<Bundle> {
  const folder = join(directory, 'bundle/v15');
  await mkdir(folder, { recursive: true });
  await copyFile(join(import.meta.dirname, 'support/needy-initdb.c'), join(directory, 'initdb.c'));
  const root = await ensureRoot(helperRecipe(), silent);
  await using host = await openChrootHost(root.name, root.path);
  const target = 'bundle/v15/initdb';
  await runBuildTool(host, directory, [
    '/usr/bin/gcc',
    '-static',
    `-DNEEDS=${String(needs)}`,
    '-o',
    target,
    'initdb.c',
  ]);
  await copyFile(join(folder, 'initdb'), join(folder, 'postgres'));
  return openBundle(join(directory, 'bundle'), silent);
}

const codes = [
  'static-needs-passwd',
  'static-needs-shell',
  'static-needs-locales',
  'static-needs-share',
  'static-needs-modules',
] as const;

test('an initdb in an empty root is given what it needs, one by one, and each is found: {$self} of them')
  .with([0, 1, 2, 3, 4, 5])
  .run(async ({ assert }, needs) => {
    await using scratch = await temporaryDirectory('a test of what static programs need');
    const bundle = await needyBundle(scratch.path, needs);
    assert.equal(bundle.layout, 'static');
    const root = await ensureRoot(helperRecipe(), silent);
    await using host = await openChrootHost(root.name, root.path);
    const work = join(scratch.path, 'work');
    await mkdir(work);
    const subject = { bundle, major: 15, host, scratch: work, answerTimeoutMs: 60_000 };
    const { findings, notes } = await discoverStaticNeeds(subject, ['--no-sync'], silent);
    assert.deepEqual(
      findings.map(({ code }) => code),
      codes.slice(0, needs),
    );
    assert.lengthOf(notes, needs === codes.length ? 0 : 1);
    for (const { message } of findings)
      assert.match(message, /^initdb of v15 \(static\) needs .*; without, it exited with code 1, saying: /);
  });
