import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { referenceMajors } from '../../harness/bundle/reference/build.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import type { Host } from '../../harness/host/engine.ts';
import { silent } from '../../harness/host/progress.ts';
import { buildRecipe } from '../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { initdbFlags, makeInout, openHost, openReference } from './support/reference.ts';

/** Where the build root's strace and its libraries appear in the bundle while it is watched. */
const tracer = '/tracer/usr';
const tracerLibraries = `${tracer}/lib/x86_64-linux-gnu`;

interface TracedCall {
  readonly name: string;
  readonly path: string;
  readonly succeeded: boolean;
}

/** Every call with a path that the process and its children made (strace -f -e trace=%file). */
async function trace(bundle: Bundle, host: Host, args: readonly string[]): Promise<readonly TracedCall[]> {
  await using scratch = await temporaryDirectory('a trace');
  const inout = await makeInout(scratch.path);
  const build = await ensureRoot(buildRecipe(15), silent);
  const { ending, stderr } = await host.run({
    argv: [
      `${tracerLibraries}/ld-linux-x86-64.so.2`,
      '--library-path',
      tracerLibraries,
      `${tracer}/bin/strace`,
      '-f',
      '-qq',
      '-s',
      '4096',
      '-e',
      'trace=%file',
      '-o',
      '/inout/trace',
      '/LAUNCHER',
      ...args,
    ],
    chroot: bundle.directory,
    mounts: [
      { source: join(build.path, 'usr'), target: tracer, readOnly: true },
      { source: inout, target: '/inout', readOnly: false },
    ],
  });
  if (ending.kind !== 'exited' || ending.exitCode !== 0)
    throw new Error(`the traced program failed: ${stderr}`);
  return parseTrace(await readFile(join(inout, 'trace'), 'utf8'));
}

/** `12 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3`; paths that are not absolute are the data directory's. */
function parseTrace(text: string): readonly TracedCall[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\d+ +(\w+)\((?:AT_FDCWD, )?"(\/[^"]*)".* = (-?\d+)/.exec(line);
    const [, name, path, result] = match ?? [];
    if (name === undefined || path === undefined) return [];
    return [{ name, path, succeeded: !result?.startsWith('-') }];
  });
}

/** What a bundle of one major may touch: its own tree, and what the bundle's interface puts at fixed places. */
function isOwn(path: string, major: number): boolean {
  return (
    [
      '/',
      '/LAUNCHER',
      '/bin/sh',
      '/storage',
      '/dev/null',
      '/dev/urandom',
      '/etc/group',
      '/etc/nsswitch.conf',
      '/etc/passwd',
    ].includes(path) ||
    path === `/storage/v${major}` ||
    path.startsWith(`/storage/v${major}/`) ||
    path === '/inout' ||
    path.startsWith('/inout/')
  );
}

function isOfAnother(path: string, major: number): boolean {
  return /^\/storage\/v\d/.test(path) && !`${path}/`.startsWith(`/storage/v${major}/`);
}

for (const major of referenceMajors) {
  test.group(`isolation of ${major} in the reference bundle`, (group) => {
    let bundle: Bundle;
    let host: Host;
    group.setup(async () => {
      bundle = await openReference();
      host = await openHost('debian:12');
    });
    group.teardown(async () => {
      await host[Symbol.asyncDispose]();
    });

    const programs: readonly (readonly [string, readonly string[]])[] = [
      [
        'initdb',
        [
          `v${major}`,
          'initdb',
          ...initdbFlags(major),
          ...(major >= 15 ? ['--locale-provider=libc'] : []),
          '--locale=de_DE.UTF-8',
          '--pgdata=/inout/data',
        ],
      ],
      ['walredo', [`v${major}`, 'postgres', '--wal-redo']],
      ['--version', [`v${major}`, 'postgres', '--version']],
    ];
    test('{0} uses files of its own tree alone')
      .with([...programs])
      .run(async ({ assert }, [, args]) => {
        const calls = await trace(bundle, host, args);
        const opened = calls.filter(({ succeeded }) => succeeded);
        assert.isAbove(opened.filter(({ path }) => path.startsWith(`/storage/v${major}/lib/`)).length, 5);
        assert.isEmpty(opened.filter(({ path }) => !isOwn(path, major)));
        assert.isEmpty(
          calls.filter(({ path }) => isOfAnother(path, major)),
          'not even a look at another major',
        );
      });
  });
}

test('the trace would show a file of another major', async ({ assert }) => {
  await using host = await openHost('debian:12');
  const calls = await trace(await openReference(), host, ['v15', 'postgres', '--version']);
  assert.isNotEmpty(calls.filter(({ path, succeeded }) => succeeded && !isOwn(path, 17)));
  assert.isNotEmpty(parseTrace('7 openat(AT_FDCWD, "/storage/v17/lib/libc.so.6", O_RDONLY|O_CLOEXEC) = 3'));
});
