import { RedoubtError } from '../error.ts';
import { formatLsn } from './lsn.ts';
import type { Lsn } from './lsn.ts';

/** Where in the WAL something is wrong: record or page by LSN, the field by PostgreSQL's name, and the byte in the file or in the record. */
export interface WalPlace {
  readonly lsn: Lsn;
  readonly field: string;
  /** The segment's file name, when the place was found in a file. */
  readonly segment?: string;
  readonly segmentOffset?: number;
  readonly recordOffset?: number;
}

/** The part of the WAL that is damaged; the error's code is `wal-corrupt-` and this. */
export type WalPart =
  'page-header' | 'record-header' | 'continuation' | 'crc' | 'block-reference' | 'image' | 'main-data';

/** Makes (does not throw) the infrastructure error `wal-corrupt-<part>`; the message names place and field, `problem` says what is wrong. */
export function walCorrupt(part: WalPart, problem: string, place: WalPlace): RedoubtError {
  const { lsn, field, segment, segmentOffset, recordOffset } = place;
  const file = segment === undefined ? '' : ` in ${segment}`;
  const fileByte = segmentOffset === undefined ? '' : ` at byte ${segmentOffset}`;
  const recordByte = recordOffset === undefined ? '' : `, byte ${recordOffset} of the record`;
  return new RedoubtError(
    'infrastructure',
    `wal-corrupt-${part}`,
    `WAL is corrupt${file}${fileByte}: LSN ${formatLsn(lsn)}${recordByte}, ${field}: ${problem}`,
    {
      remedy: 'Take the WAL again from the server; if the server wrote it so, suspect its disk.',
      details: {
        lsn: formatLsn(lsn),
        field,
        ...(segment === undefined ? {} : { segment }),
        ...(segmentOffset === undefined ? {} : { segmentOffset }),
        ...(recordOffset === undefined ? {} : { recordOffset }),
      },
    },
  );
}

/** Makes (does not throw) the infrastructure error `wal-ends-early`: the WAL stops at `lsn`, before the end that the caller named. */
export function walEndsEarly(problem: string, lsn: Lsn, endLsn: Lsn, segment: string): RedoubtError {
  return new RedoubtError(
    'infrastructure',
    'wal-ends-early',
    `WAL ends at LSN ${formatLsn(lsn)} (${problem} in ${segment}), before ${formatLsn(endLsn)}`,
    {
      remedy:
        'Supply all WAL segments up to the end LSN; the server may have recycled or not yet written them.',
      details: { lsn: formatLsn(lsn), endLsn: formatLsn(endLsn), segment },
    },
  );
}
