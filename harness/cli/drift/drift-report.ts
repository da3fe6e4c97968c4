import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { removeTree } from '../../host/remove-tree.ts';
import { systemError } from '../../host/system-error.ts';
import type { Palette } from '../../report/console-view.ts';
import { writeProof } from '../../readback/proof/proof-folder.ts';
import type { DriftProof } from './prove-drift.ts';
import { makeFolder } from '../../host/make-folder.ts';

const plain = (text: string): string => text;

/** For what is written into a file. */
export const uncoloured: Palette = { good: plain, bad: plain, doubtful: plain, faint: plain, strong: plain };

/** What a drift with proofs leaves behind. */
export interface DriftReport {
  readonly proof: DriftProof;
  /** What `--json` prints. */
  readonly object: unknown;
  /** What is printed without it, uncoloured. */
  readonly lines: readonly string[];
}

/** Writes `drift.json`, `drift.txt` and a folder for each proof. Nothing is left of it when it cannot be written whole. */
export async function writeDriftReport(folder: string, { proof, object, lines }: DriftReport): Promise<void> {
  try {
    makeFolder(folder);
    await writeFile(join(folder, 'drift.json'), `${JSON.stringify(object, undefined, 2)}\n`);
    await writeFile(join(folder, 'drift.txt'), `${lines.join('\n')}\n`);
    for (const proved of proof.proved) await writeProof(folder, proved);
  } catch (error) {
    await removeTree(folder);
    throw systemError(`cannot write the report into ${folder}`, error);
  }
}
