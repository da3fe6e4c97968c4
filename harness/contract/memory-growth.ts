import { once } from 'node:events';

import type { RunningProcess } from '../host/engine.ts';
import { describeEnding } from '../host/describe-ending.ts';
import { prepare, walredo, withScratch } from './probe.ts';
import type { Discovery, Subject } from './subject.ts';

/** What malloc and the kernel's own accounting may make of the same work done many times. */
const toleratedBytes = 3 * 2 ** 20;
const longestMs = 600_000;

/**
 * Sends the same requests again and again, until they come to `totalBytes`: what the process has resident at its peak
 * must not grow with that.
 */
export async function judgeMemoryGrowth(
  subject: Subject,
  requests: Buffer,
  totalBytes: number,
): Promise<Discovery> {
  const many = Math.max(4, Math.ceil(totalBytes / requests.length));
  const first = await peakOf(subject, requests, 2);
  const last = await peakOf(subject, requests, many);
  if (typeof first === 'string') return failed(first);
  if (typeof last === 'string') return failed(last);
  const [before, after, sent] = [first, last, many * requests.length].map(mebibytes);
  if (last - first <= toleratedBytes) return { findings: [], notes: [] };
  return {
    findings: [
      {
        code: 'memory-growth',
        message: `walredo grows with its requests: ${String(before)} MiB resident after ${String(mebibytes(2 * requests.length))} MiB of them, ${String(after)} MiB after ${String(sent)} MiB`,
        details: { requestBytes: many * requests.length, peakBytesBefore: first, peakBytes: last },
      },
    ],
    notes: [],
  };
}

function failed(how: string): Discovery {
  return { findings: [{ code: 'memory-growth', message: `walredo ${how}` }], notes: [] };
}

/** The peak of resident bytes, or how the process failed. */
async function peakOf(subject: Subject, requests: Buffer, times: number): Promise<number | string> {
  return withScratch(subject, async (directory) => {
    const spec = await prepare(subject, walredo, directory);
    await using process = await subject.host.start({
      ...spec,
      stdin: { kind: 'pipe' },
      // Gigabytes of pages that other checks compare.
      stdout: { kind: 'file', path: '/dev/null' },
      limits: { ...spec.limits, wallTimeMs: longestMs },
    });
    process.stderr?.resume();
    await sendAgain(process, requests, times);
    const { ending, peakRssBytes } = await process.result;
    return ending.kind === 'exited' && ending.exitCode === 0
      ? peakRssBytes
      : `${describeEnding(ending)} while it was sent ${String(mebibytes(times * requests.length))} MiB of requests`;
  });
}

/** Writes the same bytes again and again, and the end; stops when nobody reads them any more. */
async function sendAgain({ stdin, result }: RunningProcess, bytes: Buffer, times: number): Promise<void> {
  const ended = result.then(() => 'ended' as const);
  for (let sent = 0; sent < times; sent++) {
    if (stdin === null || !stdin.writable) return;
    if (!stdin.write(bytes) && (await Promise.race([drained(stdin), ended])) === 'ended') return;
  }
  stdin?.end();
}

function drained(stream: NodeJS.WritableStream): Promise<unknown> {
  return once(stream, 'drain').catch(() => {});
}

function mebibytes(bytes: number): number {
  return Math.round((bytes / 2 ** 20) * 10) / 10;
}
