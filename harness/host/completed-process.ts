import type { Readable } from 'node:stream';

import type { ChrootProcess } from './chroot/chroot-process.ts';
import type { CompletedProcess } from './engine.ts';
import { killedFromOutside, saysChildWasKilled } from './killed-from-outside.ts';

/** How much of stderr is kept, from its end. */
const stderrBytes = 2 ** 20;
/** How much stdout is collected when no limit is given. */
export const defaultStdoutBytes = 64 * 2 ** 20;

/**
 * Gives a process no more input, collects what it says and waits for its end. Throws `process-killed` (infrastructure) as
 * its result does, and for a process of PostgreSQL's whose own child was killed: the limits here end all of them.
 */
export async function completed(started: ChrootProcess): Promise<CompletedProcess> {
  await using running = started;
  running.stdin?.end();
  const [result, stdout, stderr] = await Promise.all([
    running.result,
    collect(running.stdout, Number.POSITIVE_INFINITY),
    collect(running.stderr, stderrBytes),
  ]);
  const words = stderr.toString('utf8');
  if (result.ending.kind === 'exited' && result.ending.exitCode !== 0 && saysChildWasKilled(words))
    throw killedFromOutside(`a process that ${started.program} started`, started.hostName, 'SIGKILL');
  return { ...result, stdout, stderr: words };
}

/** All of a stream, or its last bytes. */
async function collect(stream: Readable | null, lastBytes: number): Promise<Buffer> {
  if (stream === null) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    for (
      let first = chunks[0];
      first !== undefined && length - first.length >= lastBytes;
      first = chunks[0]
    ) {
      chunks.shift();
      length -= first.length;
    }
  }
  const all = Buffer.concat(chunks);
  return all.subarray(Math.max(0, all.length - lastBytes));
}
