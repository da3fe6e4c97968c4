import type { Probe } from './probe.ts';

/** The two environments that are compared, ready to be asked. */
export interface Sides {
  readonly from: Probe;
  readonly to: Probe;
}

/** Makes a corpus known to both sides, under one number. */
export async function addToBoth({ from, to }: Sides, bytes: Uint8Array): Promise<number> {
  const [number] = await Promise.all([from.addCorpus(bytes), to.addCorpus(bytes)]);
  return number;
}
