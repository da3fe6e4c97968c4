import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { launchWalredo } from '../../bundle/launch-walredo.ts';
import type { Bundle } from '../../bundle/open.ts';
import type { Host } from '../../host/engine.ts';
import { replay, type Replay, type ReplayOptions } from '../../redo/replay/replay.ts';
import type { Tape } from '../../redo/tape/tape.ts';

/** A whole tape through a bundle's walredo; the answers go into the new folder `directory`. Throws what replaying throws. */
export async function replayTape(
  tape: Tape,
  bundle: Bundle,
  host: Host,
  directory: string,
  options: Pick<ReplayOptions, 'answerTimeoutMs'> = {},
): Promise<Replay> {
  await mkdir(directory);
  return replay({
    host,
    launch: await launchWalredo(bundle, tape.manifest.major, join(directory, 'inout')),
    requestsPath: tape.requestsPath,
    index: tape.index,
    directory,
    ...options,
  });
}
