import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { binaries, copyBundle } from '../../support/broken-bundle.ts';
import { Breakable } from '../../support/broken-files.ts';

/** A way in which a bundle's initdb is wrong. */
export type InitdbFault =
  /** What the bundle lacks: a path in its tree, `%` for the major. */
  | { readonly kind: 'lacks'; readonly path: string }
  /** Lines of shell around the sound initdb or another program, which is `sound`; `data` is the data directory. */
  | { readonly kind: 'script'; readonly lines: readonly string[]; readonly program?: 'initdb' | 'postgres' };

/** Makes a reference bundle of one major that has one fault, in a folder that must not exist yet. */
export async function breakInitdb(
  reference: string,
  major: number,
  fault: InitdbFault,
  destination: string,
): Promise<string> {
  await copyBundle(reference, destination, [major]);
  if (fault.kind === 'lacks') {
    await rm(join(destination, fault.path.replace('%', String(major))), { recursive: true });
    return destination;
  }
  const { lines, program = 'initdb' } = fault;
  const path = join(binaries('', major), program);
  const bundle = new Breakable(destination);
  await bundle.move(path, `${path}-sound`);
  await bundle.write(path, script(lines, program), 0o755);
  return destination;
}

/** A root of a chroot bundle has no PATH and no tools but busybox. */
function script(lines: readonly string[], program: string): string {
  return [
    '#!/bin/sh',
    'set -e',
    'here=${0%/*}',
    'data=/inout/data',
    'tool() { /storage/busybox "$@"; }',
    `sound() { "$here/${program}-sound" "$@"; }`,
    'statement() { echo "$1" | "$here/postgres" --single -D $data template1 > /dev/null; }',
    ...lines,
    '',
  ].join('\n');
}
