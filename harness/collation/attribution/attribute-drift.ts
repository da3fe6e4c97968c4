import { RedoubtError } from '../../error.ts';
import { composedImage } from '../../host/composition/composition-recipe.ts';
import type { Progress } from '../../host/progress.ts';
import { ensureRoot, type Root } from '../../host/root.ts';
import type { LocaleDrift } from '../locale-drift.ts';
import { isNoServer } from '../scratch-server.ts';
import { askLibraries } from './ask-libraries.ts';
import { askServer, type PairAnswer } from './ask-server.ts';
import type { AttributionRun, LocaleAttribution } from './attribution.ts';
import { causeOfRuns, likened, notSwapped } from './cause-of-runs.ts';
import { type PairQuestion, pairQuestions } from './pair-question.ts';
import { planSwaps, type Swap, type SwapSides, wholeOf } from './swap.ts';

type Asked = AttributionRun['asked'];

/** What one environment answered to all questions, in their order. */
interface SwapAnswers {
  readonly swap: Swap;
  readonly asked: Asked;
  readonly answers: readonly PairAnswer[];
}

/** As many as there are roots made or asked at a time. */
const atOnce = 2;

/**
 * Says of each locale that changes which part of the environments is to blame: the libraries are asked about the drift's own
 * pairs with one part of the other side at a time, and the server where that decides. Throws what making a root throws, but
 * for parts that do not fit together: those are said.
 */
export async function attributeDrift(
  drifts: readonly LocaleDrift[],
  sides: SwapSides,
  progress: Progress,
): Promise<ReadonlyMap<LocaleDrift, LocaleAttribution>> {
  const questions = pairQuestions(drifts);
  if (questions.length === 0) return new Map();
  const swaps = planSwaps(sides, new Set(questions.map(({ provider }) => provider)));
  const ask = (asked: Asked, wanted: readonly Swap[]): Promise<readonly SwapAnswers[]> =>
    inTurn(wanted, (swap) => answersOf(asked, swap, questions, progress));
  const judged = (runs: readonly SwapAnswers[]): readonly LocaleAttribution[] =>
    questions.map((question, number) => judge(question, number, runs));
  const byLibraries = await ask(
    'libraries',
    swaps.filter((swap) => !isOfServer(swap)),
  );
  const wanted = decisive(judged(byLibraries), sides);
  const byServer = await ask(
    'server',
    swaps.filter((swap) => isOfServer(swap) || wanted.has(swap.parts.join(' '))),
  );
  const attributions = judged([...byLibraries, ...byServer]);
  return new Map(
    questions.flatMap(({ drifts: asked }, number) => {
      const attribution = attributions[number];
      return attribution === undefined ? [] : asked.map((drift) => [drift, attribution] as const);
    }),
  );
}

/** Some at a time; the results in their order. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += atOnce)
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  return results;
}

function judge({ pairs }: PairQuestion, number: number, all: readonly SwapAnswers[]): LocaleAttribution {
  const runs = likened(
    all.map(({ swap, asked, answers }) => {
      const answer = answers[number];
      return {
        ...swap,
        asked,
        seen: answer?.kind === 'seen' ? answer.seen : null,
        refused: answer?.kind === 'refused' ? answer.why : null,
      };
    }),
  );
  return { ...causeOfRuns(runs), pairs, characters: [], runs, notSwapped: notSwapped(runs) };
}

/** Libraries know nothing of the server: it must be asked itself. */
function isOfServer({ parts }: Swap): boolean {
  return parts.includes('server');
}

/**
 * The exchanges that a server confirms: none, and that of the whole library to which what decided belongs. A server asks more
 * of libicu than the order of strings, and code of one version may hang on the data of another.
 */
function decisive(attributions: readonly LocaleAttribution[], sides: SwapSides): ReadonlySet<string> {
  const whole = attributions.map(({ parts }) => wholeOf(sides, parts));
  return new Set(['', ...whole.map((parts) => parts.join(' '))]);
}

async function answersOf(
  asked: Asked,
  swap: Swap,
  questions: readonly PairQuestion[],
  progress: Progress,
): Promise<SwapAnswers> {
  progress('attribution', `${asked === 'server' ? 'the server' : 'the libraries'} of ${swap.environment}`);
  const place = await openSwap(swap, progress);
  if (place.kind === 'refused')
    return { swap, asked, answers: questions.map(() => ({ kind: 'refused', why: place.why })) };
  const { root, major } = place;
  const answers =
    asked === 'server'
      ? await askServer({ ...root, major }, questions, progress).catch((error: unknown) => {
          const why = whyNoServer(error);
          return questions.map((): PairAnswer => ({ kind: 'refused', why }));
        })
      : await askLibraries(root, questions, progress);
  return { swap, asked, answers };
}

/** A server needs more of a root than its libraries do: a shell, for one. Throws what is nothing of the root's. */
export function whyNoServer(error: unknown): string {
  if (isNoServer(error)) return error.message;
  throw error;
}

type OpenedSwap =
  | { readonly kind: 'root'; readonly root: Root; readonly major: number }
  | { readonly kind: 'refused'; readonly why: string };

/** The root of an environment with parts of the other side, or why they do not fit. */
export async function openSwap({ environment }: Swap, progress: Progress): Promise<OpenedSwap> {
  try {
    const { recipe, major } = await composedImage(environment, progress);
    return { kind: 'root', root: await ensureRoot(recipe, progress), major };
  } catch (error) {
    if (error instanceof RedoubtError && error.code === 'cannot-compose')
      return { kind: 'refused', why: error.message };
    throw error;
  }
}
