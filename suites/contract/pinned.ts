import { comparePinnedMajor } from '../../harness/gate/pin-comparison.ts';
import type { PinStatement } from '../../harness/pin/compare-pin.ts';
import type { Examination, Promised } from '../promise.ts';

/** What can change order, pages or the format is refused; all else is told. */
export function isAsPinned(): Promised {
  return {
    id: 'pin',
    text: 'libicu, libc, locales and what initdb makes are those of the pinned bundle, or a reviewer has accepted what changes',
    examine: async (examination) => {
      const { gate, cell, found, note } = examination;
      const { major } = cell;
      const { lock } = gate.lock;
      if (gate.candidate.bundle.digest === lock.bundle.digest) {
        gate.log.append({
          type: 'pin-compared',
          comparison: { major, evidence: 'the same bundle', statements: [] },
        });
        note('it is the pinned bundle itself');
        return;
      }
      reportGoneMajors(examination);
      const pinned = lock.majors.find((each) => each.major === major);
      if (pinned === undefined) {
        note(`PostgreSQL ${String(major)} is new: the pinned bundle has none`);
        return;
      }
      const { evidence, statements } = await comparePinnedMajor(gate, lock, pinned, cell.host);
      gate.log.append({
        type: 'pin-compared',
        comparison: {
          major,
          evidence,
          statements: statements.map(({ subject, isSame, code, words }) => ({
            subject,
            isSame,
            code: code ?? null,
            words,
          })),
        },
      });
      for (const statement of statements) {
        const { code, words, details } = statement;
        if (code !== undefined)
          found({
            code,
            message: [words, ...besides(statement, statements)].join('; '),
            details: { major, evidence, changes: details },
          });
      }
      const told = statements.filter(({ code, isSame }) => code === undefined && !isSame);
      for (const { words } of told) note(words);
      const same = statements.filter(({ isSame }) => isSame).map(({ words }) => words);
      if (same.length > 0) note(same.join(', '));
    },
  };
}

/** A reviewer reads one sentence: what changes, and what of the rest. */
function besides(statement: PinStatement, all: readonly PinStatement[]): readonly string[] {
  if (!isLibrary(statement)) return [];
  return all
    .filter((each) => each !== statement && (isLibrary(each) || each.subject === 'initdb'))
    .map(({ short }) => short);
}

/** Said once, of the lowest major: one that is gone has no cell of its own. */
function reportGoneMajors({ gate, cell, found }: Examination): void {
  if (cell.major !== Math.min(...gate.plan.shape.majors)) return;
  const { lock } = gate.lock;
  const has = gate.candidate.servers;
  for (const { major, server } of lock.majors) {
    if (has.has(major)) continue;
    found({
      code: 'pin-major-gone',
      message: `PostgreSQL ${String(major)} (${server.version}) is pinned, and the candidate has none`,
      details: { major },
    });
  }
  const { layout } = gate.candidate.bundle;
  if (layout !== lock.bundle.layout)
    found({
      code: 'pin-format-changed',
      message: `layout ${lock.bundle.layout} to ${layout}: it is launched in another way`,
      details: { pinned: lock.bundle.layout, candidate: layout },
    });
}

function isLibrary({ subject }: PinStatement): boolean {
  return subject === 'libicu' || subject === 'libc';
}
