import { RedoubtError } from '../error.ts';

/** A WAL position in bytes; always a safe integer, so at most 2^53 - 1. */
export type Lsn = number;

/** Writes an LSN as PostgreSQL does, `"0/16B3748"`; throws `lsn-out-of-range` for a negative, fractional or unsafe number. */
export function formatLsn(lsn: Lsn): string {
  if (!Number.isSafeInteger(lsn) || lsn < 0) {
    throw outOfRange(String(lsn));
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
  const lsn = Number.parseInt(match[1], 16) * 0x1_0000_0000 + Number.parseInt(match[2], 16);
  if (!Number.isSafeInteger(lsn)) {
    throw outOfRange(text);
  }
  return lsn;
}

function outOfRange(text: string): RedoubtError {
  return new RedoubtError(
    'usage',
    'lsn-out-of-range',
    `${text} is not an LSN that can be handled: 0 to 2^53 - 1`,
  );
}
