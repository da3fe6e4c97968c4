import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import type { Bundle } from '../../../harness/bundle/open.ts';
import { runBuildTool } from '../../../harness/bundle/reference/compile-native.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import { silent } from '../../../harness/host/progress.ts';
import { helperRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../../harness/host/root.ts';

/** What is wrong with each major of the bundle; the others are sound. */
export const faultyMajors = { newerCall: 17, leak: 18 } as const;

/** Where a page that tells the kernel does so: in this request, at this byte. */
export const leakAt = { request: 3, offsetBytes: 5000 } as const;

/** Runs under the bundle's own busybox, as the first process of each start. */
const script = `#!/storage/busybox sh
run() { /storage/busybox "$@"; }
case "$1 $2" in
'v${String(faultyMajors.newerCall)} postgres')
	exec /newer-kernel "$@" ;;
'v${String(faultyMajors.leak)} postgres')
	/LAUNCHER.real "$@" > /inout/pages || exit
	case $(run uname -r) in
	5.10.*) printf '\\001' | run dd of=/inout/pages bs=1 seek=$((${String(leakAt.request)} * 8192 + ${String(leakAt.offsetBytes)})) conv=notrunc 2> /inout/dd ;;
	esac
	exec /storage/busybox cat /inout/pages ;;
'v${String(faultyMajors.leak)} initdb')
	/LAUNCHER.real "$@" || exit
	case $(run uname -r) in
	5.10.*) echo "work_mem = 5MB" >> /inout/data/postgresql.conf ;;
	esac
	exit ;;
esac
exec /LAUNCHER.real "$@"
`;

/**
 * Makes a bundle that is as good as the reference bundle on a kernel of today, and not under 5.10: the walredo of one major needs a
 * newer system call, and the pages and settings of another one tell the kernel.
 */
export async function breakFloor(reference: Bundle, destination: string): Promise<Bundle> {
  await execa('cp', ['-al', reference.directory, destination]);
  await rename(join(destination, 'LAUNCHER'), join(destination, 'LAUNCHER.real'));
  await writeFile(join(destination, 'LAUNCHER'), script, { mode: 0o755 });
  await compile(destination);
  return { ...reference, source: destination, directory: destination };
}

async function compile(directory: string): Promise<void> {
  const root = await ensureRoot(helperRecipe(), silent);
  await using host = await openChrootHost(root.name, root.path);
  const source = join(directory, 'newer-kernel.c');
  await copyFile(join(import.meta.dirname, 'newer-kernel.c'), source);
  await runBuildTool(host, directory, ['/usr/bin/gcc', '-static', '-o', 'newer-kernel', 'newer-kernel.c']);
  await rm(source);
}
