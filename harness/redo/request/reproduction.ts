import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { walredoPageSizeBytes } from '../replay/message.ts';
import { writeFailed } from '../tape/write-all.ts';

/** Files of a folder that shows a wrong page with nothing but the bundle. */
export const reproductionFiles = { requests: 'requests', pages: 'pages', script: 'reproduce.sh' } as const;

/** What walredo is asked, and what it must answer. */
export interface Reproduction {
  readonly major: number;
  /** What is shown, in a few words: names of relations may hold anything but lines of their own. */
  readonly title: string;
  /** The bytes for standard input. */
  readonly requests: Buffer;
  /** One page a request. */
  readonly pages: Buffer;
}

/**
 * Writes `requests`, `pages` and `reproduce.sh` into `directory`, which must not exist.
 * @throws RedoubtError `write-failed`.
 */
export function writeReproduction(directory: string, reproduction: Reproduction): void {
  try {
    mkdirSync(directory);
    writeFileSync(join(directory, reproductionFiles.requests), reproduction.requests);
    writeFileSync(join(directory, reproductionFiles.pages), reproduction.pages);
  } catch (error) {
    throw writeFailed(directory, error);
  }
  const judged = Array.from({ length: reproduction.pages.length / walredoPageSizeBytes }, (_, page) => page);
  writeScript(directory, {
    major: reproduction.major,
    title: reproduction.title,
    requestsSha256: createHash('sha256').update(reproduction.requests).digest('hex'),
    pagesFile: reproductionFiles.pages,
    judged,
  });
}

/** What reproduce.sh is made of. */
export interface ReproductionScript {
  readonly major: number;
  readonly title: string;
  readonly requestsSha256: string;
  /** Holds what the pages must be, one for each request. */
  readonly pagesFile: string;
  /** The requests of which that is known, counted from 0, in ascending order. */
  readonly judged: readonly number[];
}

/** Writes `reproduce.sh` beside the requests. Throws RedoubtError `write-failed`. */
export function writeScript(directory: string, script: ReproductionScript): void {
  const path = join(directory, reproductionFiles.script);
  try {
    writeFileSync(path, scriptText(script));
    chmodSync(path, 0o755);
  } catch (error) {
    throw writeFailed(path, error);
  }
}

/** Only a POSIX shell, tar, cmp, sha256sum and, for a bundle with a LAUNCHER, root, chroot and unshare are needed. */
function scriptText({ major, title, requestsSha256, pagesFile, judged }: ReproductionScript): string {
  const comparisons = stretches(judged).map(
    ([first, count]) =>
      `same ${String(first * walredoPageSizeBytes)} ${String(count * walredoPageSizeBytes)}\n`,
  );
  return `#!/bin/sh
# ${title.replaceAll(/[^\x20-\x7e]/g, '?')}
#
#   ./${reproductionFiles.script} BUNDLE     a folder, or a tarball, which is unpacked into a temporary folder
#
# By hand: postgres --wal-redo < ${reproductionFiles.requests} | cmp - ${pagesFile}
# Exits with 0 when the bundle's pages are as they must be, with 1 when not, with 2 when it cannot be said.
set -eu
if [ $# -ne 1 ]; then echo "usage: $0 BUNDLE" >&2; exit 2; fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
fail() { echo "$0: $*" >&2; exit 2; }

bundle=$1
if [ -f "$bundle" ]; then
  mkdir "$work/bundle"
  tar -xf "$bundle" -C "$work/bundle" || fail "cannot unpack $bundle"
  bundle=$work/bundle
  chmod 755 "$work"
fi
if [ -x "$bundle/LAUNCHER" ]; then
  [ "$(id -u)" = 0 ] || fail "a bundle with a LAUNCHER is entered by chroot, which only root can"
  # A pageserver lends it /inout; here that is memory which nobody else sees.
  enter='[ ! -d "$1/inout" ] || mount -t tmpfs -o mode=1777 tmpfs "$1/inout"; shift; exec env -i "$@"'
  set -- "$(command -v unshare)" --mount sh -c "$enter" sh "$bundle" \\
    "$(command -v chroot)" --userspec=65534:65534 "$bundle" /LAUNCHER v${String(major)} postgres
elif [ -x "$bundle/v${String(major)}/bin/postgres" ]; then
  set -- env -i "LD_LIBRARY_PATH=$bundle/v${String(major)}/lib" "$bundle/v${String(major)}/bin/postgres"
elif [ -x "$bundle/v${String(major)}/postgres" ]; then
  set -- env -i "$bundle/v${String(major)}/postgres"
else
  fail "$bundle is no bundle with v${String(major)}"
fi
echo "${requestsSha256}  $here/${reproductionFiles.requests}" | sha256sum --check --status || fail "${reproductionFiles.requests} is not what it was"
"$@" --wal-redo < "$here/${reproductionFiles.requests}" > "$work/answers" || {
  code=$?
  echo "walredo exits with $code" >&2
  [ $code -lt 126 ] || [ $code -gt 127 ] || fail "it cannot be started"
}

different=0
# same FIRST_BYTE BYTES
same() { cmp -i "$1" -n "$2" -- "$work/answers" "$here/${pagesFile}" || different=1; }
${comparisons.join('')}[ $different = 0 ] && echo "the pages are as they must be"
exit $different
`;
}

/** Numbers that follow one another, as the first one and how many. */
function stretches(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && last[0] + last[1] === number) last[1]++;
    else found.push([number, 1]);
  }
  return found;
}
