import { chmod, copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { RedoubtError } from '../error.ts';
import { openChrootHost } from '../host/chroot/chroot-host.ts';
import type { Host, RunningProcess } from '../host/engine.ts';
import type { Progress } from '../host/progress.ts';
import { temporaryDirectory } from '../host/run-directory.ts';
import { type CollationEnvironment, defaultLocaleDirectory } from './environment.ts';
import { ensureProbe } from './probe-program.ts';

/** The providers whose order depends on a library. */
export type LibraryProvider = 'libc' | 'icu';

const placeInRoot = '/redoubt-probe';
const memoryBytes = 700 * 2 ** 20;
const headBytes = 5;

/** What the probe answers: not every locale can be had everywhere. */
export type Answer =
  { readonly kind: 'answered'; readonly body: Buffer } | { readonly kind: 'refused'; readonly words: string };

/**
 * The libraries of an environment, ready to be asked: one process inside its root, which lives as long as this does.
 * Requests are answered in their order, one at a time.
 */
export class Probe implements AsyncDisposable {
  readonly environment: CollationEnvironment;
  readonly #host: Host;
  readonly #directory: string;
  readonly #stack: AsyncDisposableStack;
  readonly #corpora: string[] = [];
  #running: RunningProcess | undefined;
  #reader: FrameReader | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Throws `infrastructure` when the engine or the probe's compiler cannot be had. */
  static async open(environment: CollationEnvironment, progress: Progress): Promise<Probe> {
    await using stack = new AsyncDisposableStack();
    const program = await ensureProbe(environment.probeBuild, progress);
    const directory = stack.use(await temporaryDirectory(`the collation probe of ${environment.name}`)).path;
    // The probe runs without privileges.
    await chmod(directory, 0o755);
    await copyFile(program, join(directory, 'probe'));
    const host = stack.use(await openChrootHost(environment.name, environment.rootPath, progress));
    return new Probe(environment, host, directory, stack.move());
  }

  private constructor(
    environment: CollationEnvironment,
    host: Host,
    directory: string,
    stack: AsyncDisposableStack,
  ) {
    this.environment = environment;
    this.#host = host;
    this.#directory = directory;
    this.#stack = stack;
  }

  /** Makes strings known, each ended by a NUL byte; returns the number by which `ranks` takes them. */
  async addCorpus(bytes: Uint8Array): Promise<number> {
    const number = this.#corpora.length;
    const name = `corpus-${String(number)}`;
    // The process opens its corpora when it starts.
    await this.#stop();
    await writeFile(join(this.#directory, `${name}.partial`), bytes, { mode: 0o444 });
    await rename(join(this.#directory, `${name}.partial`), join(this.#directory, name));
    this.#corpora.push(name);
    return number;
  }

  /** The C library's version. */
  async libcVersion(): Promise<string> {
    return this.#text('libc');
  }

  /** libicu's version and that of its Unicode, or why it cannot be asked. */
  async icuVersion(): Promise<Answer> {
    return this.ask('icu');
  }

  /** For each string of a corpus the number of strings before it and its equals; or why the locale cannot be had. */
  async ranks(
    provider: LibraryProvider,
    locale: string,
    corpus: number,
  ): Promise<Uint32Array | { readonly kind: 'refused'; readonly words: string }> {
    const answer = await this.ask(`rank ${provider} ${locale} ${String(corpus)}`);
    if (answer.kind === 'refused') return answer;
    const { buffer, byteOffset, byteLength } = answer.body;
    return new Uint32Array(buffer, byteOffset, byteLength / Uint32Array.BYTES_PER_ELEMENT);
  }

  /** A bit for each code point that the library's Unicode assigns; undefined where the library is not there. */
  async assigned(provider: LibraryProvider): Promise<Buffer | undefined> {
    const answer = await this.ask(`assigned ${provider}`);
    return answer.kind === 'answered' ? answer.body : undefined;
  }

  /** Sends one request (native/probe.c lists them). Throws `probe-failed` when the process ends instead of answering. */
  ask(request: string): Promise<Answer> {
    const answer = this.#last.then(() => this.#exchange(request));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Ends the process in the middle of a question, which then fails; the next one starts another process. */
  async abandon(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#reader = undefined;
    await running?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await this.#stack[Symbol.asyncDispose]();
  }

  async #text(request: string): Promise<string> {
    const answer = await this.ask(request);
    if (answer.kind === 'answered') return answer.body.toString('utf8');
    throw this.#failed(request, answer.words);
  }

  async #exchange(request: string): Promise<Answer> {
    this.#running ??= await this.#start();
    const { stdin, stdout } = this.#running;
    if (stdin === null || stdout === null) throw this.#failed(request, 'it has no pipes');
    this.#reader ??= new FrameReader(stdout);
    stdin.write(`${request}\n`);
    const head = await this.#reader.read(headBytes);
    const body = head === undefined ? undefined : await this.#reader.read(head.readUInt32LE(1));
    if (head === undefined || body === undefined) throw await this.#ended(request);
    if (head[0] === 0) return { kind: 'answered', body };
    return { kind: 'refused', words: body.toString('utf8') };
  }

  async #start(): Promise<RunningProcess> {
    const { icu, loader, localeDirectory, mounts } = this.environment;
    const program = `${placeInRoot}/probe`;
    const places = [...(loader?.libraryDirectories ?? []), ...(icu === undefined ? [] : [icu.directory])];
    return this.#host.start({
      argv: [
        ...(loader === undefined
          ? ([program] as const)
          : ([loader.program, '--library-path', places.join(':'), program] as const)),
        icu?.directory ?? '',
        String(icu?.major ?? 0),
        ...this.#corpora.map((name) => `${placeInRoot}/${name}`),
      ],
      env: {
        ...(loader === undefined && icu !== undefined ? { LD_LIBRARY_PATH: icu.directory } : {}),
        ...(localeDirectory === defaultLocaleDirectory ? {} : { LOCPATH: localeDirectory }),
      },
      mounts: [{ source: this.#directory, target: placeInRoot, readOnly: true }, ...mounts],
      stdin: { kind: 'pipe' },
      stderr: { kind: 'file', path: join(this.#directory, 'stderr') },
      limits: { memoryBytes },
    });
  }

  async #stop(): Promise<void> {
    await this.#last;
    await this.#running?.[Symbol.asyncDispose]();
    this.#running = undefined;
    this.#reader = undefined;
  }

  async #ended(request: string): Promise<RedoubtError> {
    const result = await this.#running?.result;
    const words = await readFile(join(this.#directory, 'stderr'), 'utf8').catch(() => '');
    return this.#failed(request, words.trim() || JSON.stringify(result?.ending));
  }

  #failed(request: string, words: string): RedoubtError {
    return new RedoubtError(
      'infrastructure',
      'probe-failed',
      `the collation probe in ${this.environment.name} gave no answer to "${request}": ${words}`,
      { details: { environment: this.environment.name, request, words } },
    );
  }
}

/** Reads exact lengths from a stream. */
class FrameReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: NodeJS.ReadableStream) {
    this.#chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Undefined when the stream ends before. */
  async read(length: number): Promise<Buffer | undefined> {
    // Its memory is its own and aligned, so that it can be read as numbers where it lies.
    const frame = Buffer.from(new ArrayBuffer(length));
    let filled = 0;
    while (filled < length) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) return undefined;
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, length - filled);
      part.copy(frame, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return frame;
  }
}
