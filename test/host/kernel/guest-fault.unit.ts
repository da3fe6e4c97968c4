import { test } from '@japa/runner';

import type { Ending } from '../../../harness/host/engine.ts';
import { guestFault } from '../../../harness/host/kernel/guest-fault.ts';

interface Row {
  readonly title: string;
  readonly console: string;
  readonly ending: Ending;
  readonly code: string;
  readonly words: string;
}

const exited: Ending = { kind: 'exited', exitCode: 0 };

test('a guest that does not come to its end says why, and is never the bundle’s fault: {title}')
  .with([
    {
      title: 'panic',
      console:
        '[    1.2] Run /init as init process\r\n[    1.3] Kernel panic - not syncing: No working init found.\r\n',
      ending: exited,
      code: 'guest-panicked',
      words: 'panicked: Kernel panic - not syncing: No working init found.',
    },
    {
      title: 'its init gave up',
      console: '\r\nredoubt-guest: write the disk for results: No space left on device\r\n',
      ending: exited,
      code: 'guest-failed',
      words: 'gave up: write the disk for results: No space left on device',
    },
    {
      title: 'hang',
      console: 'booting\r\n',
      ending: { kind: 'limited', limit: 'wall-time' },
      code: 'guest-hung',
      words: 'did not end in time',
    },
    {
      title: 'no memory',
      console: '',
      ending: { kind: 'limited', limit: 'memory' },
      code: 'guest-failed',
      words: 'hit its memory limit',
    },
    {
      title: 'emulator killed',
      console: '',
      ending: { kind: 'signaled', signal: 'SIGKILL', coreDumped: false },
      code: 'guest-failed',
      words: 'was lost (the emulator was killed by SIGKILL)',
    },
    {
      title: 'emulator refused',
      console: '',
      ending: { kind: 'exited', exitCode: 1 },
      code: 'guest-failed',
      words: 'ended too early (the emulator exited with 1)',
    },
  ] satisfies readonly Row[])
  .run(({ assert }, { console, ending, code, words }) => {
    const fault = guestFault({ ending, stdout: Buffer.from(console), stderr: 'qemu: a warning\n' });
    assert.equal(fault.kind, 'infrastructure');
    assert.equal(fault.code, code);
    assert.equal(fault.message, `the emulated machine with Linux 5.10 ${words}`);
    assert.include(fault.details['console'], 'qemu: a warning');
  });
