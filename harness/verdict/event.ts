import type { Cell, CellVariant, Check, SuiteName } from './cell.ts';
import type { Finding } from './finding.ts';
import type { MinorSkew } from './minor-skew.ts';
import type { NamedCounts } from './named-class.ts';
import type { PinComparison, PinFacts } from './pin-facts.ts';
import type { PolicyFacts, Tolerance } from './tolerance.ts';

/** Version of events.ndjson; a reader refuses a newer one. */
export const eventSchemaVersion = 1;

/** `accepted`: something was found, and the policy lets all of it stand. */
export type Outcome = 'passed' | 'failed' | 'accepted' | 'not judged';

/**
 * What compared the pages: recovery of the same WAL, the model of what a pageserver does by itself, the image that the
 * WAL carries, the after-image of each record under PostgreSQL's own mask, another host's answers, or another bundle's.
 */
export type OracleName = 'recovery' | 'model' | 'image' | 'consistency' | 'hosts' | 'baseline';

/** What one check compared by one oracle. */
export interface Tally {
  readonly oracle: OracleName;
  readonly pages: number;
  readonly records: number;
  readonly bytes: number;
  /** Pages whose raw bytes differ, but not under the mask that PostgreSQL itself defines; they are no differences. */
  readonly masked: number;
  /** Pages equal in every byte once they have the pd_checksum that walredo leaves to whoever writes them. */
  readonly checksummed: number;
  /** Pages that differ in a way that has a name, compared across minors, or with checksums, alone; they are neither equal nor differences. */
  readonly named: NamedCounts;
  readonly differences: number;
}

/** Where the bytes that were judged came from. */
export interface BundleFacts {
  readonly role: 'candidate' | 'baseline';
  /** By which cells name it; absent where a run has one candidate. */
  readonly name?: string;
  readonly source: string;
  readonly digest: string;
  readonly layout: string;
  /** `vanilla`, `neon`, or `unknown` for one whose files do not tell. */
  readonly flavour: string;
  /** `postgres --version` by major. */
  readonly servers: Readonly<Record<string, string>>;
  /** What a reader must know of it besides; absent when there is nothing. */
  readonly notes?: readonly string[];
}

export interface HostFacts {
  readonly name: string;
  readonly engine: string;
  /** Exact versions of the libraries that matter, by package. */
  readonly packages: Readonly<Record<string, string>>;
  /** `glibc 2.36`, `musl 1.2.5`, `no libc`. */
  readonly libc: string;
  /** The root that was given as this host; absent for one that is made here. */
  readonly archive?: { readonly path: string; readonly digest: string | null };
}

/** A host of the default ones that this machine cannot have: nothing was judged on it. */
export interface AbsentHostFacts {
  readonly name: string;
  readonly reason: string;
}

export interface TapeFacts {
  /** Whose initdb made the data directory, and by which name the workload goes, where a run has several. */
  readonly variant?: Pick<CellVariant, 'bundle' | 'workload'>;
  readonly label: string;
  readonly digest: string;
  readonly major: number;
  /** The compute image that made it; null for a tape that was given. */
  readonly compute: string | null;
  readonly serverVersion: string;
  readonly flavour: string;
  readonly fullPageWrites: boolean;
  readonly checksums: boolean;
  readonly workload: string;
  readonly requests: number;
  readonly records: number;
  readonly requestsOnPushedBase: number;
  readonly recordsOnPushedBase: number;
  readonly notJudged: Readonly<Record<string, number>>;
  readonly startLsn: string;
  readonly endLsn: string;
  readonly directory: string;
}

/** What was asked for, or chosen where nothing was. */
export interface RunOptions {
  readonly suites: readonly SuiteName[];
  readonly majors: readonly number[];
  readonly hosts: readonly string[];
  readonly engine: string;
  /** How many of initdb's options each host tries: `sample` or `full`; it and the next two are absent in runs of older Redoubts. */
  readonly initdbMatrix?: string;
  /** Whether initdb is run under the RFC's oldest kernel, too. */
  readonly kernelFloor?: boolean;
  /** Longest time for one page. */
  readonly answerTimeoutMs?: number;
  /** In use, as the user says (`libc:C.UTF-8`, `icu:und`); absent: those of the workloads. */
  readonly locales?: readonly string[];
  /** Which checks were asked for, where not all were; completes "only those that". */
  readonly only?: string;
  /** What `redoubt matrix` combines; absent in a run of the gate. */
  readonly matrix?: MatrixOptions;
}

/** The axes of a matrix besides majors, hosts and suites, and by what its runs are known to belong together. */
export interface MatrixOptions {
  readonly bundles: readonly string[];
  readonly computeImages: readonly string[];
  readonly workloads: readonly string[];
  /** Digest of the plan: of every cell and of what is put into it. */
  readonly plan: string;
  /** The part of the plan that this run has, of how many; absent in an unsharded and in a merged report. */
  readonly shard?: { readonly index: number; readonly count: number };
}

/** One line of events.ndjson. Everything a report says is derived from these. */
export type GateEvent =
  | {
      readonly type: 'run-started';
      readonly schemaVersion: typeof eventSchemaVersion;
      readonly redoubtVersion: string;
      readonly machine: string;
    }
  | { readonly type: 'policy'; readonly policy: PolicyFacts }
  | { readonly type: 'pin'; readonly pin: PinFacts }
  | { readonly type: 'pin-compared'; readonly comparison: PinComparison }
  | { readonly type: 'options'; readonly options: RunOptions }
  | { readonly type: 'bundle'; readonly bundle: BundleFacts }
  | { readonly type: 'host'; readonly host: HostFacts }
  | { readonly type: 'host-absent'; readonly host: AbsentHostFacts }
  | { readonly type: 'skew'; readonly skew: MinorSkew }
  | { readonly type: 'tape'; readonly tape: TapeFacts }
  | {
      readonly type: 'planned';
      readonly cells: readonly Cell[];
      readonly checks: readonly Check[];
      /** How many checks more there are that were not asked for (`RunOptions.only`); absent when there are none. */
      readonly leftOut?: number;
    }
  | { readonly type: 'check-started'; readonly check: string }
  | {
      readonly type: 'finding';
      readonly check: string;
      readonly finding: Finding;
      /** Why it does not fail the check; absent when it does. */
      readonly tolerance?: Tolerance;
    }
  | {
      readonly type: 'check-ended';
      readonly check: string;
      readonly outcome: Outcome;
      readonly reason: string | null;
      readonly tallies: readonly Tally[];
      readonly notes: readonly string[];
      /** Folder of what was kept of it, relative to the report's; absent when nothing was. */
      readonly evidence?: string;
      readonly durationMs: number;
    }
  | { readonly type: 'run-failed'; readonly code: string; readonly reason: string }
  | {
      readonly type: 'run-ended';
      readonly testsRun: number;
      readonly peakRssBytes: number;
      /** SHA-256 of all lines before, which tells what was edited; absent in runs of older Redoubts. */
      readonly digest?: string;
    };

/** Where the events of a run go. */
export interface EventSink {
  append(event: GateEvent): void;
}

/** An event and when it happened (ISO 8601, UTC). */
export type TimedEvent = GateEvent & { readonly at: string };
