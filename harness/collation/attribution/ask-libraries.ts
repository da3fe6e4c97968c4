import { setTimeout } from 'node:timers/promises';

import type { Progress } from '../../host/progress.ts';
import type { Root } from '../../host/root.ts';
import { CorpusBuilder } from '../corpus.ts';
import { rootEnvironment } from '../environment.ts';
import { type LibraryProvider, Probe } from '../probe.ts';
import type { PairAnswer } from './ask-server.ts';
import { comparisonOf, type AskedPairs } from './pair-question.ts';

/** A few strings are ordered in milliseconds. Code that reads the data of another version may search it without end. */
const usualTimeoutMs = 15_000;
const mostHangs = 2;

/** Asks the libraries of a root, by a probe that runs in it, how pairs of strings compare. */
export async function askLibraries(
  root: Root,
  questions: readonly AskedPairs[],
  progress: Progress,
  answerTimeoutMs = usualTimeoutMs,
): Promise<readonly PairAnswer[]> {
  const noAnswer = `no answer in ${String(answerTimeoutMs / 1000)} s`;
  await using probe = await Probe.open(await rootEnvironment(root.name, root.path), progress);
  const strings = questions.flatMap(({ pairs }) =>
    pairs.flatMap(({ left, right }) => [left.text, right.text]),
  );
  const number = new Map([...new Set(strings)].map((text, index) => [text, index]));
  const corpus = await probe.addCorpus(
    new CorpusBuilder().addStrings('asked', 'everyday', number.keys()).build().bytes,
  );
  const answers: PairAnswer[] = [];
  const hangs: Record<LibraryProvider, number> = { libc: 0, icu: 0 };
  for (const { provider, locale, pairs } of questions) {
    const ranks =
      hangs[provider] < mostHangs
        ? await inTime(probe, probe.ranks(provider, locale, corpus), answerTimeoutMs)
        : { words: 'not asked any more: others had no answer' };
    if (ranks === undefined) hangs[provider] += 1;
    if (!(ranks instanceof Uint32Array)) {
      answers.push({ kind: 'refused', why: `${provider} ${locale}: ${ranks?.words ?? noAnswer}` });
      continue;
    }
    const rankOf = (text: string): number => ranks[number.get(text) ?? 0] ?? 0;
    const seen = pairs.map(({ left, right }) =>
      comparisonOf(provider, [left.text, right.text], [rankOf(left.text), rankOf(right.text)]),
    );
    answers.push({ kind: 'seen', seen });
  }
  return answers;
}

/** The answer; undefined when it does not come, and the probe is ended then. */
async function inTime<Answer>(
  probe: Probe,
  answer: Promise<Answer>,
  timeoutMs: number,
): Promise<Answer | undefined> {
  const settled = answer.then(
    () => undefined,
    () => undefined,
  );
  const timer = new AbortController();
  const isLate = await Promise.race([
    settled.then(() => false),
    setTimeout(timeoutMs, true, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  if (!isLate) return answer;
  await probe.abandon();
  await settled;
  return undefined;
}
