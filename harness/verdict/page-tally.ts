import { walredoPageSizeBytes } from '../redo/replay/message.ts';
import type { Tape } from '../redo/tape/tape.ts';
import type { OracleName, Tally } from './event.ts';
import type { NamedClass } from './named-class.ts';
import type { Excuse } from './page-excuse.ts';

/** What became of the pages, by request. */
export interface PageOutcomes {
  readonly unanswered: ReadonlySet<number>;
  readonly excuses: ReadonlyMap<number, Excuse>;
  readonly bad: ReadonlySet<number>;
}

interface Counting {
  oracle: OracleName;
  pages: number;
  records: number;
  bytes: number;
  masked: number;
  checksummed: number;
  named: Partial<Record<NamedClass, number>>;
  differences: number;
}

/** Counts the wanted requests of a tape by the oracle that compared them, and what became of them. */
export function tallyByOracle(
  tape: Tape,
  wanted: (request: number) => boolean,
  oracleOf: (request: number) => OracleName | 'none',
  { unanswered, excuses, bad }: PageOutcomes,
): readonly Tally[] {
  const tallies = new Map<OracleName, Counting>();
  for (const { number, records } of tape.index) {
    const oracle = oracleOf(number);
    if (oracle === 'none' || !wanted(number)) continue;
    const tally = tallies.get(oracle) ?? {
      oracle,
      pages: 0,
      records: 0,
      bytes: 0,
      masked: 0,
      checksummed: 0,
      named: {},
      differences: 0,
    };
    tally.pages++;
    tally.records += records;
    if (!unanswered.has(number)) tally.bytes += walredoPageSizeBytes;
    const excuse = excuses.get(number);
    if (excuse?.kind === 'named') tally.named[excuse.class] = (tally.named[excuse.class] ?? 0) + 1;
    else if (excuse !== undefined) tally[excuse.kind]++;
    if (bad.has(number)) tally.differences++;
    tallies.set(oracle, tally);
  }
  return [...tallies.values()];
}
