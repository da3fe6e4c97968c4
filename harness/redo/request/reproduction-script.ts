import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { walredoPageSizeBytes } from '../replay/message.ts';
import { writeFailed } from '../tape/write-all.ts';

/** What the script of a reproduction is made of. */
export interface ReproductionScript {
  readonly major: number;
  /** What is shown, in a few words. */
  readonly title: string;
  /** What differed when it was found, a line each. */
  readonly differences: readonly string[];
  readonly requestsFile: string;
  readonly requestsSha256: string;
  /** All requests of that file. */
  readonly requests: number;
  /** Holds what the pages must be, one for each request. */
  readonly pagesFile: string;
  /** The requests of which that is known, counted from 0, in ascending order. */
  readonly judged: readonly number[];
  /** Of what came back when it was found; undefined where that is not known. */
  readonly foundSha256: string | undefined;
  /** The archive, a gzipped tar, that both files are in; undefined where they lie beside the script. */
  readonly packedFile?: string;
}

/** Its name in the folder. */
export const reproductionScriptFile = 'reproduce.sh';

/** The text of `reproduce.sh`. */
export function reproductionScript(script: ReproductionScript): string {
  return [head(script), programOfBundle(script.major), judgement(script)].join('\n');
}

/** Writes `reproduce.sh` beside the requests. Throws RedoubtError `write-failed`. */
export function writeReproductionScript(directory: string, script: ReproductionScript): void {
  const path = join(directory, reproductionScriptFile);
  try {
    writeFileSync(path, reproductionScript(script));
    chmodSync(path, 0o755);
  } catch (error) {
    throw writeFailed(path, error);
  }
}

/**
 * Only a POSIX shell, tar, cmp and what every system has beside them are needed, gzip if the files are packed; a sum is
 * checked where there is sha256sum.
 */
function head({ title, differences, judged, ...files }: ReproductionScript): string {
  const { requestsFile, requestsSha256, pagesFile, packedFile } = files;
  const unpack = packedFile === undefined ? '' : `tar -xzf ${packedFile} && `;
  return `#!/bin/sh
${[title, ...differences.map((line) => `  ${line}`)].map((line) => `# ${inComment(line)}\n`).join('')}#
# ./${reproductionScriptFile} BUNDLE (a folder or a tarball)
# By hand: ${unpack}postgres --wal-redo < ${requestsFile}${judged.length === 0 ? '' : ` | cmp - ${pagesFile}`}
# Exits with 0 for pages as they must be, with 1 for others, with 2 when it cannot be said.
set -eu
fail() { echo "$0: $*" >&2; exit 2; }
[ $# -eq 1 ] || fail "usage: $0 BUNDLE"
for tool in chmod cmp dirname env ${packedFile === undefined ? '' : 'gzip '}id mkdir mktemp rm tar; do
  command -v $tool > /dev/null || fail "there is no $tool here"
done
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
case $1 in /*) bundle=$1 ;; *) bundle=$PWD/$1 ;; esac
[ -e "$bundle" ] || fail "there is no $1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
chmod 755 "$work"
${packedFile === undefined ? 'files=$here' : unpacking(packedFile)}
sum() { ! command -v sha256sum > /dev/null || sha256sum < "$1"; }
case $(sum "$files/${requestsFile}") in
  '' | ${requestsSha256}*) ;;
  *) fail "${requestsFile} is not what it was" ;;
esac
copy=$work/bundle
if [ ! -d "$bundle" ]; then
  mkdir "$copy"
  tar -xf "$bundle" -C "$copy" || fail "cannot unpack $1: unpack it by other means and name the folder"
  bundle=$copy
fi
`;
}

function unpacking(packedFile: string): string {
  return `files=$work/files
mkdir "$files"
tar -xzf "$here/${packedFile}" -C "$files" || fail "cannot unpack ${packedFile}"`;
}

/** Makes the words of the script those that start walredo: as a pageserver does, and as nobody when root asks. */
function programOfBundle(major: number): string {
  const version = `v${String(major)}`;
  return `# Mounts what only the program sees, and becomes the program.
seen='mount $1 "$2" "$3" || exit 126; shift 3; exec "$@"'
mounts=
! unshare --mount true 2> /dev/null || mounts=yes
asNobody="env -i $(command -v chroot || echo chroot) --userspec=65534:65534"
$asNobody / "$(command -v env)" > /dev/null 2>&1 || asNobody=
if [ -x "$bundle/LAUNCHER" ]; then
  [ "$asNobody" ] || fail "a bundle with a LAUNCHER is entered by chroot, which only root can, with that of GNU"
  set -- $asNobody "$bundle" /LAUNCHER ${version} postgres
  # A pageserver lends it /inout: memory here, or its own folder in a copy.
  if [ ! -d "$bundle/inout" ]; then :
  elif [ "$mounts" ]; then set -- unshare --mount sh -c "$seen" sh '-t tmpfs -o mode=1777' tmpfs "$bundle/inout" "$@"
  elif [ "$bundle" = "$copy" ]; then chmod 1777 "$bundle/inout"
  else fail "nothing can be mounted here: give the bundle as a tarball"
  fi
else
  for postgres in ${version}/bin/postgres ${version}/postgres ''; do [ ! -f "$bundle/$postgres" ] || break; done
  [ "$postgres" ] || fail "$1 is no bundle with ${version}"
  place=$bundle
  # Where the bundle lies, nobody may not be let in.
  if [ "$asNobody" ] && [ "$mounts" ] && [ "$bundle" != "$copy" ]; then
    place=$copy
    mkdir "$place"
  fi
  set -- "$(command -v env)" -i "LD_LIBRARY_PATH=$place/${version}/lib" "$place/$postgres"
  [ ! "$asNobody" ] || set -- $asNobody / "$@"
  [ "$place" = "$bundle" ] || set -- unshare --mount sh -c "$seen" sh --bind "$bundle" "$place" "$@"
fi
`;
}

function judgement(script: ReproductionScript): string {
  const { requestsFile, judged } = script;
  return `different=0
code=0
"$@" --wal-redo < "$files/${requestsFile}" > "$work/answers" || code=$?
case $code in
  0) ;;
  125 | 126 | 127) fail "walredo cannot be started" ;;
  *) echo "walredo exits with $code" >&2; different=1 ;;
esac
${judged.length === 0 ? onlyCounted(script) : compared(script)}`;
}

/** Nothing says what the pages must be, but there must be pages. */
function onlyCounted({ requests }: ReproductionScript): string {
  return `pages=$(($(wc -c < "$work/answers") / ${String(walredoPageSizeBytes)}))
echo "$pages of ${String(requests)} pages came back"
[ $different = 0 ] && [ $pages = ${String(requests)} ] || exit 1
fail "nothing here says what they must be: compare the bundle with another one"
`;
}

function compared({ requests, pagesFile, judged, foundSha256 }: ReproductionScript): string {
  const comparisons =
    judged.length === requests
      ? ['same']
      : stretches(judged).map(([first, count]) => {
          const skip = String(first * walredoPageSizeBytes);
          return `same '-n ${String(count * walredoPageSizeBytes)}' ${skip} ${skip}`;
        });
  return `same() {
  cmp \${1-} "$work/answers" "$files/${pagesFile}" \${2-} \${3-} || {
    [ $? = 1 ] || fail "they cannot be compared"
    different=1
  }
}
${comparisons.join('\n')}
${foundSha256 === undefined ? '' : asFound(foundSha256)}[ $different = 1 ] || echo "the pages are as they must be"
exit $different
`;
}

function asFound(sha256: string): string {
  return `[ $different = 0 ] || case $(sum "$work/answers") in
  '') ;;
  ${sha256}*) echo "byte for byte what came back when it was found" ;;
  *) echo "not what came back when it was found" ;;
esac
`;
}

/** Names of relations may hold anything. */
function inComment(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
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
