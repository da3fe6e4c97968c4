import type { Report } from '../../harness/report/report.ts';

/** By what findings can be told apart, beside the words in them. */
export const facetNames = ['code', 'suite', 'server', 'host', 'bundle', 'standing'] as const;

export type FacetName = (typeof facetNames)[number];

/** A finding as a filter sees it; a facet that its run does not have is empty. */
export interface FindingFacets extends Readonly<Record<FacetName, string>> {
  readonly number: number;
  /** All its words, in small letters. */
  readonly text: string;
}

/** Words that a finding must hold, and values that its facets must have; as it stands in an address. */
export type FindingFilter = Readonly<Partial<Record<FacetName | 'words', string>>>;

/** The facets of all findings of a report, in its order. */
export function findingFacets({ cells, findings }: Report): readonly FindingFacets[] {
  const cellOf = new Map(cells.flatMap((cell) => cell.checks.map(({ id }) => [id, cell] as const)));
  return findings.map(({ check, code, message, page, tolerance }, number) => {
    const cell = cellOf.get(check);
    const compute = cell?.compute === undefined ? '' : `, ${cell.compute}`;
    return {
      number,
      text: [check, code, message, page?.relation ?? '', page?.page ?? ''].join(' ').toLowerCase(),
      code,
      suite: cell?.suite ?? '',
      server: cell === undefined ? '' : `PostgreSQL ${String(cell.major)}${compute}`,
      host: cell?.host ?? '',
      bundle: cell?.bundle ?? '',
      standing: standingOf(tolerance?.kind),
    };
  });
}

function standingOf(kind: 'accepted' | 'warning' | undefined): string {
  return kind ?? 'fails its check';
}

/** Numbers of the findings that a filter leaves. */
export function filtered(facets: readonly FindingFacets[], filter: FindingFilter): readonly number[] {
  const words = (filter.words ?? '').toLowerCase().split(/\s+/);
  return facets
    .filter(
      (each) =>
        words.every((word) => each.text.includes(word)) &&
        facetNames.every((name) => (filter[name] ?? each[name]) === each[name]),
    )
    .map(({ number }) => number);
}

/** The values that findings have in a facet, the most frequent first, with how many have each. */
export function facetValues(
  facets: readonly FindingFacets[],
  name: FacetName,
): readonly (readonly [value: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { [name]: value } of facets) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([one, many], [other, more]) => more - many || (one < other ? -1 : 1));
}

/** The filter that an address names. */
export function filterOf(parameters: URLSearchParams): FindingFilter {
  return Object.fromEntries(
    (['words', ...facetNames] as const).flatMap((name) => {
      const value = parameters.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
}
