import { join } from 'node:path';
import { execa } from 'execa';

import { comparePages } from '../harness/page/compare.ts';
import { Answers, compareAnswers } from '../harness/redo/tape/answers.ts';
import type { BenchInputs } from './inputs.ts';
import { speedRatio, type Measurement } from './measurement.ts';
import { replayOnce } from './replay-bench.ts';
import { medians, costOf } from './rounds.ts';

const rounds = 15;

/** Comparing all pages of a replay with those of another against `cmp` on the same two files. */
export async function measureComparison(inputs: BenchInputs): Promise<Measurement> {
  const { index } = inputs.tape;
  const [first] = (await replayOnce(inputs, join(inputs.scratch, 'left'))).runs;
  const [second] = (await replayOnce(inputs, join(inputs.scratch, 'right'))).runs;
  if (first === undefined || second === undefined) throw new Error('the replay left no answers');
  const compare = (): void => {
    using expected = new Answers([first]);
    using actual = new Answers([second]);
    const { compared, different } = compareAnswers(expected, actual, index.length, () => true, comparePages);
    if (compared !== index.length || different.length > 0) throw new Error('two replays differ');
  };
  const { ours, cmp } = await medians(rounds, {
    ours: () => costOf(compare),
    cmp: () => costOf(() => execa('cmp', [first.path, second.path])),
  });
  return speedRatio(`comparing ${String(index.length)} pages; cmp on the same two files`, [ours, cmp], {
    least: 1,
    required: false,
  });
}
