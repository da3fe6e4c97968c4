import { type CodePointBits, hasCodePoint, intersectionOf } from './code-point-set.ts';
import { familyOfSection, otherFamilies, plainFamilies } from './code-point-patterns.ts';
import { type CollationCorpus, type SectionKind, stringAt } from './corpus.ts';
import { equalityChange } from './equality.ts';
import { type DriftExample, equalityExample, orderExamples, ownExamples } from './examples.ts';
import { countScripts } from './script-name.ts';
import { type TextClass, stringsOfClass, textClasses } from './text-class.ts';
import { inverse, movedStrings, totalOrder } from './total-order.ts';

export type Sameness = 'same' | 'changed';

/** What putting one corpus in order on both sides shows of one locale. */
export interface SweepResult {
  /** Changed if any two strings flip, strings with code points that are new to one side included. */
  readonly order: Sameness;
  readonly equality: Sameness;
  /** The least code points without which the order of each plain family of patterns is the same on both sides. */
  readonly codePointsMoved: number;
  /** The same among code points that both sides know. */
  readonly assignedInBothMoved: number;
  /** The scripts of the latter, with their numbers of code points. */
  readonly scripts: Readonly<Record<string, number>>;
  readonly strings: number;
  readonly everydayStrings: number;
  /** The least everyday strings without which the others are in the same order. */
  readonly everydayMoved: number;
  /** Of the user's own strings, if there were any. */
  readonly own: OwnStrings | null;
  /** How many strings, of code points that both sides know, have other equals among them than before. */
  readonly equalityStrings: number;
  readonly classes: readonly TextClassResult[];
  readonly examples: readonly DriftExample[];
}

/** What becomes of the strings that the user gave. */
export interface OwnStrings {
  readonly strings: number;
  /** The least of them without which the others are in the same order. */
  readonly moved: number;
  /** How many of them have other equals among them than before. */
  readonly otherEquals: number;
}

export interface TextClassResult {
  readonly name: TextClass;
  readonly strings: number;
  readonly order: Sameness;
}

/** What does not depend on the locale: made once for many. */
export interface SweepGround {
  readonly corpus: CollationCorpus;
  /** The strings in the order of their bytes. */
  readonly byBytes: Uint32Array;
  /** Marks strings that have no code point that one of the sides does not know. */
  readonly known: Uint8Array;
  readonly classes: ReadonlyMap<TextClass, Uint32Array>;
}

/** Prepares a corpus; `ranks` are those of the order by bytes. */
export function sweepGround(
  corpus: CollationCorpus,
  ranks: Uint32Array,
  from: CodePointBits,
  to: CodePointBits,
): SweepGround {
  const both = intersectionOf(from, to);
  const known = new Uint8Array(corpus.count).fill(1);
  for (const { kind, begin, end, subjects } of corpus.sections) {
    subjects.forEach((codePoint, position) => {
      if (!hasCodePoint(both, codePoint)) known[begin + position] = 0;
    });
    if (kind !== 'own') continue;
    for (let index = begin; index < end; index += 1)
      if (hasNewCodePoint(stringAt(corpus, index), from, to)) known[index] = 0;
  }
  const ascending = Uint32Array.from({ length: corpus.count }, (_, index) => index);
  return {
    corpus,
    // A string that is there twice keeps its place.
    byBytes: inverse(totalOrder(ranks, ascending)),
    known,
    classes: new Map(textClasses.map((name) => [name, stringsOfClass(corpus, name)] as const)),
  };
}

function hasNewCodePoint(text: string, from: CodePointBits, to: CodePointBits): boolean {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0).some(
    (codePoint) => hasCodePoint(from, codePoint) !== hasCodePoint(to, codePoint),
  );
}

/** Compares the two sides' ranks of a corpus (native/probe.c says what they are). */
export function compareRanks(ground: SweepGround, fromRanks: Uint32Array, toRanks: Uint32Array): SweepResult {
  const { corpus, byBytes, known, classes } = ground;
  const from = totalOrder(fromRanks, byBytes);
  const to = totalOrder(toRanks, byBytes);
  const ordered = inverse(from);
  const knownMembers = ordered.filter((index) => known[index] === 1);
  const equality = equalityChange(knownMembers, fromRanks, toRanks);
  const equalityOfAll = equality.strings > 0 ? equality : equalityChange(ordered, fromRanks, toRanks);
  const isSame = from.every((place, index) => place === to[index]);
  const ofKind = (kind: SectionKind): Uint32Array =>
    ordered.filter((index) => sectionOf(corpus, index)?.kind === kind);
  const everyday = ofKind('everyday');
  const own = ofKind('own');
  const common = {
    equality: equalityOfAll.strings > 0 ? 'changed' : 'same',
    strings: corpus.count,
    everydayStrings: everyday.length,
    own:
      own.length === 0
        ? null
        : {
            strings: own.length,
            moved: isSame ? 0 : movedStrings(own, to).length,
            otherEquals: equalityChange(own, fromRanks, toRanks).strings,
          },
    equalityStrings: equality.strings,
  } as const;
  const equalityExamples =
    equalityOfAll.example === undefined
      ? []
      : [equalityExample(corpus, equalityOfAll.example, fromRanks, toRanks)];
  if (isSame)
    return {
      ...common,
      order: 'same',
      codePointsMoved: 0,
      assignedInBothMoved: 0,
      scripts: {},
      everydayMoved: 0,
      classes: textClasses.map((name) => ({ name, strings: classes.get(name)?.length ?? 0, order: 'same' })),
      examples: equalityExamples,
    };
  const moved = movedCodePoints(corpus, knownMembers, to);
  return {
    ...common,
    order: 'changed',
    codePointsMoved: movedCodePoints(corpus, ordered, to).size,
    assignedInBothMoved: moved.size,
    scripts: countScripts(moved),
    everydayMoved: movedStrings(everyday, to).length,
    classes: textClasses.map((name) => {
      const members = classes.get(name) ?? new Uint32Array(0);
      return { name, strings: members.length, order: orderOf(members, from, to) };
    }),
    examples: [
      ...ownExamples({ corpus, from, to, members: own }),
      ...shownExamples(corpus, from, to, knownMembers, ordered),
      ...equalityExamples,
    ],
  };
}

/** Characters that both sides know say more than those that one of them has never heard of. */
function shownExamples(
  corpus: CollationCorpus,
  from: Uint32Array,
  to: Uint32Array,
  knownMembers: Uint32Array,
  ordered: Uint32Array,
): readonly DriftExample[] {
  const examples = orderExamples({ corpus, from, to, members: knownMembers });
  return examples.length > 0 ? examples : orderExamples({ corpus, from, to, members: ordered });
}

/** The code points that moved in plain patterns, or, where none did, in the others. */
function movedCodePoints(
  corpus: CollationCorpus,
  members: Uint32Array,
  to: Uint32Array,
): ReadonlySet<number> {
  const plain = movedIn(corpus, plainFamilies, members, to);
  return plain.size > 0 ? plain : movedIn(corpus, otherFamilies(), members, to);
}

/** The subjects of the strings that moved, of each family of patterns by itself: some show what others cannot. */
function movedIn(
  corpus: CollationCorpus,
  families: readonly string[],
  members: Uint32Array,
  to: Uint32Array,
): ReadonlySet<number> {
  const moved = new Set<number>();
  for (const family of families) {
    const sections = corpus.sections.map(({ name }) => familyOfSection(name) === family);
    const ofFamily = members.filter((index) => sections[corpus.sectionOf[index] ?? 0] === true);
    for (const index of movedStrings(ofFamily, to)) {
      const section = sectionOf(corpus, index);
      moved.add(section?.subjects[index - section.begin] ?? 0);
    }
  }
  return moved;
}

/** Whether some of the strings are in the same order on both sides. */
function orderOf(members: Uint32Array, from: Uint32Array, to: Uint32Array): Sameness {
  const ordered = members.toSorted((one, other) => (from[one] ?? 0) - (from[other] ?? 0));
  const isSame = ordered.every(
    (index, position) => position === 0 || (to[ordered[position - 1] ?? 0] ?? 0) < (to[index] ?? 0),
  );
  return isSame ? 'same' : 'changed';
}

function sectionOf(corpus: CollationCorpus, index: number): CollationCorpus['sections'][number] | undefined {
  return corpus.sections[corpus.sectionOf[index] ?? 0];
}
