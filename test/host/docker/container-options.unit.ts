import { test } from '@japa/runner';

import {
  containerLabel,
  type ContainerContext,
  containerOptions,
} from '../../../harness/host/docker/container-options.ts';
import type { ProcessSpec } from '../../../harness/host/engine.ts';
import { ownerToken } from '../../../harness/host/owner.ts';
import { thrownBy } from '../../support/thrown.ts';

const context: ContainerContext = {
  imageId: 'sha256:1',
  hostName: 'debian:12',
  helper: '/cache/enter',
  linkDirectory: '/tmp/link',
  isPodman: false,
  topEntries: [],
};

function hostConfigOf(spec: Partial<ProcessSpec>, change: Partial<ContainerContext> = {}) {
  const { HostConfig: config } = containerOptions({ argv: ['/x'], ...spec }, { ...context, ...change });
  if (config === undefined) throw new TypeError('no HostConfig');
  return config;
}

test.group('containerOptions', () => {
  test('gives nothing that is not needed', ({ assert }) => {
    const options = containerOptions({ argv: ['/x'] }, context);
    const config = hostConfigOf({});
    assert.deepEqual(options.Labels, { [containerLabel]: ownerToken(), 'redoubt.host': 'debian:12' });
    assert.deepEqual(options.Env, []);
    assert.equal(config.NetworkMode, 'none');
    assert.equal(config.IpcMode, 'none');
    assert.isTrue(config.ReadonlyRootfs);
    assert.deepEqual(config.CapDrop, ['ALL']);
    assert.deepEqual(config.CapAdd, ['KILL', 'SETGID', 'SETPCAP', 'SETUID']);
    assert.deepEqual(config.SecurityOpt, ['no-new-privileges']);
    assert.deepEqual(config.Tmpfs, {});
    assert.isTrue(config.Mounts?.every(({ ReadOnly: readOnly }) => readOnly));
  });

  test('chroot and watch ask for what they need, and no more', ({ assert }) => {
    assert.include(hostConfigOf({ chroot: '/b' }).CapAdd, 'SYS_CHROOT');
    assert.notInclude(hostConfigOf({ chroot: '/b' }).CapAdd, 'SYS_PTRACE');
    assert.include(hostConfigOf({ watch: { path: '/w' } }).CapAdd, 'SYS_PTRACE');
    assert.notInclude(hostConfigOf({ watch: { path: '/w' } }).CapAdd, 'SYS_CHROOT');
  });

  test('a bundle gets a root of its own: its entries, three devices, and mounts in place of entries', ({
    assert,
  }) => {
    const { Mounts: mounts = [] } = hostConfigOf(
      { chroot: '/b', mounts: [{ source: '/out', target: '/inout', readOnly: false }] },
      {
        topEntries: [
          { kind: 'mountable', name: 'LAUNCHER' },
          { kind: 'mountable', name: 'inout' },
          { kind: 'link', name: 'lib', destination: 'usr/lib' },
        ],
      },
    );
    const places = mounts.map(
      (mount) => `${mount.Source} ${mount.Target} ${mount.ReadOnly === true ? 'ro' : 'rw'}`,
    );
    assert.deepEqual(places.slice(2), [
      ' /redoubt-chroot rw',
      '/b/LAUNCHER /redoubt-chroot/LAUNCHER ro',
      '/out /redoubt-chroot/inout rw',
      '/dev/null /redoubt-chroot/dev/null ro',
      '/dev/zero /redoubt-chroot/dev/zero ro',
      '/dev/urandom /redoubt-chroot/dev/urandom ro',
    ]);
    const without = hostConfigOf({ chroot: '/b', circumstances: { devices: 'none' } }).Mounts ?? [];
    assert.isEmpty(without.filter(({ Source: source }) => source.startsWith('/dev/')));
  });

  test('limits are the container engine’s, without swap', ({ assert }) => {
    const config = hostConfigOf({ limits: { memoryBytes: 1000, processes: 3 } });
    assert.equal(config.Memory, 1000);
    assert.equal(config.MemorySwap, 1000);
    assert.isAbove(config.PidsLimit ?? 0, 3);
    assert.isUndefined(hostConfigOf({}).Memory);
  });

  test('podman is told to leave nothing that can be written in a read-only root', ({ assert }) => {
    const podman = { isPodman: true };
    assert.deepEqual(hostConfigOf({}, podman).Tmpfs, { '/run': 'ro', '/tmp': 'ro', '/var/tmp': 'ro' });
    const { Tmpfs: tmpfs } = hostConfigOf({ systemMounts: true }, podman);
    assert.match(tmpfs?.['/tmp'] ?? '', /^mode=1777,size=/);
    assert.equal(tmpfs?.['/run'], 'ro');
  });

  test('says by name what a container cannot be without', ({ assert }) => {
    const error = thrownBy(() => hostConfigOf({ circumstances: { devices: 'none' } }));
    assert.equal(error.kind, 'infrastructure');
    assert.equal(error.code, 'engine-cannot');
    assert.match(error.message, /the docker engine cannot leave the devices out/);
  });
});
