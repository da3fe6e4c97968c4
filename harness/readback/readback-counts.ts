/** What a readback looked at, and how much of it is wrong. */
export interface ReadbackCounts {
  readonly tablesChecked: number;
  /** Tables in which `verify_heapam` finds a fault. */
  readonly tablesCorrupt: number;
  readonly indexesChecked: number;
  /** Of those the ones whose keys are ordered, compared or hashed by a collation other than C. */
  readonly indexesSensitive: number;
  /** Indexes of methods that amcheck knows, and those in which it finds a fault. */
  readonly indexesAmchecked: number;
  readonly indexesCorrupt: number;
  /** Rows times indexes through which they were looked up. */
  readonly rowsLookedUp: number;
  readonly rowsNotFound: number;
  /** Rows that were offered a second time to a unique index, and those that it took. */
  readonly duplicatesOffered: number;
  readonly duplicatesAccepted: number;
  /** Rows whose key equals another row's under a unique index: only a collation that changed can make them so. */
  readonly duplicatesStored: number;
  readonly rangesCounted: number;
  readonly rangesWrong: number;
  /** Rows that an index gives before the one that comes first. */
  readonly rowsOutOfOrder: number;
  /** Rows that a merge join must find through an index, and those that it misses. */
  readonly rowsJoined: number;
  readonly rowsNotJoined: number;
  readonly partitionsChecked: number;
  readonly rowsInWrongPartition: number;
  readonly constraintsChecked: number;
  readonly rowsAgainstConstraints: number;
  /** Rows of generated columns, and those that hold another value than their expression gives now. */
  readonly valuesGenerated: number;
  readonly valuesStale: number;
}

export const noReadbackCounts: ReadbackCounts = {
  tablesChecked: 0,
  tablesCorrupt: 0,
  indexesChecked: 0,
  indexesSensitive: 0,
  indexesAmchecked: 0,
  indexesCorrupt: 0,
  rowsLookedUp: 0,
  rowsNotFound: 0,
  duplicatesOffered: 0,
  duplicatesAccepted: 0,
  duplicatesStored: 0,
  rangesCounted: 0,
  rangesWrong: 0,
  rowsOutOfOrder: 0,
  rowsJoined: 0,
  rowsNotJoined: 0,
  partitionsChecked: 0,
  rowsInWrongPartition: 0,
  constraintsChecked: 0,
  rowsAgainstConstraints: 0,
  valuesGenerated: 0,
  valuesStale: 0,
};

/** The sum of counts, field by field. */
export function addCounts(parts: readonly Partial<ReadbackCounts>[]): ReadbackCounts {
  const sum: Record<string, number> = { ...noReadbackCounts };
  for (const part of parts)
    for (const [name, count] of Object.entries(part)) sum[name] = (sum[name] ?? 0) + count;
  return sum as unknown as ReadbackCounts;
}
