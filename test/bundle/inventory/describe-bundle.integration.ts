import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { takeInventory } from '../../../harness/bundle/inventory/bundle-inventory.ts';
import { describeBundle, type MajorDescription } from '../../../harness/bundle/inventory/describe-bundle.ts';
import { FolderTree } from '../../../harness/bundle/inventory/folder-tree.ts';
import { launch } from '../../../harness/bundle/launch.ts';
import type { Bundle } from '../../../harness/bundle/open.ts';
import { computeRecipe } from '../../../harness/host/compute-images.ts';
import type { Host } from '../../../harness/host/engine.ts';
import { silent } from '../../../harness/host/progress.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { openHost, openReference, runBundleInitdb } from '../support/reference.ts';

/* What is read in the files of a bundle is what its servers say when they run. */

const majors: readonly number[] = [14, 17];

const query = [
  "SELECT json_build_object('version', version(),",
  "'catalog', (SELECT catalog_version_no FROM pg_control_system()),",
  "'configuration', (SELECT setting FROM pg_config() WHERE name = 'CONFIGURE'),",
  "'block', current_setting('block_size')::int, 'walBlock', current_setting('wal_block_size')::int,",
  "'segment', pg_size_bytes(current_setting('segment_size')),",
  "'icu', (SELECT collversion FROM pg_collation WHERE collname = 'en-x-icu'),",
  "'libc', (SELECT pg_collation_actual_version(oid) FROM pg_collation WHERE collname = 'de_DE.utf8' LIMIT 1))",
].join(' ');

interface Said {
  readonly version: string;
  readonly catalog: number;
  readonly configuration: string;
  readonly block: number;
  readonly walBlock: number;
  readonly segment: number;
  readonly icu: string;
  readonly libc: string;
}

test.group('describeBundle', () => {
  for (const major of majors) {
    test(`tells of ${String(major)} what its server says when it runs`, async ({ assert }) => {
      const bundle = await openReference();
      await using host = await openHost('debian:12');
      const described = description(bundle, major);
      const said = await ask(bundle, major, host);
      const { server, collationVersions } = described;
      assert.equal(
        said.version,
        `PostgreSQL ${server.version} on ${server.platform}, compiled by ${server.compiler}, 64-bit`,
      );
      assert.equal(server.catalogVersion, said.catalog);
      assert.equal(server.configuration, said.configuration.trim());
      assert.deepEqual(
        [server.blockBytes, server.walBlockBytes, server.segmentBytes],
        [said.block, said.walBlock, said.segment],
      );
      assert.deepEqual(collationVersions, { libc: said.libc, icuRoot: said.icu });
      assert.include(described.locales.names, 'de_DE.utf8');
    });
  }
});

test.group('describeBundle of a distro', () => {
  test("names the packages of dpkg's records as the owners of libraries", async ({ assert }) => {
    const { path, packages } = await ensureRoot(computeRecipe(17), silent);
    const { majors } = describeBundle(takeInventory('chroot', new FolderTree(path)), {
      source: path,
      digest: '',
    });
    const [major] = majors;
    const icu = major?.libraries.find(({ soname }) => soname === 'libicuuc.so.76');
    assert.deepEqual(icu?.package, {
      name: 'libicu76',
      version: packages['libicu76'],
      distro: 'debian',
      suite: 'trixie',
    });
    assert.equal(icu?.version, '76.1');
    assert.deepEqual(
      major?.libraries.filter((library) => library.package === null).map(({ soname }) => soname),
      [],
    );
    assert.deepEqual(
      Object.fromEntries(major?.packages.map(({ name, version }) => [name, version]) ?? []),
      packages,
    );
  });
});

function description({ directory, source, digest }: Bundle, major: number): MajorDescription {
  const { majors } = describeBundle(takeInventory('chroot', new FolderTree(directory)), { source, digest });
  const found = majors.find((each) => each.major === major);
  if (found === undefined) throw new Error(`no server of ${String(major)}`);
  return found;
}

async function ask(bundle: Bundle, major: number, host: Host): Promise<Said> {
  await using scratch = await temporaryDirectory('a server that is asked');
  const initdb = await runBundleInitdb(bundle, major, host, scratch.path);
  if (initdb.ending.kind !== 'exited' || initdb.ending.exitCode !== 0) throw new Error(initdb.stderr);
  const statements = join(scratch.path, 'statements');
  await writeFile(statements, `COPY (${query}) TO '/inout/said'\n`);
  const inout = join(scratch.path, 'inout');
  const start = launch(bundle, major, 'postgres', [
    '--single',
    '-D',
    '/inout/data',
    '-c',
    'fsync=off',
    'template1',
  ]);
  const { stderr } = await host.run({
    ...start,
    mounts: [...(start.mounts ?? []), { source: inout, target: '/inout', readOnly: false }],
    stdin: { kind: 'file', path: statements },
  });
  const text = await readFile(join(inout, 'said'), 'utf8').catch(() => {
    throw new Error(stderr);
  });
  // COPY writes a backslash as two.
  return JSON.parse(text.replaceAll('\\\\', '\\')) as Said;
}
