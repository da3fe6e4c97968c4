import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { launch } from '../bundle/launch.ts';
import type { Bundle } from '../bundle/open.ts';
import type { Host } from '../host/engine.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { Answers } from '../redo/answers.ts';
import type { PageKey } from '../redo/page-key.ts';
import type { AskPages } from '../redo/page-steps.ts';
import { replay } from '../redo/replay.ts';
import { indexEntryBytes, TapeIndex, writeIndexEntry } from '../redo/tape-index.ts';
import { makeUnprivilegedDirectory } from './unprivileged-directory.ts';

/** A bundle's walredo on a host. */
export interface AnsweringSide {
  readonly bundle: Bundle;
  readonly major: number;
  readonly host: Host;
  readonly answerTimeoutMs: number;
}

/** Asks a bundle for pages, each by a request of its own; one that fails is given up after a few restarts. */
export function pageAnswers(side: AnsweringSide, key: PageKey): AskPages {
  return async (requests) => {
    if (requests.length === 0) return [];
    await using scratch = await temporaryDirectory('the steps of a page');
    const requestsPath = join(scratch.path, 'requests');
    await writeFile(requestsPath, Buffer.concat(requests));
    const inout = join(scratch.path, 'inout');
    await makeUnprivilegedDirectory(inout);
    const start = launch(side.bundle, side.major, 'postgres', ['--wal-redo', '--tenant-shard-id', 'redoubt']);
    const { runs } = await replay({
      host: side.host,
      launch: {
        ...start,
        mounts: [...(start.mounts ?? []), { source: inout, target: '/inout', readOnly: false }],
      },
      requestsPath,
      index: indexOf(key, requests),
      directory: scratch.path,
      answerTimeoutMs: side.answerTimeoutMs,
      mostRestarts: 2,
    });
    using answers = new Answers(runs);
    return requests.map((_, number) => answers.page(number));
  };
}

function indexOf(key: PageKey, requests: readonly Buffer[]): TapeIndex {
  const bytes = Buffer.alloc(requests.length * indexEntryBytes);
  let offsetBytes = 0;
  for (const [number, request] of requests.entries()) {
    writeIndexEntry(bytes, number * indexEntryBytes, {
      key,
      origin: 'base',
      oracle: 'none',
      records: 0,
      offsetBytes,
      lengthBytes: request.length,
      firstLsn: 0,
      lastLsn: 0,
    });
    offsetBytes += request.length;
  }
  return new TapeIndex(bytes, offsetBytes);
}
