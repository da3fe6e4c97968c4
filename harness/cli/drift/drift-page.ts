import type { Drift, EnvironmentFacts } from '../../collation/drift.ts';
import type { LocaleDrift } from '../../collation/locale-drift.ts';
import { type CauseView, driftHtml, type ProofView } from '../../report/html/drift-html.ts';
import { type DriftEvidence, driftEvidence } from '../../verdict/drift-evidence.ts';
import { characterWords } from './character-words.ts';

/** What was found between two environments as a page; locales of which the same is true are shown once. */
export function driftPage(
  drift: Drift,
  { causes, proofs }: { readonly causes: readonly CauseView[]; readonly proofs: readonly ProofView[] },
  exitCode: number,
): string {
  const { from, to, localeData, locales } = drift;
  const groups = [...Map.groupBy(locales, whatOf).values()].flatMap(([first, ...others]): DriftEvidence[] => {
    if (first === undefined) return [];
    const { own, characters } = first;
    const letters = characters === null ? undefined : characterWords(characters);
    return [{ ...driftEvidence([first, ...others], from, to), own, letters }];
  });
  return driftHtml({
    from: from.name,
    to: to.name,
    exitCode,
    facts: [
      environmentWords(from),
      environmentWords(to),
      `LC_COLLATE of ${localeData.inBoth.toLocaleString('en')} locales on both sides: ${localeData.equal.toLocaleString('en')} equal byte for byte`,
    ],
    drifts: groups.toSorted((left, right) => rank(left) - rank(right)),
    causes,
    proofs,
  });
}

/** Everything but the name. */
function whatOf(drift: LocaleDrift): string {
  return JSON.stringify({ ...drift, locale: null, data: null, sweptAs: null });
}

/** What is silent first, then what changes, then what is not known. */
function rank({ order, equality, alarm }: Pick<LocaleDrift, 'order' | 'equality' | 'alarm'>): number {
  if (order === 'changed') return alarm === 'silent' ? 0 : 1;
  if (equality === 'changed') return 2;
  return order === 'unknown' ? 3 : 4;
}

function environmentWords({ name, libc, icu }: EnvironmentFacts): string {
  return `${name}: glibc ${libc}, ${icu === null ? 'no libicu' : `ICU ${icu.version}`}`;
}
