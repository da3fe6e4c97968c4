import { mkdir } from 'node:fs/promises';

import type { CompletedProcess, Host } from '../host/engine.ts';
import { systemError } from '../host/system-error.ts';
import { findServerProgram, type ServerProgram } from './server-program.ts';
import { giveToServer } from './server-uid.ts';

/** What a compute image's own initdb did. */
export interface VanillaInitdb {
  readonly program: ServerProgram;
  readonly process: CompletedProcess;
}

/** Where it sees the folder in which it makes the data directory; the same as in a bundle, since it says it. */
const target = '/inout';

/**
 * Runs a compute image's own initdb with an empty environment and `options`, which name a data directory below `/inout`;
 * that is the folder `inout` of the machine, made here. Throws what {@link findServerProgram} throws.
 */
export async function runVanillaInitdb(
  host: Host,
  major: number,
  inout: string,
  options: readonly string[],
): Promise<VanillaInitdb> {
  await mkdir(inout, { recursive: true }).catch((error: unknown) => {
    throw systemError(`cannot make ${inout}`, error);
  });
  await giveToServer(inout);
  const program = await findServerProgram(host, major);
  const process = await host.run({
    argv: [`${program.directory}/initdb`, ...options],
    env: {},
    systemMounts: true,
    mounts: [{ source: inout, target, readOnly: false }],
    limits: { wallTimeMs: 120_000, outputBytes: 2 ** 30 },
  });
  return { program, process };
}
