import type { LocaleDrift } from '../../harness/collation/locale-drift.ts';

/** A locale of ICU whose order and equals are the same on both sides, swept, but for what a test changes. */
export function unmovedDrift(change: Partial<LocaleDrift>): LocaleDrift {
  return {
    provider: 'icu',
    locale: 'und',
    encoding: 'UTF8',
    order: 'same',
    equality: 'same',
    codePointsMoved: 0,
    assignedInBothMoved: 0,
    warned: true,
    alarm: 'false alarm',
    collversion: { from: null, to: null },
    data: { from: null, to: null },
    scripts: {},
    strings: 0,
    everydayStrings: 0,
    everydayMoved: 0,
    own: null,
    equalityStrings: 0,
    classes: [],
    examples: [],
    characters: null,
    evidence: ['facts', 'canaries', 'sweep'],
    sweptAs: null,
    ...change,
  };
}
