import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { test } from '@japa/runner';

import { chooseComputeImages } from '../../../harness/gate/inputs/compute-image.ts';
import { openGivenCompute } from '../../../harness/gate/inputs/given-compute.ts';
import { silent } from '../../../harness/host/progress.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { putBusybox } from '../../host/support/shared-host.ts';
import { rejectionOf } from '../../support/error-code.ts';

test.group('compute images that are given', (group) => {
  let place: TemporaryDirectory;
  let made = 0;
  group.each.setup(async () => {
    place = await temporaryDirectory('compute images');
    return async () => {
      await place[Symbol.asyncDispose]();
    };
  });

  /** A root in which programs of these paths say that they are servers of these versions. */
  async function rootWith(servers: Readonly<Record<string, string>>, files: readonly string[] = []) {
    const root = join(place.path, `root-${String(made++)}`);
    await putBusybox(root);
    await mkdir(join(root, 'bin'));
    await cp(join(root, 'busybox'), join(root, 'bin/sh'));
    for (const [path, version] of Object.entries(servers)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), `#!/bin/sh\necho "postgres (PostgreSQL) ${version}"\n`);
      await chmod(join(root, path), 0o755);
    }
    for (const path of files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), '');
    }
    return root;
  }

  const layouts = [
    { what: "Debian's packages", path: '/usr/lib/postgresql/17/bin/postgres' },
    { what: "PGDG's packages on RHEL", path: '/usr/pgsql-17/bin/postgres' },
    { what: 'docker-library, Alpine or Debian', path: '/usr/local/bin/postgres' },
    { what: "SUSE's packages", path: '/usr/lib/postgresql17/bin/postgres' },
    { what: "Alpine's packages", path: '/usr/libexec/postgresql17/postgres' },
    { what: "PostgreSQL's own prefix", path: '/usr/local/pgsql/bin/postgres' },
    { what: 'a plain prefix', path: '/usr/bin/postgres' },
  ];

  test('find their server in the layout of {what}')
    .with(layouts)
    .run(async ({ assert }, { path }) => {
      const root = await rootWith({ [path]: '17.5 (Debian 17.5-1)' });
      const given = await openGivenCompute(`mine=${root}`, silent);
      assert.deepEqual(
        given.map(({ name, major }) => [name, major]),
        [['mine', 17]],
      );
      const [image] = chooseComputeImages(`mine=${root}`, given);
      assert.equal((await ensureRoot(image!.recipe, silent)).path, root);
    });

  test('with servers of several majors are one of each, beside images with names', async ({ assert }) => {
    const root = await rootWith({
      '/usr/lib/postgresql/15/bin/postgres': '15.13',
      '/usr/lib/postgresql/17/bin/postgres': '17.5',
      '/usr/local/bin/postgres': '17.4',
    });
    const typed = `npm:16,mine=${root}`;
    const images = chooseComputeImages(typed, await openGivenCompute(typed, silent));
    assert.deepEqual(
      images.map(({ name, major }) => [name, major]),
      [
        ['mine', 15],
        ['npm:16.14', 16],
        ['mine', 17],
      ],
    );
    const error = await rejectionOf(
      openGivenCompute(typed, silent).then((given) => chooseComputeImages(`npm:17,${typed}`, given)),
    );
    assert.equal(error.code, 'two-compute-images');
  });

  test('without a server, and with one whose WAL is not vanilla, are refused', async ({ assert }) => {
    const none = await rootWith({});
    assert.equal((await rejectionOf(openGivenCompute(`mine=${none}`, silent))).code, 'no-server-program');
    const neon = await rootWith({ '/usr/local/bin/postgres': '17.5' }, ['/usr/local/lib/neon.so']);
    const error = await rejectionOf(openGivenCompute(`mine=${neon}`, silent));
    assert.equal(error.kind, 'usage');
    assert.equal(error.code, 'compute-flavour');
    assert.match(error.message, /mine has Neon's build of PostgreSQL 17 \(\/usr\/local\/lib\/neon\.so\)/);
    const missing = await rejectionOf(openGivenCompute('mine=/no/such/archive', silent));
    assert.equal(missing.code, 'no-such-archive');
  });
});
