import { RedoubtError } from '../error.ts';
import { interrupt } from '../host/interruption.ts';
import { faultOfOurs } from '../host/fault-of-ours.ts';
import { Surface, type SurfaceOptions } from './surface.ts';

/** What a command works with: its surface, and a stack on which it puts what must be closed whatever happens. */
export interface CommandContext {
  readonly surface: Surface;
  readonly stack: AsyncDisposableStack;
}

type Outcome =
  | { readonly kind: 'done'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** From outside of the command: a signal, or an error that nobody waited for. */
  | { readonly kind: 'cut'; readonly error: RedoubtError };

/** On a loaded machine the killing of some hundred processes, or the removal of half a root, takes several seconds. */
const closingTimeoutMs = 60_000;

/**
 * Runs a command to its exit code and ends the process with it. An interrupt (Ctrl-C, SIGTERM, SIGHUP) ends what the
 * command started, removes what it left half-made, and exits with 3: nothing was judged. What even that misses, the next
 * run finds and removes. A command that serves until somebody stops it `endsBySignal`, and exits with 0.
 */
export async function runCommand(
  options: SurfaceOptions,
  body: (context: CommandContext) => Promise<number>,
  { endsBySignal = false } = {},
): Promise<void> {
  const surface = new Surface(options);
  const stack = new AsyncDisposableStack();
  const cut = watchForCuts(endsBySignal);
  const ended = endOf(body, { surface, stack });
  const outcome = await Promise.race([ended, cut]);
  if (outcome.kind === 'cut') surface.stop('stopping: ending what runs, removing what is half-made');
  await within(closingTimeoutMs, async () => {
    // What failed may have left others of its kind at work, a root or a download beside the one that could not be made.
    if (outcome.kind !== 'done') await interrupt(faultOfOurs(outcome.error));
    // A command that was cut fails at once now; what it holds is let go on its way out.
    if (outcome.kind === 'cut') await ended;
    await stack.disposeAsync().catch(() => {});
  });
  surface.close();
  process.exit(outcome.kind === 'done' ? outcome.exitCode : surface.failed(outcome.error));
}

async function endOf(
  body: (context: CommandContext) => Promise<number>,
  context: CommandContext,
): Promise<Outcome> {
  try {
    const exitCode = await body(context);
    await written(process.stdout);
    return { kind: 'done', exitCode };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** Resolves with the first thing that cuts the command short; a second Ctrl-C changes nothing. */
function watchForCuts(endsBySignal: boolean): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      resolve(endsBySignal ? { kind: 'done', exitCode: 0 } : { kind: 'cut', error: interruptedBy(signal) });
    });
  }
  // Without this Node would exit with 1, which means "incompatible".
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      resolve({ kind: 'cut', error: faultOfOurs(error) });
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!hasEnough(error)) resolve({ kind: 'cut', error: outputLost(error) });
    });
  }
  return promise;
}

function interruptedBy(signal: NodeJS.Signals): RedoubtError {
  return new RedoubtError('infrastructure', 'interrupted', `interrupted by ${signal}: nothing was judged`);
}

function outputLost(error: Error): RedoubtError {
  return new RedoubtError('infrastructure', 'output-lost', `cannot write the output: ${error.message}`, {
    remedy: 'See that what standard output and standard error lead to can be written.',
    cause: error,
  });
}

/** Whoever reads has closed the pipe (| head): the verdict and its exit code stand all the same. */
function hasEnough(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE';
}

/** Waits until all that was written is out. Throws `output-lost` when it could not be written. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  const error = await new Promise<Error | null | undefined>((resolve) => {
    stream.write('', resolve);
  });
  if (error instanceof Error && !hasEnough(error)) throw outputLost(error);
}

async function within(timeoutMs: number, work: () => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([work(), promise]);
  clearTimeout(timer);
}
