import { type CollationCorpus, stringAt } from './corpus.ts';
import type { EqualityExample } from './equality.ts';
import { type ExampleString, exampleString } from './example-string.ts';
import { costOfByte } from './string-cost.ts';
import { flippedStrings } from './total-order.ts';

/** A pair of strings that the two sides see differently; `left` comes first in `from`. */
export interface DriftExample {
  /** Two of the user's own, the most everyday text there is, the shortest strings, or two that are equal on one side alone. */
  readonly kind: 'own' | 'everyday' | 'smallest' | 'equality';
  readonly left: ExampleString;
  readonly right: ExampleString;
  /** How `left` compares with `right`; for an order with PostgreSQL's tie-break by bytes. */
  readonly from: '<' | '=' | '>';
  readonly to: '<' | '=' | '>';
}

/** Places in the two orders, and which strings may be shown, in the order of `from`. */
export interface OrdersToShow {
  readonly corpus: CollationCorpus;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly members: Uint32Array;
}

const wantedOfEach = 3;
const mostTried = 1000;

/** Pairs that flip: the most everyday ones, then the smallest ones; none when nothing flips. */
export function orderExamples(orders: OrdersToShow): readonly DriftExample[] {
  const flipped = flippedStrings(orders.members, orders.to, orders.corpus.count);
  const ascending = orders.members.toSorted();
  const everyday = ascending.filter((index) => sectionKind(orders.corpus, index) === 'everyday');
  return [
    ...pairs(orders, everyday, flipped).map((pair) => shown(orders, 'everyday', pair)),
    ...pairs(orders, byCost(orders.corpus, ascending, flipped), flipped).map((pair) =>
      shown(orders, 'smallest', pair),
    ),
  ];
}

/** Pairs of the user's own strings that flip, in the order in which they were given; none when nothing flips. */
export function ownExamples(orders: OrdersToShow): readonly DriftExample[] {
  const flipped = flippedStrings(orders.members, orders.to, orders.corpus.count);
  return pairs(orders, orders.members.toSorted(), flipped).map((pair) => shown(orders, 'own', pair));
}

/** A pair that is equal on one side alone; ranks are equal exactly for equal strings. */
export function equalityExample(
  corpus: CollationCorpus,
  { left: one, right: other }: EqualityExample,
  from: Uint32Array,
  to: Uint32Array,
): DriftExample {
  const [left, right] = number(from, one) <= number(from, other) ? [one, other] : [other, one];
  return {
    kind: 'equality',
    left: exampleString(stringAt(corpus, left)),
    right: exampleString(stringAt(corpus, right)),
    from: relation(number(from, left), number(from, right)),
    to: relation(number(to, left), number(to, right)),
  };
}

function relation(left: number, right: number): DriftExample['from'] {
  if (left === right) return '=';
  return left < right ? '<' : '>';
}

type Pair = readonly [number, number];

/** The first strings of `candidates` that are part of a flip, each with the first that it flips with. */
function pairs({ from, to }: OrdersToShow, candidates: Uint32Array, flipped: Uint8Array): readonly Pair[] {
  const involved = candidates.filter((index) => flipped[index] === 1);
  const found: Pair[] = [];
  const used = new Set<number>();
  for (const one of involved.subarray(0, mostTried)) {
    if (found.length === wantedOfEach) break;
    if (used.has(one)) continue;
    const other = involved.find(
      (each) =>
        !used.has(each) && number(from, one) < number(from, each) !== number(to, one) < number(to, each),
    );
    if (other === undefined) continue;
    found.push([one, other]);
    used.add(one).add(other);
  }
  return found;
}

function shown({ corpus, from }: OrdersToShow, kind: DriftExample['kind'], [one, other]: Pair): DriftExample {
  const [left, right] = number(from, one) < number(from, other) ? [one, other] : [other, one];
  return {
    kind,
    left: exampleString(stringAt(corpus, left)),
    right: exampleString(stringAt(corpus, right)),
    from: '<',
    to: '>',
  };
}

/**
 * The flipped strings, those first that are short and of common characters: in the order of what each character costs, and
 * among those of one cost the everyday ones. Nobody needs dear ones where there are cheap ones.
 */
function byCost(corpus: CollationCorpus, indexes: Uint32Array, flipped: Uint8Array): Uint32Array {
  const candidates = indexes.filter((index) => flipped[index] === 1);
  const costs = candidates.map((index) => costOf(corpus, index));
  const order = candidates.map((_, position) => position);
  order.sort((one, other) => number(costs, one) - number(costs, other) || one - other);
  return order.map((position) => number(candidates, position));
}

function costOf({ bytes, offsets }: CollationCorpus, index: number): number {
  let cost = 0;
  for (let at = number(offsets, index); at < number(offsets, index + 1) - 1; at += 1)
    cost += costOfByte(number(bytes, at));
  return cost;
}

function sectionKind({ sections, sectionOf }: CollationCorpus, index: number): string | undefined {
  return sections[number(sectionOf, index)]?.kind;
}

function number(numbers: { readonly [index: number]: number }, index: number): number {
  return numbers[index] as number;
}
