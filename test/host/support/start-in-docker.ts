/**
 * A harness that starts a process in a container and then waits for ever: to be killed. Its argument marks the process.
 * SIGINT ends it as the CLI does.
 */
import { ensureDocker } from '../../../harness/host/docker/docker-daemon.ts';
import { openDockerHost } from '../../../harness/host/docker/docker-host.ts';
import { interrupt } from '../../../harness/host/interruption.ts';
import { silent } from '../../../harness/host/progress.ts';
import { debianRoot } from './shared-host.ts';

const [marker = ''] = process.argv.slice(2);
process.on('SIGINT', () => {
  void interrupt().then(() => process.exit(3));
});
const docker = await ensureDocker(silent);
const { path, key } = await debianRoot();
const host = await openDockerHost({ name: 'debian:12', path, key }, docker);
const running = await host.start({
  argv: ['/bin/sh', '-c', 'trap "" TERM HUP INT; setsid sleep 1000 & sleep 1000', marker],
  limits: { memoryBytes: 1 << 28, processes: 100 },
});
process.stdout.write('started\n');
await running.result;
