import { test } from '@japa/runner';

import { referenceMajors } from '../../harness/bundle/reference/build.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import { judgeClosedInput } from '../../harness/contract/closed-input.ts';
import { judgeVariation } from '../../harness/contract/judge-variation.ts';
import { together, type Discovery, type Subject } from '../../harness/contract/subject.ts';
import { variationGroups } from '../../harness/contract/variation.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { Misbehaviour, MisbehavingBundle } from '../support/broken-behaviour.ts';
import { type MisbehavingPlace, openMisbehavingPlace } from './support/misbehaving-place.ts';
import { hangMs, keptTape, plainReplay, said, subjectOf } from './support/subject.ts';

const major = 17;

/** All variations, or those of one group. */
async function judgeVariations(subject: Subject, id?: string): Promise<Discovery> {
  const { tape, requests } = keptTape(subject.major);
  const plain = await plainReplay(subject);
  const groups = variationGroups(subject.bundle.layout).filter(
    (group) => id === undefined || group.id === id,
  );
  const discoveries: Discovery[] = [];
  for (const variation of groups.flatMap(({ variations }) => variations))
    discoveries.push(await judgeVariation(subject, tape, requests, plain, variation));
  return together(discoveries);
}

interface Case {
  readonly group: string;
  readonly misbehaviour: Misbehaviour;
  readonly words: RegExp;
}

const page = String.raw`answers otherwise than without: 64 of 64 pages differ, the first of request 0 \(.+ block \d+\) at byte 8191: [0-9a-f]{2} expected, [0-9a-f]{2} found`;

const cases: readonly Case[] = [
  {
    group: 'umask',
    misbehaviour: { program: 'postgres', kind: 'page-by-umask' },
    words: new RegExp(`walredo with umask 0 ${page}`),
  },
  {
    group: 'working-directory',
    misbehaviour: { program: 'postgres', kind: 'page-by-directory' },
    words: new RegExp(`walredo with working directory /inout ${page}`),
  },
  {
    group: 'environment',
    misbehaviour: { program: 'postgres', kind: 'page-by-variable', text: 'TZ' },
    words: new RegExp(`walredo with TZ=Asia/Kathmandu ${page}`),
  },
  {
    group: 'environment',
    misbehaviour: { program: 'postgres', kind: 'page-by-variable', text: 'MALLOC_PERTURB_' },
    words: new RegExp(`walredo with MALLOC_PERTURB_=165 and MALLOC_ARENA_MAX=1 ${page}`),
  },
  {
    group: 'cpu-features',
    misbehaviour: { program: 'postgres', kind: 'page-by-variable', text: 'GLIBC_TUNABLES' },
    words: new RegExp(`walredo with GLIBC_TUNABLES masking CPU features ${page}`),
  },
  {
    group: 'limits',
    misbehaviour: { program: 'postgres', kind: 'needs-files' },
    words:
      /with few open files \(64\) exited with code 125, saying: .*too few open files.*, after 0 of 64 answers/,
  },
  {
    group: 'descriptors',
    misbehaviour: { program: 'postgres', kind: 'refuses-descriptors' },
    words: /with 61 inherited descriptors exited with code 125, saying: .*descriptor 10 is open already/,
  },
  ...['/dev/null', '/dev/zero', '/dev/urandom'].map((device) => ({
    group: 'no-devices',
    misbehaviour: { program: 'postgres' as const, kind: 'needs-device' as const, text: device },
    words: new RegExp(`with no devices exited with code 125, saying: .*${device}: No such file or directory`),
  })),
  {
    group: 'launcher-name',
    misbehaviour: { program: 'LAUNCHER', kind: 'name-matters' },
    words: /with argv\[0\] "" exited with code 125, saying: .*called by another name/,
  },
];

test.group('what must not matter to pages', (group) => {
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

  test('does not, to the reference bundle of {$self}')
    .with([...referenceMajors])
    .run(async ({ assert }, each) => {
      await using scratch = await temporaryDirectory('variations');
      const discovery = await judgeVariations(subjectOf(reference, each, host, scratch.path));
      assert.deepEqual(discovery, { findings: [], notes: [] });
    });

  test('a closed standard input is no trouble to the reference bundle', async ({ assert }) => {
    await using scratch = await temporaryDirectory('variations');
    const subject = subjectOf(reference, major, host, scratch.path);
    assert.deepEqual(await judgeClosedInput(subject), { findings: [], notes: [] });
  });

  test('a standard input that must be there is caught, and a walredo that waits for ever', async ({
    assert,
  }) => {
    await using scratch = await temporaryDirectory('variations');
    const subject = subjectOf(broken.bundle, major, host, scratch.path, hangMs);
    await broken.misbehave({ program: 'initdb', kind: 'needs-input' });
    const message =
      'circumstance-matters: initdb --version with a closed standard input exited with code 125';
    assert.include(said(await judgeClosedInput(subject)).join('\n'), message);
    await broken.misbehave({ program: 'postgres', kind: 'hangs-without-input' });
    const findings = said(await judgeClosedInput(subject));
    assert.include(
      findings,
      'circumstance-matters: walredo with a closed standard input does not end within 6 s',
    );
  });

  for (const { group: id, misbehaviour, words } of cases) {
    test(`does, and is caught: ${misbehaviour.kind} ${misbehaviour.text ?? ''}`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('variations');
      await broken.misbehave(misbehaviour);
      const subject = subjectOf(broken.bundle, major, host, scratch.path);
      const [first = ''] = said(await judgeVariations(subject, id));
      assert.match(first, /^circumstance-matters: /);
      assert.match(first, words);
    });
  }
});
