import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Bundle } from '../../../harness/bundle/open.ts';
import { bundleServers } from '../../../harness/gate/inputs/bundle-servers.ts';
import type { CompletedProcess, Host, ProcessSpec } from '../../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';

/** A host on which the given majors of any bundle start. */
class HostWith implements Host {
  readonly engine = 'chroot';
  readonly name: string;
  asked = 0;
  /** Majors whose server dies at once. */
  readonly broken: number[] = [];
  readonly #majors: readonly number[];

  constructor(name: string, ...majors: readonly number[]) {
    this.name = name;
    this.#majors = majors;
  }

  run({ argv }: ProcessSpec): Promise<CompletedProcess> {
    this.asked++;
    const major = Number(/\bv(\d+)\b/.exec(argv.join(' '))?.[1]);
    const starts = this.#majors.includes(major);
    const stdout = Buffer.from(starts ? `postgres (PostgreSQL) ${String(major)}.1 on ${this.name}\n` : '');
    return Promise.resolve({
      ending: this.broken.includes(major)
        ? { kind: 'signaled', signal: 'SIGSEGV', coreDumped: false }
        : { kind: 'exited', exitCode: starts ? 0 : 127 },
      stdout,
      stderr: '',
      userCpuMs: 0,
      systemCpuMs: 0,
      peakRssBytes: 0,
      wallTimeMs: 0,
      limitMechanism: 'rlimit',
    });
  }

  start(): Promise<never> {
    return Promise.reject(new Error('nothing is started here'));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

test.group('bundleServers', (group) => {
  let scratch: TemporaryDirectory;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a bundle');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  /** A bundle with folders of the given majors; what starts is for the hosts to say. */
  async function bundleOf(layout: Bundle['layout'], ...majors: readonly number[]): Promise<Bundle> {
    for (const major of majors) await mkdir(join(scratch.path, `v${String(major)}`));
    return { layout, directory: scratch.path, source: scratch.path, digest: '' };
  }

  test('asks a chroot bundle on one host: it sees nothing of any', async ({ assert }) => {
    const [first, second] = [new HostWith('one', 15, 17), new HostWith('two', 15)];
    const servers = await bundleServers(await bundleOf('chroot'), [first, second]);
    assert.deepEqual(
      [...servers],
      [
        [15, 'postgres (PostgreSQL) 15.1 on one'],
        [17, 'postgres (PostgreSQL) 17.1 on one'],
      ],
    );
    assert.equal(second.asked, 0);
  });

  test('counts a major whose server dies, and leaves out one that LAUNCHER refuses', async ({ assert }) => {
    const host = new HostWith('one', 17);
    host.broken.push(15);
    const servers = await bundleServers(await bundleOf('chroot'), [host]);
    assert.deepEqual(
      [...servers],
      [
        [15, 'does not start'],
        [17, 'postgres (PostgreSQL) 17.1 on one'],
      ],
    );
  });

  test('counts a major that starts on some host only', async ({ assert }) => {
    const hosts = [new HostWith('old', 15), new HostWith('new', 15, 17)];
    for (const layout of ['pg-install', 'static'] as const) {
      const servers = await bundleServers(
        await bundleOf(layout, ...(layout === 'static' ? [] : [15, 17])),
        hosts,
      );
      assert.deepEqual(
        [...servers],
        [
          [15, 'postgres (PostgreSQL) 15.1 on old'],
          [17, 'postgres (PostgreSQL) 17.1 on new'],
        ],
      );
    }
  });

  test('counts a major whose folder is there though it starts nowhere: that is to be judged', async ({
    assert,
  }) => {
    const servers = await bundleServers(await bundleOf('pg-install', 15, 17), [new HostWith('one', 17)]);
    assert.deepEqual([...servers.keys()], [15, 17]);
    assert.equal(servers.get(15), 'starts on none of the hosts');
  });

  test('has none without a host', async ({ assert }) => {
    assert.equal((await bundleServers(await bundleOf('chroot'), [])).size, 0);
  });
});
