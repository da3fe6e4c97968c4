/**
 * The place of every string in the order that PostgreSQL gives it: by rank, and by bytes among equals. `ranks` has for each
 * string the number of strings before it and its equals, `byBytes` the strings in the order of their bytes.
 */
export function totalOrder(ranks: Uint32Array, byBytes: Uint32Array): Uint32Array {
  const places = new Uint32Array(ranks.length);
  const taken = new Uint32Array(ranks.length);
  for (const index of byBytes) {
    const rank = at(ranks, index);
    const before = at(taken, rank);
    places[index] = rank + before;
    taken[rank] = before + 1;
  }
  return places;
}

/** The strings in order, from the place of each: and the other way round. */
export function inverse(places: Uint32Array): Uint32Array {
  const order = new Uint32Array(places.length);
  places.forEach((place, index) => {
    order[place] = index;
  });
  return order;
}

/**
 * The least strings whose removal leaves both orders the same: what "moved". `members` are the strings that count, in
 * the order of one side; `places` are those of the other side.
 */
export function movedStrings(members: Uint32Array, places: Uint32Array): Uint32Array {
  const kept = longestIncreasing(members, places);
  return members.filter((_, position) => kept[position] === 0);
}

/** Marks one longest subsequence of `members` whose places increase (patience sorting, n log n). */
function longestIncreasing(members: Uint32Array, places: Uint32Array): Uint8Array {
  const { length } = members;
  const tailPlace = new Uint32Array(length);
  const tailPosition = new Int32Array(length);
  const previous = new Int32Array(length);
  let longest = 0;
  for (let position = 0; position < length; position += 1) {
    const place = at(places, at(members, position));
    // Mostly nothing moves: try the end first.
    let low = longest > 0 && at(tailPlace, longest - 1) < place ? longest : 0;
    let high = longest;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(tailPlace, middle) < place) low = middle + 1;
      else high = middle;
    }
    tailPlace[low] = place;
    tailPosition[low] = position;
    previous[position] = low === 0 ? -1 : at(tailPosition, low - 1);
    longest = Math.max(longest, low + 1);
  }
  const kept = new Uint8Array(length);
  let position = longest === 0 ? -1 : at(tailPosition, longest - 1);
  while (position >= 0) {
    kept[position] = 1;
    position = at(previous, position);
  }
  return kept;
}

/**
 * Marks every string that is part of at least one flipped pair among `members` (in the order of one side; `places` are those
 * of the other): one before it went behind it, or the other way round.
 */
export function flippedStrings(members: Uint32Array, places: Uint32Array, stringCount: number): Uint8Array {
  const flipped = new Uint8Array(stringCount);
  let highest = -1;
  for (const index of members) {
    const place = at(places, index);
    if (place < highest) flipped[index] = 1;
    highest = Math.max(highest, place);
  }
  let lowest = Number.POSITIVE_INFINITY;
  for (let position = members.length - 1; position >= 0; position -= 1) {
    const index = at(members, position);
    const place = at(places, index);
    if (place > lowest) flipped[index] = 1;
    lowest = Math.min(lowest, place);
  }
  return flipped;
}

function at(numbers: { readonly [index: number]: number }, index: number): number {
  return numbers[index] as number;
}
