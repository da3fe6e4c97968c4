import { builtInRecordKinds } from '../wal/names.ts';
import type { KindCount } from './lineage/kind-count.ts';
import { unreachedKinds } from './unreached-kinds.ts';

/** One kind of record that a major defines, and what some captures had of it. */
export interface CoveredKind extends KindCount {
  /** Reached, left out for a reason, missing without one, or written without being defined. */
  readonly state: 'reached' | 'left-out' | 'missing' | 'undefined';
  /** Why it is left out; null otherwise. */
  readonly reason: string | null;
  /** Whether its records name pages, as far as this WAL or the reason tells; null when neither does. */
  readonly changesPages: boolean | null;
}

/** What the captures of one major reached of all that it defines. */
export interface Coverage {
  readonly major: number;
  readonly kinds: readonly CoveredKind[];
  readonly reached: number;
  readonly leftOut: number;
  readonly missing: number;
}

/**
 * Holds the kinds that WAL had against all that its major defines, in the order of resource manager and info; records
 * of extensions' resource managers and kinds that the major does not define come last.
 */
export function coverageOf(major: number, captures: readonly (readonly KindCount[])[]): Coverage {
  const counts = new Map<string, KindCount>();
  for (const count of captures.flat()) {
    const known = counts.get(nameOf(count));
    counts.set(nameOf(count), {
      rmgr: count.rmgr,
      kind: count.kind,
      records: count.records + (known?.records ?? 0),
      blockReferences: count.blockReferences + (known?.blockReferences ?? 0),
    });
  }
  const defined = builtInRecordKinds(major).map(({ rmgr, kind }): CoveredKind => {
    const count = counts.get(nameOf({ rmgr, kind }));
    if (count !== undefined)
      return { ...count, state: 'reached', reason: null, changesPages: count.blockReferences > 0 };
    const left = unreachedKinds.find(
      (each) => each.rmgr === rmgr && each.kind === kind && (each.majors?.includes(major) ?? true),
    );
    return {
      rmgr,
      kind,
      records: 0,
      blockReferences: 0,
      state: left === undefined ? 'missing' : 'left-out',
      reason: left?.reason ?? null,
      changesPages: left?.changesPages ?? null,
    };
  });
  const names = new Set(defined.map(nameOf));
  const others = [...counts.values()]
    .filter((count) => !names.has(nameOf(count)))
    .map((count): CoveredKind => ({
      ...count,
      state: 'undefined',
      reason: null,
      changesPages: count.blockReferences > 0,
    }));
  const kinds = [...defined, ...others];
  const inState = (state: CoveredKind['state']): number =>
    kinds.filter((kind) => kind.state === state).length;
  return {
    major,
    kinds,
    reached: inState('reached'),
    leftOut: inState('left-out'),
    missing: inState('missing'),
  };
}

function nameOf({ rmgr, kind }: Pick<KindCount, 'rmgr' | 'kind'>): string {
  return `${rmgr} ${kind}`;
}
