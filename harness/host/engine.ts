/**
 * A directory or file of the machine made visible inside the root. `target` need not exist there; no part of it may be a
 * link. What is mounted below `source` on the machine does not come along.
 */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Ceilings for one process and all its descendants. */
export interface Limits {
  readonly wallTimeMs?: number;
  /** For all of them together, files in `/tmp` and `/dev/shm` included; by rlimit (the last resort) for each one. */
  readonly memoryBytes?: number;
  /** Most bytes that any file the process writes (stdout file included), or its stdout pipe, may reach. */
  readonly outputBytes?: number;
  /** By rlimit (the last resort) only a guard against fork bombs. */
  readonly processes?: number;
}

export type LimitMechanism = 'cgroup-v2' | 'cgroup-v1' | 'rlimit';

export type StandardInput =
  | { readonly kind: 'null' }
  /** Descriptor 0 is not open at all. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'pipe' }
  | { readonly kind: 'file'; readonly path: string; readonly offsetBytes?: number };

export type StandardOutput =
  | { readonly kind: 'pipe' }
  /** Created or truncated, or appended to. */
  | { readonly kind: 'file'; readonly path: string; readonly append?: boolean };

export type ResourceLimit = 'open-files' | 'stack' | 'core' | 'address-space';

/** What a process is born with where that is not the usual: what must not matter to a program can be varied. */
export interface Circumstances {
  /** Default `0o022`. */
  readonly umask?: number;
  /** The name by which the program is told that it was called; default its path. */
  readonly argv0?: string;
  /** Open descriptors from 3 on, onto empty files in memory; default none. */
  readonly inheritedDescriptors?: number;
  /** Soft limits, in bytes but for `open-files`, instead of the usual ones of a login; as far as the machine's own allow. */
  readonly resourceLimits?: Readonly<Partial<Record<ResourceLimit, number | 'unlimited'>>>;
  /** `none` leaves `/dev` empty. */
  readonly devices?: 'usual' | 'none';
}

/** Follows a process and all its descendants, which run slower for it; see `readObservation` for what is written. */
export interface Watch {
  /** A file of the machine that does not exist yet. */
  readonly path: string;
  /** A folder, as the process sees it, below which calls are not told: what is a program's own is most of what it opens. */
  readonly untoldFolder?: string;
  /** x86-64 system calls beyond this number are answered with ENOSYS, as by a kernel that does not have them. */
  readonly newestSystemCall?: number;
}

/** What to run inside a root. The environment is exactly `env`; nothing is inherited. */
export interface ProcessSpec {
  /** Absolute path inside the root (or inside `chroot`), then the arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Default `/`. */
  readonly workingDirectory?: string;
  /** Both default to 65534. */
  readonly uid?: number;
  readonly gid?: number;
  readonly mounts?: readonly Mount[];
  /**
   * A directory of the machine into which the process is chrooted from within the root, as a pageserver does with a
   * variant 2 bundle: read-only, with `/dev/{null,zero,urandom}`, and `mounts` are then relative to it.
   */
  readonly chroot?: string;
  /** Whether `/proc`, `/tmp` and `/dev/shm` are provided, as a server in a compute image expects; default false. */
  readonly systemMounts?: boolean;
  /** Default: nothing. */
  readonly stdin?: StandardInput;
  /** Both default to a pipe, which the caller of `start` must read. */
  readonly stdout?: StandardOutput;
  readonly stderr?: StandardOutput;
  readonly limits?: Limits;
  readonly circumstances?: Circumstances;
  readonly watch?: Watch;
}

export type Ending =
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** `signal` as in `SIGSEGV`, the true one: the process is never pid 1. */
  | { readonly kind: 'signaled'; readonly signal: string; readonly coreDumped: boolean }
  /** The harness or the kernel ended it because a limit was reached. */
  | { readonly kind: 'limited'; readonly limit: 'wall-time' | 'memory' | 'output' };

export interface ProcessResult {
  readonly ending: Ending;
  readonly userCpuMs: number;
  readonly systemCpuMs: number;
  readonly peakRssBytes: number;
  readonly wallTimeMs: number;
  readonly limitMechanism: LimitMechanism;
}

/** A process with its collected pipes, each cut at 1 MiB from its end for stderr and at `limits.outputBytes` for stdout. */
export interface CompletedProcess extends ProcessResult {
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunningProcess extends AsyncDisposable {
  readonly stdin: NodeJS.WritableStream | null;
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  /** Sends a signal to the process itself (not to its init); ignored when it has ended. */
  signal(name: NodeJS.Signals): void;
  /** Ends the process and all its descendants at once; resolves when none is left. */
  kill(): Promise<ProcessResult>;
  /**
   * Resolves when the process and all its descendants have ended; rejects if that says nothing about them: it could not be
   * started, what it ran in was lost, or `process-killed`: a SIGKILL that was not ordered here ended it.
   */
  readonly result: Promise<ProcessResult>;
}

/** How a root is entered. */
export type Engine = 'chroot' | 'docker';

/** One root in which processes run; the same interface over every engine. */
export interface Host extends AsyncDisposable {
  /** As the user named it: `debian:11`. */
  readonly name: string;
  readonly engine: Engine;
  /** The folder of this machine that is the root, where the engine has one; for looking, never for writing. */
  readonly rootPath?: string;
  start(spec: ProcessSpec): Promise<RunningProcess>;
  /** Starts, collects the pipes, waits. */
  run(spec: ProcessSpec): Promise<CompletedProcess>;
}
