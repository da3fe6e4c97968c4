import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { test } from '@japa/runner';

import { isElf, readElfDynamic } from '../../harness/bundle/elf-dynamic.ts';
import { openBundle } from '../../harness/bundle/open.ts';
import { buildReferenceBundle } from '../../harness/bundle/reference/build.ts';
import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { openChrootHost } from '../../harness/host/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { computeRecipe } from '../../harness/host/compute-images.ts';
import { buildRecipe } from '../../harness/host/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejection } from '../host/support/rejection.ts';
import { openReference } from './support/reference.ts';

test.group('the reference bundle', () => {
  test('is built twice from the same packages, with the same bytes', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a bundle');
    const { path, digest } = await ensureReferenceBundle(silent);
    const out = join(scratch.path, 'again.tar.zst');
    const again = await buildReferenceBundle({ majors: [17, 15, 17], out, progress: silent });
    assert.deepEqual(again.majors, [15, 17]);
    assert.equal(again.digest, digest);
    assert.isTrue((await readFile(out)).equals(await readFile(path)));
  });

  test('can be built with gzip and for one major', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a bundle');
    const out = join(scratch.path, 'one.tar.gz');
    await buildReferenceBundle({ majors: [17], out, progress: silent });
    assert.equal((await readFile(out)).readUInt16BE(0), 0x1f8b);
  });

  test('cannot be built for a major that Debian does not have, and leaves nothing', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a bundle');
    const out = join(scratch.path, 'none.tar.zst');
    const error = await rejection(buildReferenceBundle({ majors: [12], out, progress: silent }));
    assert.equal(error.kind, 'usage');
    const none = await rejection(buildReferenceBundle({ majors: [], out, progress: silent }));
    assert.equal(none.code, 'no-majors');
  });

  test('names the packages that went into it, with the versions of its roots', async ({ assert }) => {
    const bundle = await openReference();
    const text = await readFile(join(bundle.directory, 'storage/manifest.json'), 'utf8');
    const manifest = JSON.parse(text) as {
      readonly majors: Readonly<Record<string, { readonly packages: Readonly<Record<string, string>> }>>;
    };
    for (const [major, icu] of [
      [15, 'libicu72'],
      [17, 'libicu76'],
    ] as const) {
      const root = await ensureRoot(computeRecipe(major), silent);
      const packages = manifest.majors[`v${major}`]?.packages ?? {};
      for (const name of [`postgresql-${major}`, 'libc6', 'libc-bin', 'locales-all', 'tzdata', icu]) {
        assert.equal(packages[name], root.packages[name], name);
      }
      assert.notInclude(Object.keys(packages), 'apt');
    }
  });

  test('is found by its digest when it is opened again', async ({ assert }) => {
    const { path, digest } = await ensureReferenceBundle(silent);
    const [first, second] = await Promise.all([openBundle(path, silent), openBundle(path, silent)]);
    assert.deepEqual(first, second);
    assert.equal(first.digest, digest);
  });

  test('holds every library that its programs need, as readelf sees it', async ({ assert }) => {
    const bundle = await openReference();
    for (const major of [15, 17]) {
      const build = await ensureRoot(buildRecipe(major), silent);
      await using host = await openChrootHost(build.name, build.path);
      const tree = `storage/v${major}`;
      for (const file of [
        `${tree}/lib/postgresql/${major}/bin/postgres-server`,
        `${tree}/lib/postgresql/${major}/bin/initdb`,
        `${tree}/lib/libicui18n.so.${major === 15 ? 72 : 76}`,
      ]) {
        const bytes = await readFile(join(bundle.directory, file));
        assert.isTrue(isElf(bytes));
        const { needed, interpreter, rpath } = readElfDynamic(bytes);
        const { stdout } = await host.run({
          argv: ['/usr/bin/readelf', '--dynamic', '--program-headers', '--wide', `/bundle/${file}`],
          mounts: [{ source: bundle.directory, target: '/bundle', readOnly: true }],
        });
        const words = stdout.toString();
        assert.deepEqual(
          needed,
          [...words.matchAll(/Shared library: \[(.*)\]/g)].map(([, name]) => name),
        );
        assert.equal(interpreter, /program interpreter: (.*)\]/.exec(words)?.[1]);
        assert.equal(rpath, /Library rpath: \[(.*)\]/.exec(words)?.[1]);
        for (const name of needed) await readFile(join(bundle.directory, tree, 'lib', name));
        if (basename(file) === 'initdb') assert.equal(interpreter, `/${tree}/lib/ld-linux-x86-64.so.2`);
      }
    }
  });
});
