import type { Report } from '../report.ts';
import { pageName } from '../../verdict/page-name.ts';
import type { Suspect, SuspectPage } from './html-data.ts';

type ReportFinding = Report['findings'][number];

const mostSuspects = 8;
const mostNotes = 3;

/** Puts findings together that seem to have one cause, the most telling first: those that name a record, then the most frequent. */
export function suspectsOf(
  findings: Report['findings'],
  hasHistory: (files: string) => boolean,
  notesOf: (check: string) => readonly string[],
): readonly Suspect[] {
  // What a policy lets stand is no cause of the verdict.
  const failing = [...findings.entries()].filter(([, { tolerance }]) => tolerance === undefined);
  const groups = Map.groupBy(failing, ([, finding]) => `${finding.code} ${recordOf(finding) ?? ''}`);
  return [...groups.values()]
    .map((group): Suspect => {
      const [number, finding] = bestOf(group, hasHistory);
      return {
        code: finding.code,
        record: recordOf(finding),
        count: group.length,
        first: number,
        check: finding.check,
        message: finding.message,
        page: suspectPage(finding, hasHistory),
        notes: notesOf(finding.check).slice(0, mostNotes),
      };
    })
    .toSorted(
      (left, right) =>
        Number(right.record !== null) - Number(left.record !== null) ||
        Number(right.page !== null) - Number(left.page !== null) ||
        right.count - left.count ||
        left.first - right.first,
    )
    .slice(0, mostSuspects);
}

/** The first whose page can be explored and differs in more than free space, or can be explored, or the first. */
function bestOf(
  group: readonly (readonly [number, ReportFinding])[],
  hasHistory: (files: string) => boolean,
): readonly [number, ReportFinding] {
  const explorable = group.filter(
    ([, { page }]) => typeof page?.files === 'string' && hasHistory(page.files),
  );
  const telling = explorable.find(([, { page }]) => page?.fields[0]?.field !== 'free space');
  return telling ?? explorable[0] ?? (group[0] as readonly [number, ReportFinding]);
}

function recordOf({ page }: ReportFinding): string | null {
  return page?.parting === undefined ? null : `${page.parting.rmgr} ${page.parting.kind}`;
}

function suspectPage({ page }: ReportFinding, hasHistory: (files: string) => boolean): SuspectPage | null {
  if (page === undefined) return null;
  const { fields, parting, recordCount, files } = page;
  const [first] = fields;
  return {
    name: pageName(page),
    field: first?.field ?? '',
    offset: first?.offset ?? 0,
    expected: first?.expected ?? '',
    actual: first?.actual ?? '',
    record:
      parting === undefined
        ? null
        : `record ${String(parting.number)} of ${String(recordCount)}, which ends at ${parting.endLsn}`,
    hasHistory: files !== null && hasHistory(files),
  };
}
