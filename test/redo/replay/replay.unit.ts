import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { test } from '@japa/runner';

import type {
  Ending,
  Host,
  ProcessResult,
  ProcessSpec,
  RunningProcess,
} from '../../../harness/host/engine.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../harness/host/run-directory.ts';
import { replay, type Replay, type ReplayOptions } from '../../../harness/redo/replay/replay.ts';
import { indexEntryBytes, TapeIndex } from '../../../harness/redo/tape/tape-index.ts';

/** What one pretended process does: how many bytes it answers, what it says, how it ends; `hangs` until it is killed. */
interface Act {
  readonly bytes: number;
  readonly stderr?: string;
  readonly ending?: Ending;
  readonly hangs?: boolean;
  /** All stands still for so long before it ends. */
  readonly pausedMs?: number;
}

/** Keeps this whole process from running on, as a machine does that is paused, and all in it. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const requestBytes = 100;
const exited = (exitCode: number): Ending => ({ kind: 'exited', exitCode });
const killed: Ending = { kind: 'signaled', signal: 'SIGKILL', coreDumped: false };

function indexOf(requests: number): TapeIndex {
  const bytes = Buffer.alloc(requests * indexEntryBytes);
  for (let number = 0; number < requests; number++) {
    bytes.writeBigUInt64LE(BigInt(number * requestBytes), number * indexEntryBytes + 24);
    bytes.writeBigUInt64LE(BigInt(requestBytes), number * indexEntryBytes + 32);
  }
  return new TapeIndex(bytes, requests * requestBytes);
}

/** A host whose processes do what they are told, one act after the other. */
class PretendedHost implements Host {
  readonly name = 'pretended';
  readonly engine = 'chroot';
  readonly specs: ProcessSpec[] = [];
  readonly #acts: readonly Act[];

  constructor(acts: readonly Act[]) {
    this.#acts = acts;
  }

  start(spec: ProcessSpec): Promise<RunningProcess> {
    const act = this.#acts[Math.min(this.specs.length, this.#acts.length - 1)] ?? { bytes: 0 };
    this.specs.push(spec);
    if (spec.stdout?.kind === 'file') writeFileSync(spec.stdout.path, Buffer.alloc(act.bytes, 7));
    const end = Promise.withResolvers<ProcessResult>();
    const finish = (ending: Ending): Promise<ProcessResult> => {
      end.resolve({
        ending,
        userCpuMs: 1,
        systemCpuMs: 2,
        peakRssBytes: 1000 + act.bytes,
        wallTimeMs: 10,
        limitMechanism: 'rlimit',
      });
      return end.promise;
    };
    const { ending = exited(0), pausedMs } = act;
    if (pausedMs !== undefined)
      setTimeout(() => {
        standStill(pausedMs);
        setTimeout(() => void finish(ending), 50);
      }, 50);
    else if (act.hangs !== true) void finish(ending);
    return Promise.resolve({
      stdin: null,
      stdout: null,
      stderr: Readable.from([act.stderr ?? '']),
      signal: () => {},
      kill: () => finish(killed),
      result: end.promise,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }

  run(): Promise<never> {
    return Promise.reject(new Error('nothing is run to its end here'));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** First request and answers of each process, and where in the requests it began. */
function course({ runs, host }: Replay & { readonly host: PretendedHost }): unknown {
  return runs.map(({ firstRequest, pages }, index) => {
    const stdin = host.specs[index]?.stdin;
    return [firstRequest, pages, stdin?.kind === 'file' ? stdin.offsetBytes : undefined];
  });
}

test.group('replay', (group) => {
  let scratch: TemporaryDirectory;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('a replay');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  async function play(
    acts: readonly Act[],
    requests = 5,
    change: Partial<ReplayOptions> = {},
  ): Promise<Replay & { readonly host: PretendedHost }> {
    const host = new PretendedHost(acts);
    const result = await replay({
      host,
      launch: { argv: ['/walredo'] },
      requestsPath: join(scratch.path, 'requests'),
      index: indexOf(requests),
      directory: scratch.path,
      ...change,
    });
    return { ...result, host };
  }

  const page = 8192;

  test('is one process when all is well', async ({ assert }) => {
    const result = await play([{ bytes: 5 * page, stderr: 'LOG: all is well\n' }]);
    assert.deepEqual(result.faults, []);
    assert.deepEqual(course(result), [[0, 5, 0]]);
    assert.deepEqual([result.cpuMs, result.wallTimeMs, result.peakRssBytes], [3, 10, 1000 + 5 * page]);
  });

  test('of an empty tape starts nothing', async ({ assert }) => {
    const result = await play([], 0);
    assert.deepEqual([result.runs, result.faults, result.host.specs], [[], [], []]);
  });

  test('goes on behind the request at which a process died', async ({ assert }) => {
    const ending: Ending = { kind: 'signaled', signal: 'SIGSEGV', coreDumped: true };
    const result = await play([{ bytes: 2 * page + 17, ending, stderr: 'words' }, { bytes: 2 * page }]);
    assert.deepEqual(result.faults, [{ kind: 'died', request: 2, ending, stderr: 'words' }]);
    assert.deepEqual(course(result), [
      [0, 2, 0],
      [3, 2, 300],
    ]);
    assert.deepEqual([result.cpuMs, result.wallTimeMs], [6, 20]);
  });

  test('does not begin again when the last request was the one', async ({ assert }) => {
    const result = await play([{ bytes: 4 * page, ending: exited(1) }]);
    assert.deepEqual(course(result), [[0, 4, 0]]);
    assert.lengthOf(result.faults, 1);
  });

  test('tells death after the last answer from a good end', async ({ assert }) => {
    const { faults } = await play([{ bytes: 5 * page, ending: exited(1) }]);
    assert.deepEqual(faults, [{ kind: 'died', request: 4, ending: exited(1), stderr: '' }]);
  });

  test('tells output that is cut short or too long', async ({ assert }) => {
    const short = await play([{ bytes: page + 5 }, { bytes: 3 * page }]);
    assert.deepEqual(short.faults, [{ kind: 'ended-early', request: 1, strayBytes: 5 }]);
    assert.deepEqual((await play([{ bytes: 5 * page + 9 }])).faults, [{ kind: 'extra-bytes', bytes: 9 }]);
    const ending: Ending = { kind: 'limited', limit: 'output' };
    assert.deepEqual((await play([{ bytes: 6 * page, ending }])).faults, [
      { kind: 'extra-bytes', bytes: page },
    ]);
  });

  test('names the call that a filter forbids', async ({ assert }) => {
    const { faults } = await play([
      { bytes: 0, ending: exited(1), stderr: '---\nseccomp: bad syscall 9\n---\n' },
      { bytes: 4 * page },
    ]);
    assert.deepEqual(faults, [{ kind: 'blocked-call', request: 0, callNumber: 9, callName: 'mmap' }]);
  });

  test('takes no process for hung because the whole machine stood still', async ({ assert }) => {
    const acts = [{ bytes: 5 * page, pausedMs: 1100 }];
    assert.deepEqual((await play(acts, 5, { answerTimeoutMs: 1000 })).faults, []);
  });

  test('kills a process that gives no answer for too long, and counts no part of a page as one', async ({
    assert,
  }) => {
    const result = await play([{ bytes: page + 8191, hangs: true }, { bytes: 3 * page }], 5, {
      answerTimeoutMs: 50,
    });
    assert.deepEqual(result.faults, [{ kind: 'hung', request: 1, waitedMs: 50 }]);
    assert.deepEqual(course(result), [
      [0, 1, 0],
      [2, 3, 200],
    ]);
  });

  test('counts a process that has answered all and does not end as hung', async ({ assert }) => {
    const { faults } = await play([{ bytes: 5 * page, hangs: true }], 5, { answerTimeoutMs: 50 });
    assert.deepEqual(faults, [{ kind: 'hung', request: 4, waitedMs: 50 }]);
  });

  test('counts what is said on stderr as chatter, but not the last words of a process that failed', async ({
    assert,
  }) => {
    const { faults } = await play([
      { bytes: page, ending: exited(1), stderr: 'FATAL: no\n' },
      { bytes: page, stderr: 'hello\n' },
      { bytes: page, stderr: 'hello\nLOG: no chatter\n' },
    ]);
    assert.deepEqual(
      faults.map(({ kind }) => kind),
      ['died', 'ended-early', 'chatter'],
    );
    assert.deepEqual(faults.at(-1), { kind: 'chatter', lines: ['hello', 'hello'], total: 2 });
  });

  test('gives up at a bundle that dies at every request, and says from where on', async ({ assert }) => {
    const { runs, faults } = await play([{ bytes: 0, ending: exited(1) }], 100);
    assert.lengthOf(runs, 21);
    assert.deepEqual(faults.at(-1), { kind: 'given-up', request: 21, restarts: 21 });
    assert.lengthOf(faults, 22);
  });

  test('sets limits of its own, which the caller may change', async ({ assert }) => {
    const { host } = await play([{ bytes: 5 * page }], 5, { limits: { memoryBytes: 123 } });
    assert.deepEqual(host.specs[0]?.limits, { memoryBytes: 123, outputBytes: 6 * page, processes: 64 });
  });

  test('fails when a process cannot be started', async ({ assert }) => {
    const host = new PretendedHost([]);
    host.start = () => Promise.reject(new Error('no such root'));
    const options = { launch: { argv: ['/walredo'] as const }, requestsPath: '', directory: scratch.path };
    await assert.rejects(() => replay({ ...options, host, index: indexOf(1) }), 'no such root');
  });
});
