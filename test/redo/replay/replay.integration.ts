import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from '@japa/runner';

import { launch } from '../../../harness/bundle/launch.ts';
import { openBundle, type Bundle } from '../../../harness/bundle/open.ts';
import { makeUnprivilegedDirectory } from '../../../harness/host/unprivileged-directory.ts';
import { openChrootHost } from '../../../harness/host/chroot/chroot-host.ts';
import type { Host } from '../../../harness/host/engine.ts';
import { silent } from '../../../harness/host/progress.ts';
import { hostRecipe } from '../../../harness/host/debian/recipes.ts';
import { ensureRoot } from '../../../harness/host/root.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { comparePages } from '../../../harness/page/compare.ts';
import { Answers, compareAnswers, type AnswerComparison } from '../../../harness/redo/tape/answers.ts';
import {
  replay,
  type AnswerRun,
  type Replay,
  type ReplayOptions,
} from '../../../harness/redo/replay/replay.ts';
import type { Tape } from '../../../harness/redo/tape/tape.ts';
import { breakBundle, type Fault } from '../../support/broken-bundle.ts';
import { referenceBundle, smallTape } from '../../support/small-tape.ts';

const major = 17;

test.group('replay through the reference bundle', (group) => {
  let bundle: Bundle;
  let tape: Tape;
  let host: Host;
  let scratch: TemporaryDirectory;
  let runs = 0;
  group.setup(async () => {
    bundle = await referenceBundle();
    tape = await smallTape(major);
    const root = await ensureRoot(hostRecipe('debian:12'), silent);
    host = await openChrootHost(root.name, root.path);
    scratch = await temporaryDirectory('replays');
    return async () => {
      await host[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    };
  });

  async function play(candidate: Bundle, change: Partial<ReplayOptions> = {}): Promise<Replay> {
    const directory = join(scratch.path, `answers-${String(runs++)}`);
    const inout = `${directory}-inout`;
    await mkdir(directory);
    await makeUnprivilegedDirectory(inout);
    const start = launch(candidate, major, 'postgres', ['--wal-redo']);
    return replay({
      host,
      launch: { ...start, mounts: [{ source: inout, target: '/inout', readOnly: false }] },
      requestsPath: tape.requestsPath,
      index: tape.index,
      directory,
      ...change,
    });
  }

  async function broken(fault: Fault): Promise<Bundle> {
    return openBundle(
      await breakBundle(bundle, fault, join(scratch.path, `bundle-${String(runs++)}`)),
      silent,
    );
  }

  /** The answers against the tape's own pages, of the requests that it judges. */
  function againstOracle(answers: readonly AnswerRun[]): AnswerComparison {
    using expected = new Answers([{ firstRequest: 0, pages: tape.index.length, path: tape.oraclePath }]);
    using actual = new Answers(answers);
    const wanted = (request: number): boolean => tape.index.oracle(request) !== 'none';
    return compareAnswers(expected, actual, tape.index.length, wanted, comparePages);
  }

  test('gives every page as recovery made it, in one process, and the same again', async ({ assert }) => {
    const [one, two] = [await play(bundle), await play(bundle)];
    for (const { faults, runs: answers } of [one, two]) {
      assert.deepEqual(faults, []);
      assert.deepEqual(
        answers.map(({ firstRequest, pages }) => [firstRequest, pages]),
        [[0, tape.index.length]],
      );
      const { different, missing, compared } = againstOracle(answers);
      assert.deepEqual([different, missing], [[], []]);
      assert.equal(compared, tape.manifest.counts.judged);
    }
    using left = new Answers(one.runs);
    using right = new Answers(two.runs);
    const everyFork = compareAnswers(left, right, tape.index.length, () => true, comparePages);
    assert.deepEqual(everyFork, { compared: tape.index.length, different: [], missing: [] });
    assert.isAbove(one.peakRssBytes, 2 ** 20);
    assert.isBelow(one.peakRssBytes, 2 ** 28);
  });

  test('goes on after a death, and keeps all other answers right', async ({ assert }) => {
    const victims = [3, 40, tape.index.length - 1];
    for (const victim of victims) {
      const at = { kind: 'page', key: tape.index.at(victim).key } as const;
      const { faults, runs: answers } = await play(await broken({ kind: 'crash', at }));
      assert.deepEqual(
        faults.map((fault) => [fault.kind, fault.kind === 'died' && fault.request]),
        [['died', victim]],
      );
      const { different, missing } = againstOracle(answers);
      assert.deepEqual(different, []);
      assert.deepEqual(missing, tape.index.oracle(victim) === 'none' ? [] : [victim]);
    }
  });

  test('kills what hangs, and keeps all other answers right', async ({ assert }) => {
    const at = { kind: 'page', key: tape.index.at(7).key } as const;
    const { faults, runs: answers } = await play(await broken({ kind: 'hang', at }), {
      answerTimeoutMs: 6000,
    });
    assert.deepEqual(faults, [{ kind: 'hung', request: 7, waitedMs: 6000 }]);
    assert.deepEqual(againstOracle(answers).different, []);
  });

  test('ends a process at its memory limit, says so, and takes no wrong page for an answer', async ({
    assert,
  }) => {
    const { faults, runs: answers } = await play(bundle, { limits: { memoryBytes: 2 ** 20 } });
    assert.equal(faults.at(-1)?.kind, 'given-up');
    const [first] = faults;
    assert.equal(first?.kind, 'died');
    assert.deepEqual(againstOracle(answers).different, []);
    assert.isAbove(againstOracle(answers).missing.length, 0);
  });

  test('ends a process that writes too much', async ({ assert }) => {
    const { faults } = await play(bundle, { limits: { outputBytes: 3 * 8192 } });
    const [first] = faults;
    assert.isTrue(
      first?.kind === 'died' && first.ending.kind === 'limited' && first.ending.limit === 'output',
    );
  });
});
