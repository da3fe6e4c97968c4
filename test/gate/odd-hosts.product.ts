import { join } from 'node:path';

import { test } from '@japa/runner';

import { buildPgInstall } from '../../harness/bundle/pg-install/build.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { startPodman } from '../host/support/podman-service.ts';
import { ensureOddRoots, type OddRoots } from '../support/odd-roots.ts';
import { judged } from '../support/redoubt-command.ts';
import { smallTape } from '../support/small-tape.ts';

/*
 * "It behaves the same way on any Linux system. The only ambient runtime dependency is the Linux kernel." A bundle runs
 * where there is nothing but a kernel, and one that leans on its host is found out there, with either engine.
 */

const daemons = process.env['REDOUBT_TEST_TIER'] === 'full' ? ['Docker', 'podman'] : ['Docker'];
const oddHosts = ['empty', 'busybox', 'musl'] as const;

test.group('hosts that are nothing like the others', (group) => {
  let roots: OddRoots;
  let tape: string;
  let place: TemporaryDirectory;
  let chroot: Awaited<ReturnType<typeof judged>>;
  group.setup(async () => {
    roots = await ensureOddRoots();
    tape = (await smallTape(17)).directory;
    place = await temporaryDirectory('reports');
    chroot = await judge('chroot', 'chroot-bundle');
    return async () => {
      await place[Symbol.asyncDispose]();
    };
  });

  /** Judges PostgreSQL 17 on Debian 11, whose glibc is older than that of the bundle's server, and on the odd hosts. */
  async function judge(engine: string, name: string): ReturnType<typeof judged> {
    const archives = oddHosts.map((host) => `${host}=${roots[host]}`).join(' ');
    const report = join(place.path, `${name}-${engine}`);
    return judged(
      `gate --engine ${engine} --pg 17 --hosts debian:11,${oddHosts.join(',')} --host ${archives} --suites walredo --tape ${tape} --report ${report}`,
    );
  }

  test('a chroot bundle is as good there as anywhere', ({ assert }) => {
    assert.deepEqual([chroot.exitCode, chroot.report.sentence], [0, 'compatible (walredo)']);
    assert.deepEqual(chroot.report.hosts, ['debian:11', ...oddHosts]);
    assert.deepEqual(
      chroot.report.inputs.hosts.map(({ libc }) => libc),
      ['glibc 2.31', 'no libc', 'no libc', 'musl 1.2.3'],
    );
  });

  test('the docker engine says the same, with {$self}')
    .with(daemons)
    .run(async ({ assert }, daemon) => {
      await using podman = daemon === 'podman' ? await startPodman() : undefined;
      const docker = await judge('docker', daemon);
      assert.equal(docker.exitCode, 0);
      const { run: _chrootRun, inputs: chrootInputs, ...one } = chroot.report;
      const { run: _dockerRun, inputs: dockerInputs, ...other } = docker.report;
      assert.deepEqual(other, one);
      assert.deepEqual(
        dockerInputs.hosts.map((host) => ({ ...host, engine: 'chroot' })),
        chrootInputs.hosts,
      );
      assert.deepEqual(dockerInputs.tapes, chrootInputs.tapes);
      assert.deepEqual((await podman?.api.listContainers({ all: true })) ?? [], []);
    });

  test('a bundle that leans on its host is found out, and the machine is not blamed', async ({ assert }) => {
    const out = join(place.path, 'pg-install.tar.zst');
    await buildPgInstall({ majors: [17], out, progress: silent });
    const { exitCode, report } = await judged(
      `gate --candidate ${out} --pg 17 --hosts debian:12,${oddHosts.join(',')} --host ${oddHosts.map((host) => `${host}=${roots[host]}`).join(' ')} --suites initdb --report ${join(place.path, 'pg-install')}`,
    );
    assert.equal(exitCode, 1);
    assert.equal(report.verdict, 'incompatible');
    for (const host of oddHosts) {
      const found = report.findings.filter(({ check }) => check.startsWith(`pg17/${host}/`));
      const failures = found.filter(({ code }) => code === 'launch-failed');
      assert.isNotEmpty(failures, host);
      for (const { message } of failures)
        assert.match(message, /interpreter or loader that it names is not there|No such file or directory/);
    }
    const launches = report.findings.filter(({ code }) => code === 'launch-failed');
    assert.isEmpty(launches.filter(({ check }) => check.startsWith('pg17/debian:12/')));
  });
});
