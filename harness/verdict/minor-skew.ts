import type { CellVariant } from './cell.ts';

/** A bundle and the WAL that it replays, of one major but of two minors: neither side claims that all bytes are equal. */
export interface MinorSkew {
  /** The bundle, compute image and workload that it is about, where a run has several. */
  readonly variant?: CellVariant;
  readonly major: number;
  /** The server that wrote the WAL, as in `17.0`. */
  readonly wal: string;
  /** The bundle's, as in `17.11`. */
  readonly bundle: string;
  /** Labels of the tapes that hold that WAL. */
  readonly tapes: readonly string[];
}

/** The version in what a server says of itself (`postgres (PostgreSQL) 17.11 (Debian ...)`, `17.11`, `18devel`). */
export function versionIn(words: string): string | undefined {
  return /\b\d+(?:\.\d+|devel|beta\d+|rc\d+)/.exec(words)?.[0];
}

/** Whether two servers of one major are of different minors; one that does not tell its minor is none. */
export function areSkewed(left: string, right: string): boolean {
  const [one, other] = [versionIn(left), versionIn(right)];
  return one !== undefined && other !== undefined && one !== other;
}

/** The skews between a bundle's server and the tapes of its major, one for each version that wrote WAL. */
export function skewsOf(
  major: number,
  bundle: string,
  tapes: readonly { readonly label: string; readonly serverVersion: string }[],
): readonly MinorSkew[] {
  const byVersion = Map.groupBy(
    tapes.filter(({ serverVersion }) => areSkewed(serverVersion, bundle)),
    ({ serverVersion }) => versionIn(serverVersion) ?? '',
  );
  return [...byVersion].map(([wal, group]) => ({
    major,
    wal,
    bundle: versionIn(bundle) ?? '',
    tapes: group.map(({ label }) => label),
  }));
}

/** As in "PostgreSQL 17.11 on WAL of 17.0". */
export function describeSkew({ wal, bundle }: Pick<MinorSkew, 'wal' | 'bundle'>): string {
  return `PostgreSQL ${bundle} on WAL of ${wal}`;
}
