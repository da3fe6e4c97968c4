import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { execa } from 'execa';

import type { Bundle } from '../../harness/bundle/open.ts';
import { compileNative } from '../../harness/bundle/reference/compile-native.ts';
import { openChrootHost } from '../../harness/host/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { buildRecipe } from '../../harness/host/recipes.ts';
import { ensureRoot } from '../../harness/host/root.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { PageKey } from '../../harness/redo/page-key.ts';
import { ensureWrapper } from './wrapper-build.ts';

/** Which request is hit: the Nth that a process gets (from 1), or each for a page, also after a restart. */
export type FaultyRequest =
  { readonly kind: 'request'; readonly number: number } | { readonly kind: 'page'; readonly key: PageKey };

/** One way in which a bundle is wrong. */
export type Fault =
  | { readonly kind: 'flip-byte'; readonly at: FaultyRequest; readonly offsetBytes: number }
  /** The request's last record is not applied. */
  | { readonly kind: 'skip-record'; readonly at: FaultyRequest }
  | { readonly kind: 'previous-page'; readonly at: FaultyRequest }
  /** The page's LSN is 8 too high. */
  | { readonly kind: 'wrong-lsn'; readonly at: FaultyRequest }
  /** SIGSEGV instead of the answer. */
  | { readonly kind: 'crash'; readonly at: FaultyRequest }
  /** Exit 1 with a message instead of the answer. */
  | { readonly kind: 'exit'; readonly at: FaultyRequest; readonly message: string }
  | { readonly kind: 'hang'; readonly at: FaultyRequest }
  /** Half a page, then exit 0. */
  | { readonly kind: 'cut-short'; readonly at: FaultyRequest }
  /** Eleven bytes behind the last answer. */
  | { readonly kind: 'extra-bytes' }
  | { readonly kind: 'chatter'; readonly at: FaultyRequest; readonly message: string }
  /** The module's allow-list lacks a call, by its number. */
  | { readonly kind: 'seccomp-omits'; readonly systemCall: number }
  | { readonly kind: 'initdb-fails'; readonly message: string }
  /** Initdb works, and also writes a file of this path, outside of --pgdata. */
  | { readonly kind: 'initdb-elsewhere'; readonly path: string }
  /** A pg-install bundle whose pages depend on its host: on where C.UTF-8 sorts an emoji, or on the libc's version. */
  | { readonly kind: 'leak'; readonly from: 'collation' | 'libc-version' };

/**
 * Makes a bundle that is the reference bundle but for one fault, as a folder; what is not changed is hard-linked.
 * Returns `destination`, which must not exist yet.
 */
export async function breakBundle(reference: Bundle, fault: Fault, destination: string): Promise<string> {
  await mkdir(dirname(destination), { recursive: true });
  if (fault.kind === 'leak') {
    await makeLeaky(reference, fault, destination);
    return destination;
  }
  await copyTree(reference.directory, destination);
  if (fault.kind === 'seccomp-omits') await omitSystemCall(destination, fault.systemCall);
  else await wrap(destination, fault);
  return destination;
}

type WrappedFault = Exclude<Fault, { kind: 'leak' | 'seccomp-omits' }>;

async function wrap(directory: string, fault: WrappedFault): Promise<void> {
  const program = fault.kind.startsWith('initdb-') ? 'initdb' : 'postgres';
  const wrapper = await ensureWrapper();
  for (const major of await majorsOf(directory)) {
    const path = join(binaries(directory, major), program);
    await rename(path, `${path}-sound`);
    await copyFile(wrapper.sealed, path);
    await writeFile(`${path}.fault`, [`sound ${program}-sound`, ...faultLines(fault), ''].join('\n'));
  }
}

async function makeLeaky(
  reference: Bundle,
  { from }: Fault & { kind: 'leak' },
  destination: string,
): Promise<void> {
  const wrapper = await ensureWrapper();
  await mkdir(destination);
  await copyTree(reference.directory, join(destination, 'sound'));
  for (const major of await majorsOf(join(destination, 'sound'))) {
    const bin = join(destination, `v${major}`, 'bin');
    await mkdir(bin, { recursive: true });
    for (const program of ['initdb', 'postgres']) {
      await copyFile(wrapper.leaky, join(bin, program));
      await writeFile(
        join(bin, `${program}.fault`),
        [
          'sound ../../sound/LAUNCHER',
          `argument v${major}`,
          `argument ${program}`,
          `kind leak-${from}`,
          '',
        ].join('\n'),
      );
    }
  }
}

async function omitSystemCall(directory: string, systemCall: number): Promise<void> {
  await using work = await temporaryDirectory('compiling a walredo module');
  for (const major of await majorsOf(directory)) {
    const root = await ensureRoot(buildRecipe(major), silent);
    await using host = await openChrootHost(root.name, root.path);
    const native = await compileNative({
      major,
      host,
      workDirectory: join(work.path, String(major)),
      omitSystemCall: systemCall,
    });
    const module = join(directory, `storage/v${major}/lib/postgresql/${major}/lib/redoubt_walredo.so`);
    await rm(module);
    await copyFile(native.module, module);
  }
}

function faultLines(fault: WrappedFault): readonly string[] {
  const kind = `kind ${fault.kind}`;
  switch (fault.kind) {
    case 'flip-byte':
      return [kind, requestLine(fault.at), `offset ${fault.offsetBytes}`];
    case 'skip-record':
    case 'previous-page':
    case 'wrong-lsn':
    case 'crash':
    case 'hang':
    case 'cut-short':
      return [kind, requestLine(fault.at)];
    case 'exit':
    case 'chatter':
      return [kind, requestLine(fault.at), `text ${fault.message}`];
    case 'extra-bytes':
      return [kind];
    case 'initdb-fails':
      return [kind, `text ${fault.message}`];
    case 'initdb-elsewhere':
      return [kind, `text ${fault.path}`];
  }
}

function requestLine(at: FaultyRequest): string {
  if (at.kind === 'request') return `request ${at.number}`;
  const { spcOid, dbOid, relNumber, forkNumber, blockNumber } = at.key;
  const tag = Buffer.alloc(17);
  tag.writeUInt8(forkNumber, 0);
  [spcOid, dbOid, relNumber, blockNumber].forEach((value, index) => tag.writeUInt32BE(value, 1 + 4 * index));
  return `page ${tag.toString('hex')}`;
}

async function majorsOf(directory: string): Promise<readonly number[]> {
  const names = await readdir(join(directory, 'storage'));
  return names.filter((name) => /^v\d+$/.test(name)).map((name) => Number(name.slice(1)));
}

function binaries(directory: string, major: number): string {
  return join(directory, `storage/v${major}/lib/postgresql/${major}/bin`);
}

/** Hard links where that is possible, a copy on another file system. */
async function copyTree(from: string, to: string): Promise<void> {
  const linked = await execa('cp', ['-al', from, to], { reject: false });
  if (!linked.failed) return;
  await rm(to, { recursive: true, force: true });
  await execa('cp', ['-a', from, to]);
}
