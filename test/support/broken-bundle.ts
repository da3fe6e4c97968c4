import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { execa } from 'execa';

import type { Bundle } from '../../harness/bundle/open.ts';
import { compileNative } from '../../harness/bundle/reference/compile-native.ts';
import { headersMajor } from '../../harness/bundle/reference/headers.ts';
import { openChrootHost } from '../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../harness/host/progress.ts';
import { buildRecipe } from '../../harness/host/debian/recipes.ts';
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
  /** The second half is the previous answer's. */
  | { readonly kind: 'torn-page'; readonly at: FaultyRequest }
  /** The first two line pointers have changed places. */
  | { readonly kind: 'swap-items'; readonly at: FaultyRequest }
  /** The page's LSN is 8 too high. */
  | { readonly kind: 'wrong-lsn'; readonly at: FaultyRequest }
  /** One byte of each record of a kind is another: counted from its end where the offset is negative. */
  | {
      readonly kind: 'misapply';
      readonly rmgrId: number;
      readonly info: number;
      readonly offsetBytes: number;
    }
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
  /** One byte of a record in the module's self-test is another. */
  | { readonly kind: 'known-page-altered' }
  /** The module of `to` is the one that was built from the headers of `from`, and says that it is for `to`. */
  | { readonly kind: 'foreign-headers'; readonly from: number; readonly to: number }
  | { readonly kind: 'initdb-fails'; readonly message: string }
  /** Initdb works, and also writes a file of this path, outside of --pgdata. */
  | { readonly kind: 'initdb-elsewhere'; readonly path: string }
  /** A pg-install bundle whose pages depend on its host: on where C.UTF-8 sorts an emoji, or on the libc's version. */
  | { readonly kind: 'leak'; readonly from: 'collation' | 'libc-version' };

/** What most tests break: a fault shows as well in one major, and its copy is made in a second. */
const usualMajors: readonly number[] = [17];

/**
 * Makes a bundle that is the reference bundle, cut down to some majors, but for one fault, as a folder; what is not
 * changed is hard-linked. Returns `destination`, which must not exist yet.
 */
export async function breakBundle(
  reference: Bundle,
  fault: Fault,
  destination: string,
  majors: readonly number[] = usualMajors,
): Promise<string> {
  await mkdir(dirname(destination), { recursive: true });
  if (fault.kind === 'leak') {
    await makeLeaky(reference, fault, destination, majors);
    return destination;
  }
  await copyBundle(reference.directory, destination, majors);
  switch (fault.kind) {
    case 'seccomp-omits':
      await omitSystemCall(destination, fault.systemCall);
      break;
    case 'known-page-altered':
      for (const major of await majorsOf(destination))
        await alterKnownPage(walredoModule(destination, major));
      break;
    case 'foreign-headers':
      await takeForeignModule(destination, fault.from, fault.to);
      break;
    default:
      await wrap(destination, fault);
  }
  return destination;
}

type WrappedFault = Exclude<
  Fault,
  { kind: 'foreign-headers' | 'known-page-altered' | 'leak' | 'seccomp-omits' }
>;

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
  majors: readonly number[],
): Promise<void> {
  const wrapper = await ensureWrapper();
  await mkdir(destination);
  await copyBundle(reference.directory, join(destination, 'sound'), majors);
  for (const major of majors) {
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
    const root = await ensureRoot(buildRecipe(headersMajor(major)), silent);
    await using host = await openChrootHost(root.name, root.path);
    const native = await compileNative({
      major,
      host,
      workDirectory: join(work.path, String(major)),
      omitSystemCall: systemCall,
    });
    await replaceFile(walredoModule(directory, major), await readFile(native.module));
  }
}

/** A word of the workload that the known pages come from (corpora/workloads/known-pages). */
const knownWord = 'alphabet';

async function alterKnownPage(module: string): Promise<void> {
  const bytes = await readFile(module);
  const at = bytes.indexOf(knownWord);
  if (at < 0) throw new Error(`${module} does not hold the word ${knownWord} of the known pages`);
  bytes.write('A', at, 'latin1');
  await replaceFile(module, bytes);
}

/** The head of Pg_magic_struct (fmgr.h of 15 to 17): its size, the major times 100, and FUNC_MAX_ARGS. */
function magic(major: number): Buffer {
  const bytes = Buffer.alloc(12);
  [56, major * 100, 100].forEach((value, index) => bytes.writeInt32LE(value, 4 * index));
  return bytes;
}

async function takeForeignModule(directory: string, from: number, to: number): Promise<void> {
  const bytes = await readFile(walredoModule(directory, from));
  const at = bytes.indexOf(magic(from));
  if (at < 0) throw new Error(`the module of ${from} does not say in which server it belongs`);
  magic(to).copy(bytes, at);
  await replaceFile(walredoModule(directory, to), bytes);
}

/** A new file: the old one has the reference bundle's bytes under another name. */
async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  await rm(path);
  await writeFile(path, bytes, { mode: 0o755 });
}

/** The walredo module of a major in an unpacked reference bundle: where Debian's server has its modules, or npm's. */
export function walredoModule(directory: string, major: number): string {
  const installation = join(directory, `storage/v${major}/lib/postgresql/${major}/lib`);
  const path = join(installation, 'redoubt_walredo.so');
  return existsSync(path) ? path : join(installation, 'postgresql', 'redoubt_walredo.so');
}

function faultLines(fault: WrappedFault): readonly string[] {
  const kind = `kind ${fault.kind}`;
  switch (fault.kind) {
    case 'flip-byte':
      return [kind, requestLine(fault.at), `offset ${fault.offsetBytes}`];
    case 'misapply':
      return [kind, `rmgr ${fault.rmgrId}`, `info ${fault.info}`, `offset ${fault.offsetBytes}`];
    case 'skip-record':
    case 'previous-page':
    case 'torn-page':
    case 'swap-items':
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

/** Where the programs of a major are in an unpacked reference bundle. */
export function binaries(directory: string, major: number): string {
  return join(directory, `storage/v${major}/lib/postgresql/${major}/bin`);
}

/** A bundle without its other majors. */
export async function copyBundle(from: string, to: string, majors: readonly number[]): Promise<void> {
  await mkdir(join(to, 'storage'), { recursive: true });
  for (const name of await readdir(from)) {
    if (name !== 'storage') await copyTree(join(from, name), join(to, name));
  }
  for (const name of await readdir(join(from, 'storage'))) {
    if (!name.startsWith('v') || majors.includes(Number(name.slice(1))))
      await copyTree(join(from, 'storage', name), join(to, 'storage', name));
  }
}

/** Hard links where that is possible, a copy on another file system. */
async function copyTree(from: string, to: string): Promise<void> {
  const linked = await execa('cp', ['-al', from, to], { reject: false });
  if (!linked.failed) return;
  await rm(to, { recursive: true, force: true });
  await execa('cp', ['-a', from, to]);
}
