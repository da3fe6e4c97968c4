import { RedoubtError } from '../error.ts';
import { Surface, type SurfaceOptions } from './surface.ts';

/** What a command works with: its surface, and a stack on which it puts what must be closed whatever happens. */
export interface CommandContext {
  readonly surface: Surface;
  readonly stack: AsyncDisposableStack;
}

const closingTimeoutMs = 10_000;

/**
 * Runs a command to its exit code. An interrupt (Ctrl-C, SIGTERM, SIGHUP) closes what the command has put on its stack
 * and ends the process with 3: nothing was judged. What even that misses, the next run finds and removes.
 */
export async function runCommand(
  options: SurfaceOptions,
  body: (context: CommandContext) => Promise<number>,
): Promise<void> {
  await using surface = new Surface(options);
  const stack = new AsyncDisposableStack();
  let interrupted = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupted) return;
    interrupted = true;
    void closeWithin(stack, closingTimeoutMs).finally(() => {
      const error = new RedoubtError(
        'infrastructure',
        'interrupted',
        `interrupted by ${signal}: nothing was judged, what ran was ended`,
      );
      process.exit(surface.failed(error));
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  let exitCode: number;
  try {
    exitCode = await body({ surface, stack });
    await stack.disposeAsync();
  } catch (error) {
    // A step that failed because the interrupt closed what it used is no result: the handler speaks for both.
    if (interrupted) return new Promise(() => {});
    await closeWithin(stack, closingTimeoutMs);
    exitCode = surface.failed(error);
  }
  if (!interrupted) process.exit(exitCode);
}

async function closeWithin(stack: AsyncDisposableStack, timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([stack.disposeAsync().catch(() => {}), promise]);
  clearTimeout(timer);
}
