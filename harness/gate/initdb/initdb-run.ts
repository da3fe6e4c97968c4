import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { CompletedProcess } from '../../host/engine.ts';
import { DataTree } from '../../verdict/data-tree.ts';
import { succeeded } from './bundle-initdb.ts';

/** What an initdb did, and the folder that it saw as `/inout`. */
export class InitdbRun {
  readonly process: CompletedProcess;
  readonly inout: string;
  #tree: DataTree | undefined;

  constructor(process: CompletedProcess, inout: string) {
    this.process = process;
    this.inout = inout;
  }

  get succeeded(): boolean {
    return succeeded(this.process);
  }

  /** Where the data directory is, if it was made where it was asked for. */
  get dataDirectory(): string {
    return join(this.inout, 'data');
  }

  /** The data directory, listed once; whoever reads it must not change it. */
  get tree(): DataTree {
    this.#tree ??= new DataTree(this.dataDirectory);
    return this.#tree;
  }

  /** Gives the disk back; nobody may read the data directory from now on. */
  async discard(): Promise<void> {
    await rm(this.inout, { recursive: true, force: true });
  }
}
