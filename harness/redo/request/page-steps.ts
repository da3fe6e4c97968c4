import { prefixRequest } from './prefix-request.ts';
import { readRequestRecords } from './request-records.ts';

/** Asks one side for the pages of several requests, in order; undefined where it gave none. */
export type AskPages = (requests: readonly Buffer[]) => Promise<readonly (Buffer | undefined)[]>;

/** A page as it was after some of its records, on both sides; `counts` ascend and end with all records. */
export interface PageSteps {
  /** After how many records; 0 is what comes back of the page that was pushed. */
  readonly counts: readonly number[];
  readonly pages: readonly (Buffer | undefined)[];
  /** The other side's; undefined where there is none. */
  readonly otherPages: readonly (Buffer | undefined)[] | undefined;
  /** The first count at which the other side has a page and this one has none, or another one. */
  readonly parting: number | undefined;
}

/** So many steps of a page are asked for at a time. */
const mostPoints = 128;
const fewestPoints = 8;
/** What is sent to a side at a time, as far as that leaves the fewest points. */
const mostBytes = 4 * 2 ** 20;

/**
 * Replays the beginnings of a request: the page after each record, or, where there are many, after some of them, ever
 * closer around the first after which the sides part. Throws what asking throws.
 */
export async function stepPages(
  request: Buffer,
  ask: AskPages,
  askOther: AskPages | undefined,
): Promise<PageSteps> {
  const { base, records } = readRequestRecords(request);
  const points = Math.min(mostPoints, Math.max(fewestPoints, Math.floor(mostBytes / request.length)));
  const known = new Map<number, readonly [Buffer | undefined, Buffer | undefined]>();
  // Without a pushed page there is nothing to ask for before the first record.
  const before = base === undefined ? 0 : -1;
  let range: readonly [number, number] | undefined = [before, records.length];
  while (range !== undefined) {
    const counts = spread(...range, points).filter((count) => !known.has(count));
    const requests = counts.map((count) => prefixRequest(request, count));
    const [own, others] = await Promise.all([ask(requests), askOther?.(requests)]);
    for (const [index, count] of counts.entries()) {
      const answers = [own[index], others?.[index]] as const;
      // A side need not answer without a record: then nothing is known but what was pushed.
      const isKnown = count > 0 || (answers[0] && (answers[1] || askOther === undefined));
      known.set(count, isKnown ? answers : [base, base]);
    }
    range = askOther === undefined ? undefined : gapBeforeParting(known, before);
  }
  const steps = [...known].toSorted(([left], [right]) => left - right);
  return {
    counts: steps.map(([count]) => count),
    pages: steps.map(([, [own]]) => own),
    otherPages: askOther === undefined ? undefined : steps.map(([, [, other]]) => other),
    parting: partingOf(known),
  };
}

/** At most `most` numbers of ]from, to], evenly spread, the last one always. */
function spread(from: number, to: number, most: number): readonly number[] {
  const length = to - from;
  const wanted = Math.min(length, most);
  return Array.from({ length: wanted }, (_, index) => from + Math.ceil(((index + 1) * length) / wanted));
}

type Known = ReadonlyMap<number, readonly [Buffer | undefined, Buffer | undefined]>;

function partingOf(known: Known): number | undefined {
  const parted = [...known].filter(([, [own, other]]) => other !== undefined && own?.equals(other) !== true);
  return parted.length === 0 ? undefined : Math.min(...parted.map(([count]) => count));
}

/** What lies between the last count before the parting and the parting itself; undefined when nothing does. */
function gapBeforeParting(known: Known, floor: number): readonly [number, number] | undefined {
  const parting = partingOf(known);
  if (parting === undefined) return undefined;
  const before = Math.max(floor, ...[...known.keys()].filter((count) => count < parting));
  return parting - before > 1 ? [before, parting] : undefined;
}
