/** The longest earlier match for the bytes at `at`, by trying all; what a slow compressor needs. */
export function longestMatch(
  source: Uint8Array,
  at: number,
  farthest: number,
  longest: number,
): readonly [distance: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  for (let distance = 1; distance <= Math.min(at, farthest); distance++) {
    let length = 0;
    while (
      length < longest &&
      at + length < source.length &&
      source[at + length] === source[at + length - distance]
    ) {
      length++;
    }
    if (length > best[1]) best = [distance, length];
  }
  return best;
}
