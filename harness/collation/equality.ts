/** Strings that are equal under one side's collation and not under the other's, before the tie-break by bytes. */
export interface EqualityChange {
  /** How many strings have other equals than before. */
  readonly strings: number;
  /** Two of them: equal on one side alone. */
  readonly example: EqualityExample | undefined;
}

export interface EqualityExample {
  /** The strings' numbers. */
  readonly left: number;
  readonly right: number;
  readonly equalIn: 'from' | 'to';
}

/**
 * Compares who equals whom among `members`; ranks are equal exactly for equal strings. The example is the pair with the
 * lowest numbers.
 */
export function equalityChange(members: Uint32Array, from: Uint32Array, to: Uint32Array): EqualityChange {
  if (from.every((rank, index) => rank === to[index])) return { strings: 0, example: undefined };
  const changed = new Set<number>();
  const example = [
    ...splitClasses(members, from, to, 'from', changed),
    ...splitClasses(members, to, from, 'to', changed),
  ].toSorted((one, other) => one.left + one.right - other.left - other.right)[0];
  return { strings: changed.size, example };
}

/** Walks the classes of equals of one side; a class whose members have several ranks on the other side was split. */
function splitClasses(
  members: Uint32Array,
  one: Uint32Array,
  other: Uint32Array,
  equalIn: EqualityExample['equalIn'],
  changed: Set<number>,
): readonly EqualityExample[] {
  const first = new Int32Array(one.length).fill(-1);
  const lowest = members.toSorted();
  const split = new Map<number, EqualityExample>();
  for (const index of lowest) {
    const rank = one[index] as number;
    const head = first[rank] as number;
    if (head < 0) first[rank] = index;
    else if (other[head] !== other[index] && !split.has(rank))
      split.set(rank, { left: head, right: index, equalIn });
  }
  for (const index of lowest) if (split.has(one[index] as number)) changed.add(index);
  return [...split.values()];
}
