/** One capture of the workload: every major gets each of them. */
export interface CapturePlan {
  readonly label: string;
  readonly fullPageWrites: boolean;
  readonly scale: 'small' | 'full';
}

/**
 * Without full-page writes every change reaches walredo as a record; with them most of the records vanish behind
 * images, so that capture is the smaller one.
 */
export const capturePlans: readonly CapturePlan[] = [
  { label: 'records', fullPageWrites: false, scale: 'full' },
  { label: 'images', fullPageWrites: true, scale: 'small' },
];
