import type { EnvironmentFacts } from '../collation/drift.ts';
import type { DriftExample } from '../collation/examples.ts';
import type { LocaleDrift } from '../collation/locale-drift.ts';

/** What changes between two libraries for locales of which the same is true, as a report shows it. */
export interface DriftEvidence extends Pick<
  LocaleDrift,
  | 'provider'
  | 'order'
  | 'equality'
  | 'alarm'
  | 'collversion'
  | 'codePointsMoved'
  | 'assignedInBothMoved'
  | 'everydayMoved'
  | 'everydayStrings'
  | 'equalityStrings'
  | 'scripts'
  | 'classes'
> {
  readonly locales: readonly string[];
  /** The two libraries: `libicu 72.1 of debian:12`. */
  readonly from: string;
  readonly to: string;
  readonly examples: readonly DriftExample[];
  /** Of the strings that a user gave to `redoubt drift`. */
  readonly own?: LocaleDrift['own'];
  /** Which letters servers see differently, in words. */
  readonly letters?: string | undefined;
}

/** The evidence of locales of which the same is true; the first one speaks for all. */
export function driftEvidence(
  group: readonly [LocaleDrift, ...(readonly LocaleDrift[])],
  from: EnvironmentFacts,
  to: EnvironmentFacts,
): DriftEvidence {
  const [drift] = group;
  return {
    provider: drift.provider,
    locales: group.map(({ locale }) => locale),
    from: libraryWords(drift, from),
    to: libraryWords(drift, to),
    order: drift.order,
    equality: drift.equality,
    alarm: drift.alarm,
    collversion: drift.collversion,
    codePointsMoved: drift.codePointsMoved,
    assignedInBothMoved: drift.assignedInBothMoved,
    everydayMoved: drift.everydayMoved,
    everydayStrings: drift.everydayStrings,
    equalityStrings: drift.equalityStrings,
    scripts: drift.scripts,
    classes: drift.classes,
    examples: drift.examples,
  };
}

/** A side's library with its version: `libc (glibc 2.36) of debian:12`. */
export function libraryWords(
  { provider }: Pick<LocaleDrift, 'provider'>,
  { name, libc, icu }: EnvironmentFacts,
): string {
  switch (provider) {
    case 'icu':
      return `libicu ${icu?.version ?? 'none'} of ${name}`;
    case 'libc':
      return `libc (glibc ${libc}) of ${name}`;
    case 'builtin':
      return `PostgreSQL's own in ${name}`;
  }
}
