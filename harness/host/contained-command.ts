import { type FileHandle, open } from 'node:fs/promises';

import { execa } from 'execa';

import { RedoubtError } from '../error.ts';
import { interrupted, interruption } from './interruption.ts';

export interface ContainedCommand {
  readonly argv: readonly [string, ...string[]];
  /** All that it prints is appended to this file. */
  readonly logPath: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

/** What of the machine's environment its own tools need. */
const passedOn = ['PATH', 'HOME', 'http_proxy', 'https_proxy', 'no_proxy'];

/**
 * Runs a long tool of the machine in pid and mount namespaces of its own: whatever it mounts is invisible outside, and
 * it dies with all its children as soon as this process does, however that happens. Needs root. Throws
 * `command-failed` with the log's last lines; a full disk is recognised and said.
 */
export async function runContained(command: ContainedCommand): Promise<void> {
  const log = { file: command.logPath, append: true } as const;
  const result = await execa(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      'unshare',
      '--fork',
      '--kill-child=KILL',
      '--pid',
      '--mount-proc',
      ...command.argv,
    ],
    {
      env: { ...inherited(), LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive', ...command.env },
      extendEnv: false,
      ...(command.workingDirectory === undefined ? {} : { cwd: command.workingDirectory }),
      stdin: 'ignore',
      stdout: log,
      stderr: log,
      // A Ctrl-C in the terminal is for the harness alone; this ends with it.
      detached: true,
      cleanup: false,
      // unshare shrugs off SIGTERM; with SIGKILL its whole namespace ends.
      cancelSignal: interruption,
      killSignal: 'SIGKILL',
      reject: false,
    },
  );
  if (result.isCanceled) throw interrupted();
  if (result.failed) throw await failure(command, result.exitCode ?? result.signal ?? 'an unknown end');
}

/** The last lines of a log, for an error's text. */
export async function logTail(path: string, bytes = 2000): Promise<string> {
  await using file: FileHandle = await open(path, 'r');
  const { size } = await file.stat();
  const length = Math.min(size, bytes);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString('utf8').trim();
}

const complaintPattern = /^(E:|err:|error|dpkg: error|dpkg-source: error|fatal|.*no space left)/i;
/** What mmdebstrap says when something that it ran has complained already. */
const echoPattern = /mmdebstrap failed to run$|^E: setup failed: E: command failed: /;

/** The line of a tool's output that says why it failed: the last complaint that repeats no other, else its last line. */
export function complaintOf(output: string): string {
  const lines = output.trim().split('\n');
  return (
    lines.findLast((line) => complaintPattern.test(line) && !echoPattern.test(line)) ?? lines.at(-1) ?? ''
  );
}

async function failure(command: ContainedCommand, ending: number | string): Promise<RedoubtError> {
  const tail = await logTail(command.logPath);
  const isDiskFull = /no space left on device|not enough free space/i.test(tail);
  const complaint = complaintOf(tail);
  return new RedoubtError(
    'infrastructure',
    isDiskFull ? 'disk-full' : 'command-failed',
    `${command.argv[0]} ended with ${ending}${complaint === '' ? '' : `: ${complaint}`}`,
    {
      remedy: isDiskFull
        ? 'Free some disk space, or set REDOUBT_CACHE to a larger disk.'
        : `Read the log ${command.logPath}.`,
      details: { command: command.argv.join(' '), log: command.logPath, logTail: tail },
    },
  );
}

function inherited(): Record<string, string> {
  const pairs = passedOn.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}
