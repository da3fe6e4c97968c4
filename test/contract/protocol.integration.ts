import { test } from '@japa/runner';

import { referenceMajors } from '../../harness/bundle/reference/build.ts';
import type { Bundle } from '../../harness/bundle/open.ts';
import { edgeMaterial } from '../../harness/contract/edge-material.ts';
import { judgeInStep } from '../../harness/contract/in-step.ts';
import { compareFacts, judgeEdge } from '../../harness/contract/judge-edge.ts';
import { judgeMemoryGrowth } from '../../harness/contract/memory-growth.ts';
import { backToBack, edgeGroups, type ProtocolEdge } from '../../harness/contract/protocol-edge.ts';
import { together, type Discovery, type Subject } from '../../harness/contract/subject.ts';
import type { Host } from '../../harness/host/engine.ts';
import { temporaryDirectory } from '../../harness/host/run-directory.ts';
import type { Misbehaviour, MisbehavingBundle } from '../support/broken-behaviour.ts';
import { type MisbehavingPlace, openMisbehavingPlace } from './support/misbehaving-place.ts';
import { hangMs, keptTape, plainReplay, said, subjectOf } from './support/subject.ts';

const major = 17;
/** What a leak is seen in soon, and what shows a small one. */
const someBytes = 48 * 2 ** 20;
const manyBytes = 2 ** 30;
const isFull = process.env['REDOUBT_TEST_TIER'] === 'full';

/** All edges, as the sound answers of a bundle make them. */
function allEdges(subject: Subject, answers: Buffer): readonly ProtocolEdge[] {
  const { tape, requests } = keptTape(subject.major);
  const material = edgeMaterial(tape, answers);
  return [...edgeGroups.flatMap(({ edges }) => edges(material)), backToBack(requests, answers, 2)];
}

/** Judges them all. */
async function judgeAll(subject: Subject, answers: Buffer): Promise<Discovery> {
  const discoveries: Discovery[] = [];
  for (const edge of allEdges(subject, answers)) discoveries.push(await judgeEdge(subject, edge));
  return together(discoveries);
}

interface Case {
  readonly kind: Misbehaviour['kind'];
  readonly words: RegExp;
  /** What has no end but its time limit. */
  readonly isWaitedFor?: boolean;
}

const cases: readonly Case[] = [
  {
    kind: 'ping-twice',
    words:
      /^protocol-answer-extra: walredo, given a ping, gives 16384 bytes of answers, 8192 are due at most: the rest are zeros; it exited with code 0/,
  },
  {
    kind: 'page-at-end',
    words: /^protocol-answer-extra: walredo, given pings around a request, gives 32768 bytes/,
  },
  {
    kind: 'bad-end',
    words:
      /^protocol-bad-end: walredo, given the end of its input at once, exited with code 3, saying nothing; it must exit with 0/,
  },
  {
    kind: 'hangs-on-tag',
    words: /^protocol-hang: walredo, given an unknown tag, did not end within 6 s of its end of input/,
    isWaitedFor: true,
  },
  {
    kind: 'half-page',
    words: /^protocol-answer-extra: walredo, given half a page and the end of its input, gives 12288 bytes/,
  },
  {
    kind: 'previous-for-unfit',
    words:
      /^protocol-residue: walredo, given a record of an unknown resource manager, gives as answer 2 the page of another request/,
  },
  {
    kind: 'previous-for-unfit',
    words:
      /^protocol-residue: walredo, given a record on a page that was never initialised, gives as answer 2 the page of another request/,
  },
  {
    kind: 'previous-without-begin',
    words:
      /^protocol-residue: walredo, given a get of another page than was begun, gives as answer 2 the page of another request/,
  },
];

test.group('the edges of the walredo protocol', (group) => {
  let reference: Bundle;
  let broken: MisbehavingBundle;
  let host: Host;
  let place: MisbehavingPlace;
  let sound: Buffer;
  group.setup(async () => {
    place = await openMisbehavingPlace();
    ({ reference, broken, host } = place);
    sound = (await plainReplay(subjectOf(reference, major, host, place.path))).stdout;
  });
  group.teardown(async () => {
    await place[Symbol.asyncDispose]();
  });

  async function misbehaving(
    kind: Misbehaviour['kind'],
    directory: string,
    isWaitedFor = false,
  ): Promise<Subject> {
    await broken.misbehave({ program: 'postgres', kind });
    return subjectOf(broken.bundle, major, host, directory, isWaitedFor ? hangMs : undefined);
  }

  test('the reference bundle of {$self} keeps to them, and each is told')
    .with([...referenceMajors])
    .run(async ({ assert }, each) => {
      await using scratch = await temporaryDirectory('protocol checks');
      const subject = subjectOf(reference, each, host, scratch.path);
      const { stdout } = await plainReplay(subject);
      const discovery = await judgeAll(subject, stdout);
      assert.deepEqual(said(discovery), []);
      assert.lengthOf(discovery.notes, allEdges(subject, stdout).length);
      assert.include(discovery.notes, 'a ping: exited with code 0, 1 answer');
      assert.deepEqual(said(await judgeInStep(subject, keptTape(each).tape, stdout)), []);
    });

  for (const { kind, words, isWaitedFor } of cases) {
    test(`${kind} is caught: ${words.source.slice(0, 80)}`, async ({ assert }) => {
      await using scratch = await temporaryDirectory('protocol checks');
      const findings = said(await judgeAll(await misbehaving(kind, scratch.path, isWaitedFor), sound));
      assert.isTrue(
        findings.some((finding) => words.test(finding)),
        findings.join('\n'),
      );
    });
  }

  test('answers that are held back until the end of the input are caught', async ({ assert }) => {
    await using scratch = await temporaryDirectory('protocol checks');
    const subject = await misbehaving('buffers', scratch.path, true);
    assert.match(
      said(await judgeInStep(subject, keptTape(major).tape, sound)).join('\n'),
      /^protocol-no-answer-in-step: walredo does not answer a ping while its input stays open: 0 of 8192 bytes came within 6 s/,
    );
  });

  test('a fact that is another than the baseline’s is found, other words are noted', async ({ assert }) => {
    const [edge] = allEdges(subjectOf(reference, major, host, '/nowhere'), sound);
    if (edge === undefined) throw new Error('there is no edge');
    const own = { ending: 'exited with code 1', answers: 1, words: 'FATAL: one' };
    assert.match(
      said(compareFacts(edge, own, { ...own, ending: 'was killed by SIGSEGV' })).join('\n'),
      /^protocol-unlike-baseline: .*exited with code 1, 1 answer, "FATAL: one"; the baseline was killed by SIGSEGV, 1 answers/,
    );
    assert.lengthOf(compareFacts(edge, own, { ...own, answers: 2 }).findings, 1);
    assert.deepEqual(compareFacts(edge, own, { ...own, words: 'FATAL: two' }), {
      findings: [],
      notes: [`${edge.what}: says "FATAL: one", the baseline "FATAL: two"`],
    });
    assert.deepEqual(compareFacts(edge, own, own), { findings: [], notes: [] });
  });

  test('memory that is kept for each request is caught', async ({ assert }) => {
    await using scratch = await temporaryDirectory('protocol checks');
    const subject = await misbehaving('keeps-memory', scratch.path);
    assert.match(
      said(await judgeMemoryGrowth(subject, keptTape(major).requests, someBytes)).join('\n'),
      /^memory-growth: walredo grows with its requests: [\d.]+ MiB resident after [\d.]+ MiB of them, [\d.]+ MiB after [\d.]+ MiB/,
    );
  });

  test('the reference bundle does not grow with its requests', async ({ assert }) => {
    await using scratch = await temporaryDirectory('protocol checks');
    const subject = subjectOf(reference, major, host, scratch.path);
    const bytes = isFull ? manyBytes : someBytes;
    assert.deepEqual(said(await judgeMemoryGrowth(subject, keptTape(major).requests, bytes)), []);
  });
});
