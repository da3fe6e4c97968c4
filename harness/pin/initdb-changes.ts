import { someOf } from '../bundle/files/file-fault.ts';
import type { PinnedCollations, PinnedInitdb } from './bundle-lock.ts';

/** In what two data directories of initdb's differ. */
export interface InitdbChanges {
  /** Undefined when they do not. */
  readonly words: string | undefined;
  /** Whether it follows from libraries and locales, which have findings of their own. */
  readonly isExplained: boolean;
}

/** Compares what initdb makes: databases, collations, settings, then pages. */
export function initdbChanges(from: PinnedInitdb, to: PinnedInitdb): InitdbChanges {
  const databases = changedValues(from.databases, to.databases);
  const settings = changedValues(from.settings, to.settings);
  const collations = collationWords(from.collations, to.collations);
  const own = [
    ...databases.map((change) => `database ${change}`),
    ...(settings.length === 0 ? [] : [`settings: ${someOf(settings)}`]),
  ];
  const words = [
    ...own,
    ...(collations.length === 0 ? [] : [`collations: ${collations.join(', ')}`]),
    ...(own.length + collations.length > 0 || from.relations === to.relations
      ? []
      : ['the pages of relations']),
  ];
  return {
    words: words.length === 0 ? undefined : words.join(', '),
    isExplained: own.length === 0 && collations.length > 0,
  };
}

function collationWords(
  from: readonly PinnedCollations[],
  to: readonly PinnedCollations[],
): readonly string[] {
  const providers = [...new Set([...from, ...to].map(({ provider }) => provider))];
  return providers.flatMap((provider) => {
    const [before, after] = [from, to].map((all) => all.filter((each) => each.provider === provider)) as [
      PinnedCollations[],
      PinnedCollations[],
    ];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    const [countBefore, countAfter] = [before, after].map((all) =>
      all.reduce((sum, { count }) => sum + count, 0),
    ) as [number, number];
    const [versionsBefore, versionsAfter] = [before, after].map((all) =>
      all.flatMap(({ version }) => version ?? []).join(', '),
    ) as [string, string];
    const count =
      countBefore === countAfter ? String(countAfter) : `${String(countBefore)} to ${String(countAfter)}`;
    const versions =
      versionsBefore === versionsAfter
        ? 'other names'
        : `version ${versionsBefore || 'none'} to ${versionsAfter || 'none'}`;
    return [`${provider} ${count} with ${versions}`];
  });
}

function changedValues(
  from: Readonly<Record<string, string>>,
  to: Readonly<Record<string, string>>,
): readonly string[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((name) => from[name] !== to[name])
    .map((name) => `${name} (${from[name] ?? 'not there'} to ${to[name] ?? 'not there'})`);
}
