/** Why a compressed image cannot be unfolded: `offset` counts in the compressed bytes. */
export interface UnfoldFault {
  readonly offset: number;
  readonly problem: string;
}
