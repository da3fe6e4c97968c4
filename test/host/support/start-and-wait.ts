/** A harness that starts a process and then waits for ever: to be killed. Its argument marks the process. */
import { debianHost } from './shared-host.ts';

const [marker = ''] = process.argv.slice(2);
const host = await debianHost();
const running = await host.start({
  argv: ['/bin/sh', '-c', 'trap "" TERM HUP INT; setsid sleep 1000 & sleep 1000', marker],
  limits: { memoryBytes: 1 << 28, processes: 100 },
});
process.stdout.write('started\n');
await running.result;
