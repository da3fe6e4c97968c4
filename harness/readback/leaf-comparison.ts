import { type ExampleString, exampleString } from '../collation/example-string.ts';
import type { LeafEntry } from './btree-leaves.ts';

/** Where a row's item lies in the leaves of an index. */
export interface LeafPlace {
  readonly block: number;
  readonly item: number;
}

/** One row's key, and its place in the index as it was built on either side. */
export interface PlacedKey {
  readonly row: string;
  readonly key: ExampleString;
  readonly from: LeafPlace;
  readonly to: LeafPlace;
}

/** Two neighbours that change places. */
export interface Flip {
  readonly left: PlacedKey;
  readonly right: PlacedKey;
}

/** How the leaves of one index differ that was built twice over the same rows. */
export interface LeafComparison {
  readonly entries: number;
  /** Neighbours in the index as it was built first, of which the one behind comes first in the other. */
  readonly pairsFlipped: number;
  /** Of them those of the plainest text. */
  readonly flips: readonly Flip[];
  /** Rows that stand under another key: what the index's expression gives has changed. */
  readonly keysChanged: number;
  readonly changes: readonly {
    readonly row: string;
    readonly from: ExampleString;
    readonly to: ExampleString;
  }[];
}

const shown = 3;

/** Compares the leaves of an index as two servers built it over the same rows. */
export function compareLeaves(from: readonly LeafEntry[], to: readonly LeafEntry[]): LeafComparison {
  const places = new Map(to.map((entry, position) => [entry.row, { entry, position }]));
  const flips: Flip[] = [];
  const changes: { row: string; from: ExampleString; to: ExampleString }[] = [];
  let keysChanged = 0;
  from.forEach((entry, index) => {
    const there = places.get(entry.row);
    if (there === undefined || entry.key === undefined) return;
    if (there.entry.key !== entry.key) {
      keysChanged += 1;
      if (changes.length < shown)
        changes.push({
          row: entry.row,
          from: exampleString(entry.key),
          to: exampleString(there.entry.key ?? ''),
        });
    }
    const behind = from[index + 1];
    const behindThere = behind === undefined ? undefined : places.get(behind.row);
    if (behind?.key === undefined || behindThere === undefined || behindThere.position > there.position)
      return;
    // A key that is another one now has moved with reason.
    if (behind.key === entry.key || there.entry.key !== entry.key || behindThere.entry.key !== behind.key)
      return;
    flips.push({ left: placed(entry, there.entry), right: placed(behind, behindThere.entry) });
  });
  const everyday = flips.toSorted((one, other) => strangeness(one) - strangeness(other));
  return {
    entries: from.length,
    pairsFlipped: flips.length,
    flips: everyday.slice(0, shown),
    keysChanged,
    changes,
  };
}

function placed(from: LeafEntry, to: LeafEntry): PlacedKey {
  return {
    row: from.row,
    key: exampleString(from.key ?? ''),
    from: { block: from.block, item: from.item },
    to: { block: to.block, item: to.item },
  };
}

/** Text of ASCII says most, and short text: the mean cost of a character, and a little for each. */
function strangeness({ left, right }: Flip): number {
  const all = [...left.key.codePoints, ...right.key.codePoints];
  const cost = all.filter((codePoint) => !/^U\+00[2-7]/.test(codePoint)).length;
  return cost / all.length + all.length / 100;
}
