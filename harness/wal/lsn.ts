import { RedoubtError } from '../error.ts';

/** A WAL position in bytes; always a safe integer, so at most 2^53 - 1. */
export type Lsn = number;

/** Writes an LSN as PostgreSQL does, `"0/16B3748"`; throws `lsn-out-of-range` for a negative, fractional or unsafe number. */
export function formatLsn(lsn: Lsn): string {
  if (!Number.isSafeInteger(lsn) || lsn < 0) {
    throw new RedoubtError('usage', 'lsn-out-of-range', `${lsn} is not an LSN: it must lie in 0..2^53-1`);
  }
  const high = Math.floor(lsn / 0x1_0000_0000);
  return `${high.toString(16).toUpperCase()}/${(lsn % 0x1_0000_0000).toString(16).toUpperCase()}`;
}

/** Reads `"0/16B3748"`; throws `lsn-malformed` (usage) for other text and `lsn-out-of-range` for 2^53 and above. */
export function parseLsn(text: string): Lsn {
  const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new RedoubtError('usage', 'lsn-malformed', `"${text}" is not an LSN`, {
      remedy: 'Write it as PostgreSQL does: two hexadecimal numbers with a slash, such as 0/16B3748.',
    });
  }
  return joinLsn(Number.parseInt(match[1], 16), Number.parseInt(match[2], 16));
}

/** Joins the two unsigned 32-bit halves of an LSN; throws `lsn-out-of-range` for 2^53 and above. */
export function joinLsn(high: number, low: number): Lsn {
  if (high >= 0x20_0000) {
    throw new RedoubtError(
      'infrastructure',
      'lsn-out-of-range',
      `LSN ${high.toString(16).toUpperCase()}/${low.toString(16).toUpperCase()} is beyond 2^53, which no real server reaches`,
      { remedy: 'The WAL or the number is damaged; take it again from the server.' },
    );
  }
  return high * 0x1_0000_0000 + low;
}
