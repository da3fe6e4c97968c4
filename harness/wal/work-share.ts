/** What one of `of` equal workers does: of things that are numbered, every `of`-th from the `index`-th on. */
export interface WorkShare {
  readonly index: number;
  readonly of: number;
}

/** Everything, for one who works alone. */
export const wholeShare: WorkShare = { index: 0, of: 1 };
