import { execa } from 'execa';

import { RedoubtError } from '../../error.ts';
import { fact, type MachineFact } from '../machine/machine-fact.ts';
import { findProgram } from '../machine/prerequisites.ts';
import { connectDocker, mayHaveDocker } from './docker-client.ts';

/**
 * What `--engine docker` would run on: the daemon that answers (Docker's or podman's), one of the run's own, or none. It is
 * never necessary, since the default engine needs none.
 */
export async function dockerFact(): Promise<MachineFact> {
  if (!mayHaveDocker()) return ownDaemonFact();
  try {
    const { name, mechanism } = await connectDocker();
    const at = process.env['DOCKER_HOST'] ?? 'its usual socket';
    return fact('docker', 'ok', `${name} answers at ${at}, limits by ${mechanism}`, '');
  } catch (error) {
    if (!(error instanceof RedoubtError)) throw error;
    return fact('docker', 'degraded', error.message, error.remedy ?? '');
  }
}

/** The same where no daemon answers: whether a run could start one. */
export async function ownDaemonFact(): Promise<MachineFact> {
  const dockerd = await findProgram('dockerd');
  if (dockerd === undefined)
    return fact(
      'docker',
      'degraded',
      'no daemon answers, and none is installed; only --engine docker needs one',
      'apt-get install docker.io (a run with --engine docker as root does that by itself).',
    );
  const { stdout } = await execa(dockerd, ['--version'], { reject: false });
  const version = /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? 'of unknown version';
  return fact(
    'docker',
    'ok',
    `no daemon answers; ${dockerd} ${version} is there, and a run with --engine docker starts its own`,
    '',
  );
}
