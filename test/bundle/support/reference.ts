import { chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { launch } from '../../../harness/bundle/launch.ts';
import { type Bundle, openBundle } from '../../../harness/bundle/open.ts';
import { ensureReferenceBundle } from '../../../harness/bundle/reference/ensure.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import type { CompletedProcess, Host, Mount } from '../../../harness/host/engine.ts';
import { silent } from '../../../harness/host/progress.ts';
import { hostRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';

const unprivileged = 65534;

/** The reference bundle of this checkout, unpacked. */
export async function openReference(): Promise<Bundle> {
  return openBundle((await ensureReferenceBundle(silent)).path, silent);
}

/** A host root from the cache of roots. */
export async function openHost(name: string): Promise<Host> {
  return openChrootHost(name, (await ensureRoot(hostRecipe(name), silent)).path);
}

/** A folder that the harness's uid may write, for `/inout`. */
export async function makeInout(directory: string): Promise<string> {
  const path = join(directory, 'inout');
  await mkdir(path);
  await chown(path, unprivileged, unprivileged);
  return path;
}

/** What a walredo process did with these bytes as its input, and what it left in `/inout`. */
export interface WalredoOutcome extends CompletedProcess {
  readonly left: readonly string[];
}

/** Runs walredo of a bundle over some bytes, with nothing writable but `/inout`. */
export async function runWalredo(
  bundle: Bundle,
  major: number,
  host: Host,
  input: Buffer,
  mounts: readonly Mount[] = [],
  wallTimeMs = 60_000,
): Promise<WalredoOutcome> {
  await using scratch = await temporaryDirectory('a walredo test');
  const inout = await makeInout(scratch.path);
  const path = join(scratch.path, 'requests');
  await writeFile(path, input);
  const start = launch(bundle, major, 'postgres', ['--wal-redo']);
  const completed = await host.run({
    ...start,
    mounts: [...(start.mounts ?? []), { source: inout, target: '/inout', readOnly: false }, ...mounts],
    stdin: { kind: 'file', path },
    limits: { wallTimeMs, memoryBytes: 2 ** 30, outputBytes: 2 ** 26 },
  });
  return { ...completed, left: await readdir(inout) };
}

/** Runs initdb of a bundle with a pageserver's options; `directory` gets a folder `inout`, and in it `data`. */
export async function runBundleInitdb(
  bundle: Bundle,
  major: number,
  host: Host,
  directory: string,
  flags: readonly string[] = [],
): Promise<CompletedProcess> {
  const inout = await makeInout(directory);
  const start = launch(bundle, major, 'initdb', [...initdbFlags(major), '--pgdata', '/inout/data', ...flags]);
  return host.run({
    ...start,
    mounts: [...(start.mounts ?? []), { source: inout, target: '/inout', readOnly: false }],
  });
}

/** As a pageserver runs it, but for the data directory; 14 knows no locale provider. */
export function initdbFlags(major: number): readonly string[] {
  return [
    '--encoding=utf8',
    '--locale=C.UTF-8',
    ...(major >= 15 ? [`--locale-provider=${major >= 17 ? 'builtin' : 'libc'}`] : []),
    '--username=cloud_admin',
    '--auth=trust',
    '--no-instructions',
    '--no-sync',
  ];
}
