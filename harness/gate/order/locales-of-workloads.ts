import { type LocaleInUse, localeInUse, withoutRepetitions } from '../../collation/locale-in-use.ts';
import type { CollationProvider } from '../../collation/locale-drift.ts';
import type { Workload } from '../../compute/workload.ts';
import { capturePlans } from '../capture/capture-plan.ts';
import { pageserverCase } from '../initdb/initdb-cases.ts';
import { workloadOf } from '../capture/tape-cache.ts';

const collationPattern =
  /\bCREATE\s+COLLATION\s+\S+\s*\(\s*provider\s*=\s*'?(libc|icu|builtin)'?\s*,\s*locale\s*=\s*'([^']+)'/gi;

/** The locales that the gate's own workloads use on a major: of the database as a pageserver makes it, and of their columns. */
export async function localesOfWorkloads(major: number): Promise<readonly LocaleInUse[]> {
  const workloads = await Promise.all(capturePlans.map(workloadOf));
  const { provider, locale, collate } = pageserverCase(major).asked;
  const ofDatabase = localeInUse(provider, locale ?? collate);
  return withoutRepetitions([ofDatabase, ...workloads.flatMap((workload) => ofStatements(workload, major))]);
}

function ofStatements({ setup, work }: Workload, major: number): readonly LocaleInUse[] {
  return [...setup, ...work]
    .filter(({ sinceMajor }) => sinceMajor <= major)
    .flatMap(({ statements }) => statements)
    .flatMap(({ text }) => [...text.matchAll(collationPattern)])
    .map(([, provider = '', locale = '']) =>
      localeInUse(provider.toLowerCase() as CollationProvider, locale),
    );
}
