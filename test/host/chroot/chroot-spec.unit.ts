import { test } from '@japa/runner';

import { RedoubtError } from '../../../harness/error.ts';
import { type ChrootContext, encodeSpec } from '../../../harness/host/chroot/chroot-spec.ts';
import type { ProcessSpec } from '../../../harness/host/engine.ts';

const context: ChrootContext = {
  root: '/roots/a',
  stage: '/stage',
  harnessPid: 42,
  groups: { mechanism: 'cgroup-v1', memoryParent: '/cg/memory', pidsParent: undefined },
  groupName: 'redoubt-1-2-3-4',
};

/** The words of an encoded spec, read back without the encoder. */
function words(spec: ProcessSpec): readonly string[] {
  const encoded = encodeSpec(spec, context);
  const body = encoded.subarray(4).toString('utf8');
  if (encoded.readUInt32LE(0) !== encoded.length - 4 || !body.endsWith('\0')) return ['malformed'];
  return body.slice(0, -1).split('\0');
}

test.group('encodeSpec', () => {
  test('writes every part of a process', ({ assert }) => {
    const spec: ProcessSpec = {
      argv: ['/bin/ls', '-l', ''],
      env: { A: 'x=ü', B: '' },
      workingDirectory: '/w',
      uid: 1,
      gid: 2,
      chroot: '/bundle',
      systemMounts: true,
      mounts: [
        { source: '/s', target: '/t', readOnly: true },
        { source: '/u', target: '/v', readOnly: false },
      ],
      stdin: { kind: 'file', path: '/in', offsetBytes: 5_000_000_000 },
      stdout: { kind: 'file', path: '/out' },
      stderr: { kind: 'file', path: '/err', append: true },
      limits: { wallTimeMs: 1, memoryBytes: 2, outputBytes: 3, processes: 4 },
    };
    assert.equal(
      words(spec).join(' '),
      'harness 42 root /roots/a stage /stage argument /bin/ls argument -l argument  environment A=x=ü environment B= ' +
        'working-directory /w uid 1 gid 2 chroot /bundle system-mounts mount ro /s /t mount rw /u /v ' +
        'stdin /in 5000000000 stdout truncate /out stderr append /err mechanism cgroup-v1 wall-ms 1 memory-bytes 2 ' +
        'output-bytes 3 processes 4 memory-group /cg/memory/redoubt-1-2-3-4',
    );
  });

  test('writes the circumstances and the watch', ({ assert }) => {
    const spec: ProcessSpec = {
      argv: ['/x'],
      stdin: { kind: 'closed' },
      circumstances: {
        umask: 0,
        argv0: '',
        inheritedDescriptors: 3,
        resourceLimits: { 'open-files': 64, core: 'unlimited' },
        devices: 'none',
      },
      watch: { path: '/log', newestSystemCall: 440, untoldFolder: '/own' },
    };
    assert.equal(
      words(spec).join(' '),
      'harness 42 root /roots/a stage /stage argument /x uid 65534 gid 65534 stdin-closed umask 0 argv0  ' +
        'descriptors 3 resource open-files 64 resource core -1 no-devices watch /log 440 /own mechanism cgroup-v1',
    );
    assert.include(words({ argv: ['/x'], watch: { path: '/log' } }).join(' '), ' watch /log -1  mechanism');
  });

  test('runs as nobody and asks for no groups by default', ({ assert }) => {
    assert.equal(
      words({ argv: ['/x'] }).join(' '),
      'harness 42 root /roots/a stage /stage argument /x uid 65534 gid 65534 mechanism cgroup-v1',
    );
  });

  test('refuses what cannot be meant: {name}')
    .with([
      { name: 'a relative program', spec: { argv: ['ls'] } },
      { name: 'a NUL in an argument', spec: { argv: ['/ls', 'a\0argument\0/evil'] } },
      { name: 'a NUL in a variable', spec: { argv: ['/ls'], env: { A: '\0uid\u00000' } } },
      { name: 'an equals sign in the name of a variable', spec: { argv: ['/ls'], env: { 'A=B': '' } } },
      { name: 'a variable without a name', spec: { argv: ['/ls'], env: { '': 'x' } } },
      {
        name: 'a relative mount',
        spec: { argv: ['/ls'], mounts: [{ source: 'a', target: '/b', readOnly: true }] },
      },
      { name: 'a relative stdout', spec: { argv: ['/ls'], stdout: { kind: 'file', path: 'out' } } },
      { name: 'no time at all', spec: { argv: ['/ls'], limits: { wallTimeMs: 0 } } },
      { name: 'a negative memory limit', spec: { argv: ['/ls'], limits: { memoryBytes: -1 } } },
      { name: 'half a byte', spec: { argv: ['/ls'], limits: { outputBytes: 0.5 } } },
      { name: 'no number of processes', spec: { argv: ['/ls'], limits: { processes: Number.NaN } } },
    ] satisfies readonly { readonly name: string; readonly spec: ProcessSpec }[])
    .run(({ assert }, { spec }) => {
      try {
        encodeSpec(spec, context);
        assert.fail('it was accepted');
      } catch (error) {
        assert.instanceOf(error, RedoubtError);
        assert.equal((error as RedoubtError).code, 'invalid-process-spec');
      }
    });
});
