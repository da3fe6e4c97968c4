import { type LocaleInUse, parseLocalesInUse } from '../collation/locale-in-use.ts';
import { RedoubtError } from '../error.ts';
import { suiteNames, type SuiteName } from '../verdict/cell.ts';
import type { ComputeImage } from '../host/compute-images.ts';
import type { Engine } from '../host/engine.ts';
import type { HostRequest } from '../host/host-root.ts';
import type { OpenedLock } from '../pin/opened-lock.ts';
import { defaultAnswerTimeoutMs } from '../redo/replay/replay.ts';
import type { PolicyFacts } from '../verdict/tolerance.ts';
import { type CapturePlan, capturePlans } from './capture/capture-plan.ts';
import { chooseChecks, type CheckFilter } from './plan/check-filter.ts';
import { chooseComputeImages, imageOfMajor } from './inputs/compute-image.ts';
import { suitesWithPromises } from './plan/suite-files.ts';

/** What the user typed after `redoubt gate`, unchecked. */
export interface GateArguments {
  readonly candidate?: string;
  readonly baseline?: string;
  readonly pg?: string;
  readonly hosts?: string;
  /** Each `NAME=ARCHIVE`. */
  readonly host?: readonly string[];
  readonly compute?: string;
  readonly suites?: string;
  readonly engine?: string;
  readonly tape?: readonly string[];
  readonly kernelFloor?: boolean;
  readonly report?: string;
  readonly answerTimeout?: string;
  readonly initdbMatrix?: string;
  readonly locales?: string;
  /** Part of a check's id or promise, as a regular expression. */
  readonly grep?: string;
  /** The folder of a report, or true for the newest one. */
  readonly lastFailed?: string | true;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The same, checked, with every default filled in. */
export interface GateOptions {
  /** Undefined: the reference bundle. */
  readonly candidate: string | undefined;
  readonly baseline: string | undefined;
  /** Undefined: every major that both the candidate and a compute image have. */
  readonly majors: readonly number[] | undefined;
  readonly hosts: readonly HostRequest[];
  /** One a major, in ascending order. */
  readonly computeImages: readonly ComputeImage[];
  readonly suites: readonly SuiteName[];
  readonly engine: Engine;
  /** What is captured of every major. */
  readonly captures: readonly CapturePlan[];
  /** Replayed instead of capturing anew. */
  readonly tapes: readonly string[];
  /** Whether initdb is run under the RFC's oldest kernel, too. */
  readonly kernelFloor: boolean;
  readonly reportDirectory: string | undefined;
  readonly answerTimeoutMs: number;
  /** How many of initdb's other options each host tries. */
  readonly initdbMatrix: 'sample' | 'full';
  /** In use, as the user says; undefined: those of the workloads. */
  readonly locales: readonly LocaleInUse[] | undefined;
  readonly list: boolean;
  /** Which checks are wanted; all where absent. */
  readonly only?: CheckFilter;
  /** What was laid down about findings; undefined when nothing was. */
  readonly policy: PolicyFacts | undefined;
  /** What the candidate is held against; undefined where nothing is pinned. */
  readonly lock: OpenedLock | undefined;
}

/** What exists to choose from. */
export interface GateChoices {
  /** Every host that has a name. */
  readonly hosts: readonly string[];
  /** Those of a run that names none. */
  readonly defaultHosts: readonly string[];
  /** Of the default ones, those that a run may do without. */
  readonly optionalHosts: readonly string[];
  /** Compute images that were given as archives, opened; none unless the user gave one. */
  readonly givenImages?: readonly ComputeImage[];
  /** Of the policy, if there is one. */
  readonly policy?: PolicyFacts;
  /** Of the project, if it has one. */
  readonly lock?: OpenedLock;
  /** Those of a run under a policy that lists some. */
  readonly policyHosts?: readonly string[];
  /** Whether a host that cannot be had is named in the verdict, or blocks it, for all that nobody typed. */
  readonly absentHosts?: 'named' | 'block';
}

/**
 * Checks what the user typed.
 * @throws RedoubtError of kind usage naming the option, the word that is wrong and the words that are right.
 */
export function parseGateOptions(typed: GateArguments, choices: GateChoices): GateOptions {
  const only = chooseChecks(typed);
  const computeImages = chooseComputeImages(typed.compute, choices.givenImages);
  const majors = typed.pg === undefined ? undefined : parseMajors(typed.pg);
  for (const major of majors ?? []) imageOfMajor(computeImages, major);
  return {
    candidate: typed.candidate,
    baseline: typed.baseline,
    majors,
    hosts: chooseHosts(typed, choices),
    computeImages,
    suites: typed.suites === undefined ? suitesWithPromises : parseSuites(typed.suites),
    engine: parseEngine(typed.engine ?? 'auto'),
    captures: capturePlans,
    tapes: typed.tape ?? [],
    kernelFloor: typed.kernelFloor === true,
    reportDirectory: typed.report,
    answerTimeoutMs:
      typed.answerTimeout === undefined
        ? defaultAnswerTimeoutMs
        : parseSeconds('--answer-timeout', typed.answerTimeout),
    initdbMatrix: parseMatrix(typed.initdbMatrix ?? 'sample'),
    locales: typed.locales === undefined ? undefined : parseLocalesInUse('--locales', typed.locales),
    list: typed.list === true,
    ...(only === undefined ? {} : { only }),
    policy: choices.policy,
    lock: choices.lock,
  };
}

/** Hosts that are given as archives come after the others, or are those of that name. */
function chooseHosts({ hosts, host = [] }: GateArguments, choices: GateChoices): readonly HostRequest[] {
  const archives = new Map<string, string>();
  for (const typed of host) {
    const [, name = '', archive = ''] = /^([^=]*)=(.*)$/s.exec(typed) ?? [];
    if (!/^[a-z0-9][a-z0-9._-]*(:[a-z0-9._-]+)?$/.test(name) || archive === '') {
      throw usage(
        'invalid-host',
        `--host ${typed}: not a name in small letters, "=" and an archive`,
        'Write --host amazonlinux:2=amazonlinux-2.tar.gz.',
      );
    }
    if (archives.has(name))
      throw usage('two-hosts', `--host: ${name} is given twice`, 'Give each host a name of its own.');
    archives.set(name, archive);
  }
  const known = [...new Set([...choices.hosts, ...archives.keys()])];
  const listed = hosts ?? choices.policyHosts?.join(',');
  const named = listed === undefined ? choices.defaultHosts : chosen('--hosts', listed, known);
  const isExpected = (name: string): boolean =>
    choices.absentHosts === undefined
      ? listed !== undefined || !choices.optionalHosts.includes(name)
      : choices.absentHosts === 'block';
  return [...new Set([...named, ...archives.keys()])].map((name) => ({
    name,
    archive: archives.get(name),
    isRequired: hosts !== undefined || archives.has(name) || isExpected(name),
  }));
}

function chosen<T extends string>(option: string, typed: string, known: readonly T[]): readonly T[] {
  const words = typed
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0)
    throw usage('empty-option', `${option} names nothing`, `Choose from: ${known.join(', ')}.`);
  const picked = words.map((word) => {
    const found = known.find((name) => name === word);
    if (found === undefined)
      throw usage(
        'unknown-name',
        `${option} ${word}: there is no such name`,
        `Choose from: ${known.join(', ')}.`,
      );
    return found;
  });
  return [...new Set(picked)];
}

function parseSuites(typed: string): readonly SuiteName[] {
  const suites = chosen('--suites', typed, suiteNames);
  return suiteNames.filter((suite) => suites.includes(suite));
}

/** Reads `15,17` or `v15`. Throws `invalid-major` (usage). */
export function parseMajors(typed: string): readonly number[] {
  const words = typed.split(',').map((word) => word.trim().replace(/^v/, ''));
  const majors = words.map((word) => {
    if (!/^\d{1,2}$/.test(word))
      throw usage(
        'invalid-major',
        `--pg ${typed}: "${word}" is not a PostgreSQL major version`,
        'Write majors with commas: --pg 15,17.',
      );
    return Number(word);
  });
  return [...new Set(majors)].toSorted((left, right) => left - right);
}

function parseEngine(typed: string): Engine {
  if (typed === 'auto' || typed === 'chroot') return 'chroot';
  if (typed === 'docker') return 'docker';
  throw usage(
    'unknown-engine',
    `--engine ${typed}: there is no such engine`,
    'Choose from: auto, chroot, docker.',
  );
}

function parseMatrix(typed: string): 'sample' | 'full' {
  if (typed === 'sample' || typed === 'full') return typed;
  throw usage(
    'unknown-name',
    `--initdb-matrix ${typed}: there is no such extent`,
    'Choose from: sample, full.',
  );
}

function parseSeconds(option: string, typed: string): number {
  const seconds = Number(typed);
  if (!Number.isFinite(seconds) || seconds <= 0)
    throw usage(
      'invalid-number',
      `${option} ${typed}: not a number of seconds`,
      `Write seconds: ${option} 60.`,
    );
  return seconds * 1000;
}

function usage(code: string, message: string, remedy: string): RedoubtError {
  return new RedoubtError('usage', code, message, { remedy });
}
