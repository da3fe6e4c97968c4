/** One thing that a run needs of this machine. */
export interface MachineFact {
  readonly name: string;
  /** `missing`: nothing runs without it; `degraded`: it runs, with less. */
  readonly status: 'ok' | 'missing' | 'degraded';
  readonly detail: string;
  /** What to do about it; empty when it is well. */
  readonly remedy: string;
}

/** A fact; one that is well needs no remedy. */
export function fact(
  name: string,
  status: MachineFact['status'],
  detail: string,
  remedy: string,
): MachineFact {
  return { name, status, detail, remedy: status === 'ok' ? '' : remedy };
}
