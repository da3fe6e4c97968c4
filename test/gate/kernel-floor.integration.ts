import { join } from 'node:path';

import { test } from '@japa/runner';

import { runUnderFloor, machineKernel } from '../../harness/gate/kernel-floor.ts';
import { openReferenceBundle } from '../../harness/gate/reference-bundle.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { judgeFloorPages } from '../../harness/verdict/floor-judgement.ts';
import { openHost } from '../bundle/support/reference.ts';
import { breakFloor, faultyMajors, leakAt } from './support/floor-breaker.ts';

test('what a bundle needs of a newer kernel, and what of its pages tells the kernel, is found; sound majors pass', async ({
  assert,
}) => {
  await using scratch = await temporaryDirectory('a test of the kernel floor');
  await using host = await openHost('debian:12');
  const bundle = await breakFloor(await openReferenceBundle(17, silent), join(scratch.path, 'bundle'));
  const majors = [16, 17, 18];
  const { kernel, walredo, initdb } = await runUnderFloor({
    opened: { role: 'candidate', bundle, servers: new Map(), flavour: 'vanilla' },
    majors,
    withInitdb: false,
    host,
    directory: join(scratch.path, 'run'),
    answerTimeoutMs: 60_000,
    progress: silent,
  });
  assert.equal(initdb.size, 0);

  const findings = majors.map((major) => {
    const run = walredo.get(major);
    if (run === undefined) throw new Error(`no run of ${String(major)}`);
    // Nothing is wrong with it here.
    assert.deepEqual(run.here.faults, []);
    const subject = { program: `walredo of v${String(major)}`, kernel, machine: machineKernel() };
    return [major, judgeFloorPages(subject, run, () => null)] as const;
  });
  const messages = new Map(
    findings.map(([major, found]) => [major, found.map(({ code, message }) => `${code}: ${message}`)]),
  );
  const [newerCall = '', leak = ''] = [faultyMajors.newerCall, faultyMajors.leak].map((major) => {
    assert.lengthOf(messages.get(major) ?? [], 1);
    return messages.get(major)?.[0];
  });
  assert.match(
    newerCall,
    /^kernel-floor: walredo of v17 exited with code 1 under Linux 5\.10\.\S+ .*, saying: FATAL: could not wait for events: Function not implemented \(a system call that this kernel does not have, and for which there is no other way\); under Linux/,
  );
  assert.match(
    leak,
    new RegExp(
      `^kernel-pages-differ: .*\\(request ${String(leakAt.request)}\\).* the answer under Linux .*; first difference at byte ${String(leakAt.offsetBytes)} `,
    ),
  );
  assert.deepEqual(messages.get(16), []);
}).timeout(300_000);
