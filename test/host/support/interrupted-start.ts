/** A harness that is told to stop while a process of its own is being started. Its arguments: a word that marks it, a root. */
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import { interrupt } from '../../../harness/host/interruption.ts';

const [marker = '', rootPath = ''] = process.argv.slice(2);
const host = await openChrootHost('debian:12', rootPath);
const running = host.run({ argv: ['/bin/sh', '-c', 'sleep 1000; exit', marker] });
// What it is started with is on its way to the helper by now.
const ended = running.catch(({ code }: { readonly code?: string }) => ({ code }));
await interrupt();
process.stdout.write(`${JSON.stringify(await ended)}\n`);
