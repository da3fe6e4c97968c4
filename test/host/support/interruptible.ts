/** A harness with a temporary folder, a running process and a root in the making; SIGINT ends it as the CLI does. */
import { interrupt } from '../../../harness/host/interruption.ts';
import { silent } from '../../../harness/host/progress.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';

const [marker = '', rootPath = ''] = process.argv.slice(2);
process.on('SIGINT', () => {
  void interrupt()
    .then(() => temporaryDirectory('something new'))
    .catch(({ code }: { readonly code?: string }) => {
      process.stdout.write(`${JSON.stringify({ code })}\n`, () => process.exit(3));
    });
});
const directory = await temporaryDirectory('an interruptible run');
const host = await openChrootHost('debian:12', rootPath);
await host.start({
  argv: ['/bin/sh', '-c', 'sleep 1000; exit', marker],
  mounts: [{ source: directory.path, target: '/inout', readOnly: false }],
});
process.stdout.write(`${JSON.stringify({ directory: directory.path })}\n`);
process.env['REDOUBT_CACHE'] = process.env['OTHER_CACHE'];
await ensureRoot({ kind: 'debian', name: 'tiny', suite: 'bookworm', packages: [] }, silent).catch(() => {});
// The handler has the last word.
await new Promise((resolve) => setTimeout(resolve, 1_000_000));
