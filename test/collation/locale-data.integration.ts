import { chmod, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { driftBetween } from '../../harness/collation/drift.ts';
import {
  type CollationEnvironment,
  defaultLocaleDirectory,
  rootEnvironment,
} from '../../harness/collation/environment.ts';
import { LocaleData } from '../../harness/collation/locale-data.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { hostRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';

const names = ['C.UTF-8', 'de_DE', 'en_US.utf8', 'sv_SE.utf8'];

/** The distro with these locales alone, in an archive that its own localedef makes. */
async function withArchive(folders: CollationEnvironment, directory: string): Promise<CollationEnvironment> {
  const [copies, made] = [join(directory, 'folders'), join(directory, 'archive')];
  // localedef takes no links, of which Debian's folders are full.
  for (const name of names)
    await cp(join(folders.rootPath, defaultLocaleDirectory, name), join(copies, name), {
      recursive: true,
      dereference: true,
    });
  await mkdir(made);
  await chmod(directory, 0o755);
  await using host = await openChrootHost(folders.name, folders.rootPath);
  const places = names.map((name) => `/folders/${name}`);
  const { ending, stderr } = await host.run({
    argv: ['/usr/bin/localedef', '--add-to-archive', ...places],
    uid: 0,
    gid: 0,
    mounts: [
      { source: made, target: defaultLocaleDirectory, readOnly: false },
      { source: copies, target: '/folders', readOnly: true },
    ],
  });
  if (ending.kind !== 'exited' || ending.exitCode !== 0) throw new Error(`localedef: ${stderr}`);
  return {
    ...folders,
    name: 'an archive',
    mounts: [{ source: made, target: defaultLocaleDirectory, readOnly: true }],
  };
}

async function debian(name: string): Promise<CollationEnvironment> {
  return rootEnvironment(name, (await ensureRoot(hostRecipe(name), silent)).path);
}

test.group("locales in glibc's archive", () => {
  test('are found with the data that their folders have, and sweep as those do', async ({ assert }) => {
    await using scratch = await temporaryDirectory('an archive of locales');
    const folders = await debian('debian:11');
    const archive = await withArchive(folders, scratch.path);
    const [ofFolders, ofArchive] = [await LocaleData.open(folders), await LocaleData.open(archive)];
    assert.includeMembers([...ofArchive.names], ['C.utf8', 'de_DE', 'en_US.utf8', 'sv_SE.utf8']);
    for (const name of names) {
      const digest = await ofArchive.collationDigest(name);
      assert.isNotNull(digest, name);
      assert.equal(digest, await ofFolders.collationDigest(name), name);
    }
    const { locales } = await driftBetween({
      from: archive,
      to: await debian('debian:12'),
      providers: ['libc'],
      locales: ['C.UTF-8', 'en_US.UTF-8', 'de_DE.iso88591', 'sv_SE.UTF-8'],
      quick: true,
      progress: silent,
    });
    assert.sameDeepMembers(
      locales.map(({ locale, encoding, order, alarm }) => [locale, encoding, order, alarm]),
      [
        ['C.UTF-8', 'UTF8', 'changed', 'silent'],
        ['de_DE.iso88591', 'LATIN1', 'same', 'false alarm'],
        ['en_US.UTF-8', 'UTF8', 'same', 'false alarm'],
        ['sv_SE.UTF-8', 'UTF8', 'changed', 'warned'],
      ],
    );
  });
});
