/** A harness whose emulated machine runs for ever: to be killed. Its arguments: a root with busybox, an empty folder. */
import { runInGuest } from '../../../harness/host/kernel/guest.ts';
import { silent } from '../../../harness/host/progress.ts';

const [root = '', directory = ''] = process.argv.slice(2);
const run = runInGuest({
  root,
  directory,
  tasks: [{ name: 'sleep', launch: { argv: ['/busybox', 'sleep', '1000'] }, wallTimeMs: 600_000 }],
  progress: silent,
});
process.stdout.write('started\n');
await run;
