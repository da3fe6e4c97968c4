import type { MatrixAxes } from '../../harness/matrix/matrix-plan.ts';

/** Axes of a small matrix: one bundle of two majors, one image of each, three hosts. */
export function axesWith(changes: Partial<MatrixAxes> = {}): MatrixAxes {
  return {
    redoubtVersion: '0.1.0',
    bundles: [{ name: 'new', digest: 'b1', majors: [15, 17] }],
    images: [
      { name: 'debian:12', major: 15, key: 'k12' },
      { name: 'debian:13', major: 17, key: 'k13' },
    ],
    workloads: [{ name: 'default', digest: 'w1' }],
    hosts: ['debian:11', 'debian:12', 'debian:13'],
    firstHost: 'debian:11',
    suites: ['contract', 'initdb', 'walredo'],
    engine: 'chroot',
    initdbMatrix: 'sample',
    kernelFloor: false,
    answerTimeoutMs: 60_000,
    locales: null,
    tapes: [],
    baseline: null,
    policy: null,
    pin: null,
    ...changes,
  };
}
