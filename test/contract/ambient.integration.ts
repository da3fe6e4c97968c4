import { join } from 'node:path';

import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { judgeAmbient } from '../../harness/contract/ambient.ts';
import { noteForeignUid } from '../../harness/contract/foreign-uid.ts';
import { judgeKernelFloor } from '../../harness/contract/kernel-floor.ts';
import { observeRuns, type ObservedRun } from '../../harness/contract/observed-run.ts';
import { walredo } from '../../harness/contract/probe.ts';
import { together, type Discovery } from '../../harness/contract/subject.ts';
import { pageserverInitdbFlags } from '../../harness/gate/initdb/bundle-initdb.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import { leanOnHost, type MisbehavingBundle } from '../support/broken-behaviour.ts';
import { type MisbehavingPlace, openMisbehavingPlace } from './support/misbehaving-place.ts';
import { keptTape, plainReplay, said, subjectOf } from './support/subject.ts';

const major = 17;
/** Initdb that only says its version is watched in no time, where initdb itself is not what a test is about. */
const versionAlone = ['--version'];

test.group('what a bundle uses of its host', (group) => {
  let reference: Bundle;
  let broken: MisbehavingBundle;
  let host: Host;
  let place: MisbehavingPlace;
  group.setup(async () => {
    place = await openMisbehavingPlace();
    ({ reference, broken, host } = place);
  });
  group.teardown(async () => {
    await place[Symbol.asyncDispose]();
  });

  async function observed(
    bundle: Bundle,
    scratch: string,
    initdbFlags: readonly string[] = versionAlone,
  ): Promise<readonly ObservedRun[]> {
    const subject = subjectOf(bundle, major, host, scratch);
    return observeRuns(subject, initdbFlags, keptTape(major).tape.requestsPath);
  }

  /** Judges the floor against what the sound bundle answers. */
  async function floor(bundle: Bundle, scratch: string, initdbSucceeds = true): Promise<Discovery> {
    const answers = (await plainReplay(subjectOf(reference, major, host, scratch))).stdout;
    const runs = await observed(bundle, scratch);
    const { tape } = keptTape(major);
    const ordinary = { tape, answers, initdbSucceeds: () => Promise.resolve(initdbSucceeds) };
    return together(await Promise.all(runs.map((run) => judgeKernelFloor(run, ordinary))));
  }

  test('the reference bundle uses nothing, and what it looks for in vain is told', async ({ assert }) => {
    await using scratch = await temporaryDirectory('ambient checks');
    const runs = await observed(reference, scratch.path, pageserverInitdbFlags(major));
    const { findings, notes } = judgeAmbient(runs, 'chroot');
    assert.deepEqual(findings, []);
    assert.match(notes[0] ?? '', /^looked for in vain, and done without: .*\/etc\/ld\.so\.preload/);
    assert.match(notes[1] ?? '', /^ran: \/LAUNCHER, \/bin\/sh, .*\/bin\/initdb, .*\/postgres-server/);
  });

  test('the same programs outside of a chroot lean on the host, and on what is told by kind', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('ambient checks');
    const bundle = await leanOnHost(
      reference,
      { kind: 'opens', text: '/etc/debian_version' },
      join(scratch.path, 'bundle'),
    );
    const runs = await observed(bundle, scratch.path, pageserverInitdbFlags(major));
    for (const { process } of runs) assert.deepEqual(process.ending, { kind: 'exited', exitCode: 0 });
    const { findings } = judgeAmbient(runs, 'pg-install');
    const byKind = new Map(findings.map((finding) => [finding.details?.['kind'], finding]));
    assert.match(
      byKind.get('files')?.message ?? '',
      /^initdb and walredo lean on the host's files: .*\/etc\/debian_version/,
    );
    assert.match(
      byKind.get('accounts')?.message ?? '',
      /^initdb leans on the host's accounts: .*\/etc\/passwd/,
    );
    assert.match(byKind.get('programs')?.message ?? '', /^initdb leans on the host's programs: .*\/bin\/sh/);
    for (const { code, details } of findings) {
      assert.equal(code, 'ambient-dependency');
      const paths = details?.['paths'];
      assert.isNotEmpty(paths);
      assert.isFalse(Array.isArray(paths) && paths.some((path) => /^\/(bundle|inout)\//.test(String(path))));
    }
  });

  test('a connection to the network is caught, one to itself is not', async ({ assert }) => {
    await using scratch = await temporaryDirectory('ambient checks');
    await broken.misbehave({ program: 'postgres', kind: 'connects', text: '192.0.2.1' });
    assert.match(
      said(judgeAmbient(await observed(broken.bundle, scratch.path), 'chroot')).join('\n'),
      /^ambient-connection: walredo connects to inet:192\.0\.2\.1:53$/,
    );
    await broken.misbehave({ program: 'postgres', kind: 'connects', text: '127.0.0.1' });
    assert.deepEqual(said(judgeAmbient(await observed(broken.bundle, scratch.path), 'chroot')), []);
  });

  test('the reference bundle needs no call younger than Linux 5.10', async ({ assert }) => {
    await using scratch = await temporaryDirectory('ambient checks');
    assert.deepEqual(said(await floor(reference, scratch.path)), []);
  });

  for (const [number, name] of [
    [441, 'epoll_pwait2'],
    [451, 'cachestat'],
  ] as const) {
    test(`a walredo that needs ${name} is caught`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('ambient checks');
      await broken.misbehave({ program: 'postgres', kind: 'needs-call', text: String(number) });
      assert.match(
        said(await floor(broken.bundle, scratch.path)).join('\n'),
        new RegExp(
          `^kernel-floor: walredo needs ${name} \\(${String(number)}\\), which Linux 5.10 does not have: answered with ENOSYS, it exited with code 125`,
        ),
      );
    });
  }

  test('an initdb that needs epoll_pwait2 is caught', async ({ assert }) => {
    await using scratch = await temporaryDirectory('ambient checks');
    await broken.misbehave({ program: 'initdb', kind: 'needs-call', text: '441' });
    const [first] = said(await floor(broken.bundle, scratch.path));
    assert.match(first ?? '', /^kernel-floor: initdb needs epoll_pwait2 \(441\)/);
    const [other] = said(await floor(broken.bundle, scratch.path, false));
    assert.match(other ?? '', /^launch-failed: initdb exited with code 125.*not for want of a system call$/);
  });

  test('a call with another way is a note, one of Linux 5.10 not even that', async ({ assert }) => {
    await using scratch = await temporaryDirectory('ambient checks');
    await broken.misbehave({ program: 'postgres', kind: 'tries-call', text: '449' });
    assert.deepEqual(await floor(broken.bundle, scratch.path), {
      findings: [],
      notes: ['walredo tries futex_waitv (449), and does without on Linux 5.10'],
    });
    await broken.misbehave({ program: 'postgres', kind: 'needs-call', text: '439' });
    assert.deepEqual(await floor(broken.bundle, scratch.path), { findings: [], notes: [] });
  });

  test('what a user without a passwd entry sees is noted in the words of initdb', async ({ assert }) => {
    await using scratch = await temporaryDirectory('ambient checks');
    const programs = [{ name: 'initdb', flags: pageserverInitdbFlags(major) }, walredo];
    const { findings, notes } = await noteForeignUid(
      subjectOf(reference, major, host, scratch.path),
      programs,
    );
    assert.deepEqual(findings, []);
    assert.match(
      notes[0] ?? '',
      /initdb exited with code 1, saying: .*could not look up effective user ID 54321/,
    );
    assert.match(notes[1] ?? '', /postgres works$/);
  });
});
