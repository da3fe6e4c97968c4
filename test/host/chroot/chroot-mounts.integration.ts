import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { rejection } from '../support/rejection.ts';
import { debianHost, openToAll, putBusybox, shell } from '../support/shared-host.ts';

test.group('mounts', (group) => {
  let source: Awaited<ReturnType<typeof temporaryDirectory>>;
  group.each.setup(async () => {
    source = await temporaryDirectory('mounts');
    await mkdir(join(source.path, 'open'), { mode: 0o777 });
    await openToAll(source.path);
    return async () => {
      await source[Symbol.asyncDispose]();
    };
  });

  test('a read-write folder can be written, a read-only one cannot', async ({ assert }) => {
    const open = join(source.path, 'open');
    const write = 'echo hello > /inout/file && cat /inout/file';
    assert.equal(
      (await shell(write, { mounts: [{ source: open, target: '/inout', readOnly: false }] })).stdout,
      'hello',
    );
    const { ending, stderr } = await shell(write, {
      mounts: [{ source: open, target: '/inout', readOnly: true }],
    });
    assert.deepEqual(ending, { kind: 'exited', exitCode: 2 });
    assert.include(stderr, 'Read-only file system');
  });

  test('a single file', async ({ assert }) => {
    const { stdout } = await shell('cat /etc/passwd', {
      mounts: [{ source: join(source.path, 'file'), target: '/etc/passwd', readOnly: true }],
    });
    assert.equal(stdout, 'content');
  });

  test('at a place that the root lacks, with everything around it still there', async ({ assert }) => {
    const { stdout } = await shell(
      'ls /var/lib/new/place; test -d /var/lib/dpkg && touch /var/lib/rw/x && ls /var/lib/rw; touch /var/lib/dpkg/x 2>/dev/null',
      {
        mounts: [
          { source: join(source.path, 'open'), target: '/var/lib/rw', readOnly: false },
          { source: source.path, target: '/var/lib/new/place', readOnly: true },
        ],
      },
    );
    assert.equal(stdout, 'file\nopen\nx');
  });

  test('never through a link: {target}')
    .with([
      { target: '/bin/x' },
      { target: '/bin' },
      { target: '/usr/../etc' },
      { target: '/usr/bin/perl/x' },
    ])
    .run(async ({ assert }, { target }) => {
      const error = await rejection(
        shell('true', { mounts: [{ source: source.path, target, readOnly: true }] }),
      );
      assert.equal(error.code, 'setup-failed');
      assert.equal(error.details['step'], 'mount target');
    });

  test('a source that is not there is named', async ({ assert }) => {
    const missing = join(source.path, 'missing');
    const error = await rejection(
      shell('true', { mounts: [{ source: missing, target: '/inout', readOnly: true }] }),
    );
    assert.equal(error.code, 'setup-failed');
    assert.equal(error.details['path'], missing);
  });
});

test.group('a chroot into a bundle', (group) => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  group.each.setup(async () => {
    directory = await temporaryDirectory('a bundle');
    await putBusybox(join(directory.path, 'bundle'));
    await mkdir(join(directory.path, 'out'), { mode: 0o777 });
    await openToAll(directory.path);
    return async () => {
      await directory[Symbol.asyncDispose]();
    };
  });

  test('sees the bundle, three devices and its mounts, and nothing of the host', async ({ assert }) => {
    await using host = await debianHost();
    const { stdout, ending } = await host.run({
      argv: [
        '/busybox',
        'sh',
        '-c',
        'busybox() { /busybox "$@"; }; busybox find / | busybox sort; echo x > /inout/y; echo x > /z',
      ],
      chroot: join(directory.path, 'bundle'),
      mounts: [{ source: join(directory.path, 'out'), target: '/inout', readOnly: false }],
    });
    assert.equal(stdout.toString(), '/\n/busybox\n/dev\n/dev/null\n/dev/urandom\n/dev/zero\n/inout\n');
    assert.deepEqual(ending, { kind: 'exited', exitCode: 1 });
  });

  test('a bundle whose /inout is a link does not lead out', async ({ assert }) => {
    await symlink(directory.path, join(directory.path, 'bundle', 'inout'));
    await using host = await debianHost();
    const error = await rejection(
      host.run({
        argv: ['/busybox', 'true'],
        chroot: join(directory.path, 'bundle'),
        mounts: [{ source: join(directory.path, 'out'), target: '/inout', readOnly: false }],
      }),
    );
    assert.equal(error.details['step'], 'mount target');
    assert.equal(error.details['errno'], 'ELOOP');
  });
});
