/** Told about long steps as they happen: `phase` is what is being done, `detail` how far it is. */
export type Progress = (phase: string, detail?: string) => void;

export const silent: Progress = () => {};
