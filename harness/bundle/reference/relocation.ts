import { RedoubtError } from '../../error.ts';

/**
 * Writes another path over one that is compiled into a program, everywhere, as strings that begin with it. Both must
 * have the same length: nothing else in the file moves. Throws `relocation-failed` when the path does not occur.
 */
export function relocate(bytes: Buffer, from: string, to: string, what: string): Buffer {
  if (Buffer.byteLength(from) !== Buffer.byteLength(to)) {
    throw new RedoubtError('infrastructure', 'relocation-failed', `${from} and ${to} differ in length`);
  }
  const result = Buffer.from(bytes);
  let count = 0;
  for (let at = result.indexOf(from); at >= 0; at = result.indexOf(from, at + 1)) {
    const next = result[at + from.length];
    // The path itself, or something below it; not a name that merely begins alike.
    if (next !== 0 && next !== 0x2f) continue;
    result.write(to, at, 'latin1');
    count += 1;
  }
  if (count === 0) {
    throw new RedoubtError('infrastructure', 'relocation-failed', `${what} does not hold the path ${from}`, {
      remedy: "Debian's build of it has changed: the bundle's recipe must follow.",
      details: { program: what, path: from },
    });
  }
  return result;
}
