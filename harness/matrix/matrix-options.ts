import { lstatSync } from 'node:fs';
import { basename } from 'node:path';

import { loadWorkloadFile } from '../compute/workload-file.ts';
import { RedoubtError } from '../error.ts';
import { type CapturePlan, capturePlans } from '../gate/capture/capture-plan.ts';
import { imagesNamed } from '../gate/inputs/compute-image.ts';
import {
  type GateArguments,
  type GateChoices,
  type GateOptions,
  parseGateOptions,
} from '../gate/gate-options.ts';
import { type ComputeImage, computeMajors, defaultComputeImage } from '../host/compute-images.ts';
import { parseShard, type Shard } from './shard.ts';

/** What the user typed after `redoubt matrix`, unchecked. */
export interface MatrixArguments extends Omit<GateArguments, 'candidate' | 'compute'> {
  /** Each a path, or `NAME=PATH`. */
  readonly candidate?: readonly string[];
  /** Each as the gate takes it: names with commas. */
  readonly compute?: readonly string[];
  /** Each a file of SQL, or a workload of `corpora/workloads`. */
  readonly workload?: readonly string[];
  readonly shard?: string;
}

/** A bundle by the name that cells give it. */
export interface Candidate {
  readonly name: string;
  readonly path: string;
}

/** A workload by the name that cells give it, and what is captured of it. */
export interface WorkloadCaptures {
  readonly name: string;
  readonly captures: readonly CapturePlan[];
}

/** The same, checked, with every default filled in. */
export interface MatrixOptions {
  /** What all of the matrix has in common; bundle, compute images and captures in it are of no account. */
  readonly gate: GateOptions;
  /** None: the reference bundle. */
  readonly candidates: readonly Candidate[];
  /** Any number for each major. */
  readonly images: readonly ComputeImage[];
  readonly workloads: readonly WorkloadCaptures[];
  readonly shard: Shard | undefined;
}

/** Checks what the user typed. Throws RedoubtError of kind usage that names the option and the word that is wrong. */
export async function parseMatrixOptions(
  typed: MatrixArguments,
  choices: GateChoices,
): Promise<MatrixOptions> {
  const { candidate = [], compute, workload = [], shard, ...common } = typed;
  const images = chooseImages(compute, choices.givenImages ?? []);
  const gate = parseGateOptions(common, choices);
  for (const major of gate.majors ?? []) requireImage(images, major);
  const chosen = images.filter(({ major }) => gate.majors?.includes(major) ?? true);
  if (gate.tapes.length > 0) requireOneWay(chosen, workload);
  return {
    gate,
    candidates: distinct('--candidate', candidate.map(nameCandidate)),
    images: chosen,
    workloads:
      workload.length === 0
        ? [{ name: 'default', captures: capturePlans }]
        : distinct('--workload', await Promise.all(workload.map(captureWorkload))),
    shard: shard === undefined ? undefined : parseShard(shard),
  };
}

function nameCandidate(typed: string): Candidate {
  const [, named, path] = /^([A-Za-z0-9][\w.-]*)=(.+)$/s.exec(typed) ?? [];
  if (named !== undefined && path !== undefined && !exists(typed)) return { name: named, path };
  const name = basename(typed)
    .replace(/\.tar(\.(gz|zst|xz))?$/, '')
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return { name: name === '' ? 'bundle' : name, path: typed };
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

async function captureWorkload(typed: string): Promise<WorkloadCaptures> {
  const kept = capturePlans.filter(({ workload }) => workload === typed);
  if (kept.length > 0) return { name: typed, captures: kept };
  const own = await loadWorkloadFile(typed);
  const name = own.name.replace(/\.sql$/, '').replaceAll(/[^\w.-]+/g, '-');
  return {
    name,
    captures: capturePlans
      .filter(({ workload }) => workload === 'collation')
      .map((plan) => ({ ...plan, workload: name, own, scale: own.scale })),
  };
}

function chooseImages(
  typed: readonly string[] | undefined,
  given: readonly ComputeImage[],
): readonly ComputeImage[] {
  if (typed === undefined) return computeMajors().map(defaultComputeImage);
  const words = typed
    .flatMap((option) => option.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length === 0) {
    throw new RedoubtError('usage', 'empty-option', '--compute names nothing', {
      remedy: 'Name compute images, as in --compute debian:13,npm:17.',
    });
  }
  return [...new Set(words.flatMap((word) => imagesNamed(word, given)))];
}

function requireImage(images: readonly ComputeImage[], major: number): void {
  if (images.some((image) => image.major === major)) return;
  throw new RedoubtError(
    'usage',
    'no-compute-image',
    `--pg ${String(major)}: no compute image of ${images.map(({ name }) => name).join(', ')} has PostgreSQL ${String(major)}`,
    { remedy: 'Name one that has it with --compute, or leave that major out.' },
  );
}

/** Tapes bring the pages that compute images and workloads would make. */
function requireOneWay(images: readonly ComputeImage[], workload: readonly string[]): void {
  const second = images.find(({ major }, at) => images.findIndex((each) => each.major === major) < at);
  const [what, remedy] =
    workload.length > 0
      ? [`--workload ${workload.join(' ')}`, 'Leave one of them out.']
      : second === undefined
        ? []
        : [`a second compute image of PostgreSQL ${String(second.major)}`, 'Name one for each major.'];
  if (what === undefined || remedy === undefined) return;
  throw new RedoubtError(
    'usage',
    'tape-and-capture',
    `--tape brings its own pages, so ${what} has none to make`,
    {
      remedy,
    },
  );
}

function distinct<T extends { readonly name: string }>(option: string, all: readonly T[]): readonly T[] {
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return all;
  throw new RedoubtError('usage', 'name-twice', `${option}: two go by the name ${twice}`, {
    remedy:
      option === '--candidate'
        ? 'Give each a name of its own: --candidate new=new/bundle.tar.zst.'
        : 'Give files of different names.',
  });
}
