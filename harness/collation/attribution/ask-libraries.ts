import type { Progress } from '../../host/progress.ts';
import type { Root } from '../../host/root.ts';
import { CorpusBuilder } from '../corpus.ts';
import { rootEnvironment } from '../environment.ts';
import { Probe } from '../probe.ts';
import type { PairAnswer } from './ask-server.ts';
import { comparisonOf, type PairQuestion } from './pair-question.ts';

/** Asks the libraries of a root, by a probe that runs in it, how pairs of strings compare. */
export async function askLibraries(
  root: Root,
  questions: readonly PairQuestion[],
  progress: Progress,
): Promise<readonly PairAnswer[]> {
  await using probe = await Probe.open(await rootEnvironment(root.name, root.path), progress);
  const strings = questions.flatMap(({ pairs }) =>
    pairs.flatMap(({ left, right }) => [left.text, right.text]),
  );
  const number = new Map([...new Set(strings)].map((text, index) => [text, index]));
  const corpus = await probe.addCorpus(
    new CorpusBuilder().addStrings('asked', 'everyday', number.keys()).build().bytes,
  );
  const answers: PairAnswer[] = [];
  for (const { provider, locale, pairs } of questions) {
    const ranks = await probe.ranks(provider, locale, corpus);
    if (!(ranks instanceof Uint32Array)) {
      answers.push({ kind: 'refused', why: `${provider} ${locale}: ${ranks.words}` });
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
