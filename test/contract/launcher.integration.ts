import { test } from '@japa/runner';

import type { Bundle } from '../../harness/bundle/open.ts';
import { judgeExitCode, judgeFlags, judgeRefusals } from '../../harness/contract/launcher-arguments.ts';
import { observeRuns } from '../../harness/contract/observed-run.ts';
import { judgeSameProcess } from '../../harness/contract/same-process.ts';
import { judgeSignals } from '../../harness/contract/signals.ts';
import { together, type Discovery, type Subject } from '../../harness/contract/subject.ts';
import { judgeTwoMajors, type Contender } from '../../harness/contract/two-majors.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { Misbehaviour, MisbehavingBundle } from '../support/broken-behaviour.ts';
import { type MisbehavingPlace, openMisbehavingPlace } from './support/misbehaving-place.ts';
import { keptTape, plainReplay, said, subjectOf } from './support/subject.ts';

const major = 17;
const other = 18;

type Check = (subject: Subject) => Promise<Discovery>;

/** Walredo alone: initdb is as slow watched as not, and says nothing of this. */
async function judgeExec(subject: Subject): Promise<Discovery> {
  const runs = await observeRuns(subject, ['--version'], keptTape(major).tape.requestsPath);
  return together(runs.filter(({ program }) => program === 'walredo').map(judgeSameProcess));
}

async function judgeTwo(subject: Subject): Promise<Discovery> {
  const contender = async (each: number): Promise<Contender> => {
    const own = { ...subject, major: each };
    return { subject: own, tape: keptTape(each).tape, plain: (await plainReplay(own)).stdout };
  };
  return judgeTwoMajors(await contender(major), await contender(other));
}

const checks: Readonly<Record<string, Check>> = {
  flags: judgeFlags,
  'exit code': judgeExitCode,
  signals: judgeSignals,
  refusals: judgeRefusals,
  exec: judgeExec,
  'two majors': judgeTwo,
};

interface Case {
  readonly check: keyof typeof checks;
  readonly misbehaviour: Omit<Misbehaviour, 'program'>;
  /** One of the findings. */
  readonly words: RegExp;
}

const cases: readonly Case[] = [
  {
    check: 'flags',
    misbehaviour: { kind: 'splits-flags' },
    words:
      /^launcher-flags: the flag "two words" does not reach initdb unchanged: it exited with code 1, saying: .*first is "two"/,
  },
  {
    check: 'flags',
    misbehaviour: { kind: 'drops-empty-flags' },
    words: /^launcher-flags: the flag "" does not reach initdb unchanged/,
  },
  {
    check: 'exit code',
    misbehaviour: { kind: 'swallows-exit-code' },
    words: /^launcher-exit-code: initdb --no-such-option exited with code 0.*initdb itself exits with code 1/,
  },
  {
    check: 'signals',
    misbehaviour: { kind: 'turns-signals' },
    words: /^launcher-signals: a walredo process that was sent SIGSEGV exited with code 139/,
  },
  {
    check: 'exec',
    misbehaviour: { kind: 'forks' },
    words:
      /^launcher-forks: LAUNCHER does not become the program: what answers is \/storage\/v17\/.*postgres-server in another process, and \/LAUNCHER stays as its parent/,
  },
  {
    check: 'refusals',
    misbehaviour: { kind: 'any-version', text: 'v17' },
    words:
      /^launcher-lenient: LAUNCHER does not refuse an unknown version: \/LAUNCHER v1 postgres --version exits with 0 and says "postgres \(PostgreSQL\) 17/,
  },
  {
    check: 'refusals',
    misbehaviour: { kind: 'any-version', text: 'v17' },
    words:
      /^launcher-lenient: LAUNCHER does not refuse an empty version: \/LAUNCHER "" postgres --version exits/,
  },
  {
    check: 'refusals',
    misbehaviour: { kind: 'any-program' },
    words:
      /^launcher-lenient: LAUNCHER does not refuse an unknown program: \/LAUNCHER v17 no-such-program --version exits/,
  },
  {
    check: 'refusals',
    misbehaviour: { kind: 'any-program' },
    words: /^launcher-lenient: LAUNCHER does not refuse an empty program: \/LAUNCHER v17 "" --version exits/,
  },
  {
    check: 'refusals',
    misbehaviour: { kind: 'paths' },
    words:
      /^launcher-lenient: LAUNCHER does not refuse a version that is a path: \/LAUNCHER \.\.\/storage\/v17 postgres/,
  },
  {
    check: 'refusals',
    misbehaviour: { kind: 'help-for-all' },
    words:
      /^launcher-lenient: LAUNCHER does not refuse no program: \/LAUNCHER v17 exits with 0 and says "usage"/,
  },
  {
    check: 'two majors',
    misbehaviour: { kind: 'one-at-a-time' },
    words: /^majors-disturb-each-other: while walredo of v17 runs, that of v18 does not answer a ping/,
  },
];

test.group('LAUNCHER', (group) => {
  let reference: Bundle;
  let broken: MisbehavingBundle;
  let host: Host;
  let place: MisbehavingPlace;
  group.setup(async () => {
    place = await openMisbehavingPlace([major, other]);
    ({ reference, broken, host } = place);
  });
  group.teardown(async () => {
    await place[Symbol.asyncDispose]();
  });

  test('of the reference bundle: {$self}')
    .with(Object.keys(checks))
    .run(async ({ assert }, name) => {
      await using scratch = await temporaryDirectory('launcher checks');
      const discovery = await checks[name]?.(subjectOf(reference, major, host, scratch.path));
      assert.deepEqual(discovery, { findings: [], notes: [] });
    });

  for (const { check, misbehaviour, words } of cases) {
    test(`${check}: ${misbehaviour.kind} is caught: ${words.source.slice(0, 60)}`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('launcher checks');
      await broken.misbehave({ program: 'LAUNCHER', ...misbehaviour });
      const discovery = await checks[check]?.(subjectOf(broken.bundle, major, host, scratch.path));
      const findings = discovery === undefined ? [] : said(discovery);
      assert.isTrue(
        findings.some((finding) => words.test(finding)),
        findings.join('\n'),
      );
    });
  }
});
