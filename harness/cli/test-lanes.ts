import { availableParallelism } from 'node:os';

import { execa } from 'execa';

/** How the tests of one process ended. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What each process of tests is told besides its suites. */
export interface TestRun {
  /** The file that runs Japa. */
  readonly main: string;
  /** Chosen by the user; none means all. */
  readonly suites: readonly string[];
  readonly filters: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** About as long as one another, and mostly waiting: two cores are busy with both. */
const lanesOfAll: readonly (readonly string[])[] = [['unit', 'integration'], ['product']];

/**
 * Runs the tests and returns their exit code. All of them run as two processes side by side where there are two cores;
 * what the second one says is held back until the first one is done, and one line counts the tests of both.
 */
export async function runTests(
  run: TestRun,
  stack: AsyncDisposableStack,
  cores = availableParallelism(),
): Promise<number> {
  const isWhole = run.suites.length === 0 && run.filters.length === 0;
  if (!isWhole || cores < 2) {
    const child = execa(process.execPath, argumentsOf(run, run.suites), {
      stdio: 'inherit',
      reject: false,
      env: run.env,
    });
    stack.defer(() => {
      child.kill();
    });
    return (await child).exitCode ?? 3;
  }
  const lanes = lanesOfAll.map((suites) => startLane(run, suites));
  stack.defer(() => {
    for (const lane of lanes) lane.kill();
  });
  const counted = lanes.map((lane) => countsOf(lane));
  let shown: Promise<unknown> = Promise.resolve();
  for (const lane of lanes) shown = showAfter(shown, lane);
  const endings = await Promise.all(lanes);
  await shown;
  const counts = await Promise.all(counted);
  const sum = (value: (of: Counts) => number): number =>
    counts.reduce((all, of) => all + (of === undefined ? 0 : value(of)), 0);
  process.stdout.write(
    `\n${String(sum(({ passed }) => passed))} passed, ${String(sum(({ failed }) => failed))} failed, ${String(sum(({ skipped }) => skipped))} skipped\n`,
  );
  // One that did not come to its end counted nothing: its exit code says so.
  return Math.max(...endings.map(({ exitCode }, index) => exitCode ?? (counts[index] === undefined ? 3 : 1)));
}

type Lane = ReturnType<typeof startLane>;

function startLane(run: TestRun, suites: readonly string[]) {
  return execa(process.execPath, argumentsOf(run, suites), {
    ipc: true,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    all: true,
    env: run.env,
  });
}

function argumentsOf({ main, filters }: TestRun, suites: readonly string[]): readonly string[] {
  return ['--disable-warning=ExperimentalWarning', main, ...suites, ...filters];
}

/** What a process of tests says of itself at its end; undefined for one that died before. */
async function countsOf(lane: Lane): Promise<Counts | undefined> {
  try {
    return (await lane.getOneMessage()) as unknown as Counts;
  } catch {
    return undefined;
  }
}

async function showAfter(others: Promise<unknown>, lane: Lane): Promise<void> {
  const held: Buffer[] = [];
  let isShown = false;
  lane.all.on('data', (chunk: Buffer) => {
    if (isShown) process.stdout.write(chunk);
    else held.push(chunk);
  });
  await others;
  isShown = true;
  for (const chunk of held) process.stdout.write(chunk);
  await lane;
}
