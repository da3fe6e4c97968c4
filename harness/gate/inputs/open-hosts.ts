import { openChrootHost } from '../../host/chroot/chroot-host.ts';
import { ensureDocker } from '../../host/docker/docker-daemon.ts';
import { openDockerHost } from '../../host/docker/docker-host.ts';
import type { Host } from '../../host/engine.ts';
import { ensureHostRoot, type HostRoot } from '../../host/host-root.ts';
import { libcWords } from '../../host/root-facts.ts';
import type { HostFacts } from '../../verdict/event.ts';
import type { GateOptions } from '../gate-options.ts';
import type { GateSurroundings } from './open-inputs.ts';

/** Libraries whose versions a reader of a verdict asks for first. */
const notablePackages = /^(libc6|libicu\d+|locales-all|musl|postgresql-\d+)$/;

/**
 * The hosts of a run, by name, in order; what each one is, and which cannot be had, goes into the log. Throws what
 * {@link ensureHostRoot} and the engine throw.
 */
export async function openHosts(
  { hosts, engine }: Pick<GateOptions, 'hosts' | 'engine'>,
  { log, progress, stack }: Pick<GateSurroundings, 'log' | 'progress' | 'stack'>,
): Promise<ReadonlyMap<string, Host>> {
  const opened = new Map<string, Host>();
  const docker = engine === 'docker' ? stack.use(await ensureDocker(progress)) : undefined;
  for (const request of hosts) {
    const outcome = await ensureHostRoot(request, progress);
    if (outcome.kind === 'absent') {
      log.append({ type: 'host-absent', host: outcome.host });
      continue;
    }
    const { root } = outcome;
    const host =
      docker === undefined
        ? await openChrootHost(root.name, root.path, progress)
        : await openDockerHost(root, docker, progress);
    opened.set(root.name, stack.use(host));
    log.append({ type: 'host', host: factsOf(root, engine) });
  }
  return opened;
}

function factsOf({ name, packages, libc, archive }: HostRoot, engine: string): HostFacts {
  const notable = Object.entries(packages).filter(([name]) => notablePackages.test(name));
  return {
    name,
    engine,
    packages: Object.fromEntries(notable),
    libc: libcWords(libc),
    ...(archive === undefined ? {} : { archive: { path: archive.path, digest: archive.digest ?? null } }),
  };
}
