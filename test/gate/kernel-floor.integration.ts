import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { runInitdb } from '../../harness/gate/initdb/bundle-initdb.ts';
import { type FloorRun, machineKernel, runUnderFloor } from '../../harness/gate/kernel-floor.ts';
import { openReferenceBundle } from '../../harness/gate/inputs/reference-bundle.ts';
import type { Host } from '../../harness/host/engine.ts';
import { silent } from '../../harness/host/progress.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { compareDataDirectories } from '../../harness/verdict/data-directory-comparison.ts';
import { DataTree } from '../../harness/verdict/data-tree.ts';
import { judgeFloorEnd, judgeFloorPages } from '../../harness/verdict/floor-judgement.ts';
import { describeDataDifferences } from '../../harness/verdict/initdb-findings.ts';
import { runSpecificRules } from '../../harness/verdict/tree-rules.ts';
import { openHost } from '../bundle/support/reference.ts';
import { breakFloor, faultyMajors, leakAt } from './support/floor-breaker.ts';

function run(
  bundle: Bundle,
  host: Host,
  directory: string,
  majors: readonly number[],
  withInitdb: boolean,
): Promise<FloorRun> {
  return runUnderFloor({
    opened: { role: 'candidate', bundle, servers: new Map(), flavour: 'vanilla' },
    majors,
    withInitdb,
    host,
    directory,
    answerTimeoutMs: 60_000,
    progress: silent,
  });
}

test('what a bundle needs of a newer kernel, and what of its pages tells the kernel, is found; sound majors pass', async ({
  assert,
}) => {
  await using scratch = await temporaryDirectory('a test of the kernel floor');
  await using host = await openHost('debian:12');
  const bundle = await breakFloor(await openReferenceBundle(17, silent), join(scratch.path, 'bundle'));
  const majors = [16, 17, 18];
  const { kernel, walredo, initdb } = await run(bundle, host, join(scratch.path, 'run'), majors, false);
  assert.equal(initdb.size, 0);

  const findings = majors.map((major) => {
    const replays = walredo.get(major);
    if (replays === undefined) throw new Error(`no run of ${String(major)}`);
    // Nothing is wrong with it here.
    assert.deepEqual(replays.here.faults, []);
    const subject = { program: `walredo of v${String(major)}`, kernel, machine: machineKernel() };
    return [major, judgeFloorPages(subject, replays, () => null)] as const;
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
});

test('a data directory that tells the kernel is found; a sound one is the same under both', async ({
  assert,
}) => {
  await using scratch = await temporaryDirectory('a test of the kernel floor');
  await using host = await openHost('debian:12');
  const bundle = await breakFloor(await openReferenceBundle(17, silent), join(scratch.path, 'bundle'));
  const majors = [16, faultyMajors.leak];
  const { kernel, initdb } = await run(bundle, host, join(scratch.path, 'run'), majors, true);
  const found = new Map<number, readonly string[]>();
  for (const major of majors) {
    const inout = join(scratch.path, `inout-${String(major)}`);
    await mkdir(inout);
    await runInitdb(bundle, major, host, inout);
    const there = initdb.get(major);
    if (there === undefined) throw new Error(`no initdb of ${String(major)}`);
    const subject = { program: 'initdb', kernel, machine: machineKernel() };
    const end = judgeFloorEnd(subject, there, 'it ends well');
    if (end.kind === 'badly') throw new Error(end.finding.message);
    const { differences } = compareDataDirectories(
      new DataTree(join(inout, 'data')),
      new DataTree(join(end.ended.inout, 'data')),
      major,
      runSpecificRules,
    );
    found.set(
      major,
      describeDataDifferences(differences, 'what it makes here').map(({ message }) => message),
    );
  }
  assert.deepEqual(found.get(16), []);
  assert.lengthOf(found.get(faultyMajors.leak) ?? [], 1);
  assert.include(found.get(faultyMajors.leak)?.[0], 'work_mem');
});
