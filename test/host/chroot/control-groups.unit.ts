import { test } from '@japa/runner';

import { groupName, parseHierarchies } from '../../../harness/host/chroot/control-groups.ts';

test.group('parseHierarchies', () => {
  test('finds v1 controllers and v2, and nothing else', ({ assert }) => {
    const mounts = [
      'tmpfs /sys/fs/cgroup tmpfs rw,relatime,mode=755 0 0',
      'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0',
      'cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0',
      'cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0',
      'proc /proc proc rw 0 0',
      '',
    ].join('\n');
    assert.deepEqual(
      parseHierarchies(mounts).map(({ version, mountPoint }) => [version, mountPoint]),
      [
        [1, '/sys/fs/cgroup/cpu,cpuacct'],
        [1, '/sys/fs/cgroup/memory'],
        [2, '/sys/fs/cgroup/unified'],
      ],
    );
    assert.include(parseHierarchies(mounts)[1]?.controllers, 'memory');
  });
});

test.group('groupName', () => {
  test('gives each process a name of its own', ({ assert }) => {
    const names = [groupName(), groupName(), groupName()];
    assert.lengthOf([...new Set(names)], 3);
    for (const name of names) assert.match(name, /^redoubt-[0-9a-z]+-[0-9a-z]+-[0-9a-z]+-[0-9a-z]+$/);
  });
});
