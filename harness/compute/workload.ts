import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { RedoubtError } from '../error.ts';
import { splitStatements, type SqlStatement } from './sql-statements.ts';

/** How much of a workload to run: `small` in seconds for tests and fixtures, `full` for the gate. */
export type WorkloadScale = 'small' | 'full';

/** One script of a workload, cut into statements. */
export interface WorkloadScript {
  /** Path relative to the workload's folder. */
  readonly name: string;
  /** The first major that understands its statements. */
  readonly sinceMajor: number;
  readonly statements: readonly SqlStatement[];
}

/** Server settings that the statements need. */
export interface WorkloadSettings {
  readonly setup: Readonly<Record<string, string>>;
  /** Also those of the server that recovers the WAL. */
  readonly work: Readonly<Record<string, string>>;
}

/** A workload read into memory and checked against its manifest. */
export interface Workload {
  readonly name: string;
  /** The folder that the server sees read-only as `/redoubt/workload`. */
  readonly directory: string;
  readonly scale: WorkloadScale;
  /** Custom settings (`redoubt.rows`) that the scripts read with current_setting(). */
  readonly parameters: Readonly<Record<string, string>>;
  readonly settings: WorkloadSettings;
  /** Run before the base is taken. */
  readonly setup: readonly WorkloadScript[];
  /** Run after it: the WAL that is captured. */
  readonly work: readonly WorkloadScript[];
  /** SHA-256 over the manifest: names every byte of the workload. */
  readonly digest: string;
}

const firstMajor = 14;

/** `manifest.json` of a workload's folder; `sha256` names every file besides itself. */
const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string().min(1),
  origin: z.string().min(1),
  settings: z
    .strictObject({ setup: z.record(z.string(), z.string()), work: z.record(z.string(), z.string()) })
    .default({ setup: {}, work: {} }),
  /** Scripts that older majors do not understand. */
  sinceMajor: z.record(z.string(), z.int()).default({}),
  scales: z.strictObject({
    small: z.record(z.string(), z.number()),
    full: z.record(z.string(), z.number()),
  }),
  setup: z.array(z.string()),
  work: z.array(z.string()),
  sha256: z.record(z.string(), z.string()),
});

type WorkloadManifest = z.infer<typeof manifestSchema>;

/** Where a server sees the workload's folder. */
export const workloadTarget = '/redoubt/workload';

/**
 * Reads the workload in `directory` and checks every file against its manifest. Throws `workload-unreadable`,
 * `workload-manifest` or `workload-digest` (usage), or what {@link splitStatements} throws.
 */
export async function loadWorkload(directory: string, scale: WorkloadScale): Promise<Workload> {
  const manifestBytes = await readMember(directory, 'manifest.json');
  const manifest = parseManifest(manifestBytes, join(directory, 'manifest.json'));
  const files = new Map<string, Buffer>();
  for (const [name, expected] of Object.entries(manifest.sha256)) {
    const bytes = await readMember(directory, name);
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== expected) {
      throw new RedoubtError(
        'usage',
        'workload-digest',
        `${join(directory, name)} has SHA-256 ${actual}, but its manifest says ${expected}`,
        {
          remedy: 'Restore the file, or seal the manifest again with `node corpora/workloads/seal.ts`.',
          details: { path: join(directory, name), actual, expected },
        },
      );
    }
    files.set(name, bytes);
  }
  const script = (name: string): WorkloadScript => {
    const bytes = files.get(name);
    if (bytes === undefined)
      throw badManifest(join(directory, 'manifest.json'), `lists ${name} without its sha256`);
    const sinceMajor = manifest.sinceMajor[name] ?? firstMajor;
    return { name, sinceMajor, statements: splitStatements(bytes.toString('utf8'), join(directory, name)) };
  };
  return {
    name: manifest.name,
    directory,
    scale,
    parameters: Object.fromEntries(
      Object.entries(manifest.scales[scale]).map(([key, value]) => [`redoubt.${key}`, String(value)]),
    ),
    settings: manifest.settings,
    setup: manifest.setup.map(script),
    work: manifest.work.map(script),
    digest: createHash('sha256').update(manifestBytes).digest('hex'),
  };
}

function parseManifest(bytes: Buffer, path: string): WorkloadManifest {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw badManifest(path, 'is not JSON', cause);
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success)
    throw badManifest(path, `is no manifest: ${z.prettifyError(parsed.error)}`, parsed.error);
  return parsed.data;
}

function badManifest(path: string, why: string, cause?: unknown): RedoubtError {
  return new RedoubtError('usage', 'workload-manifest', `${path} ${why}`, {
    remedy: 'Look at corpora/workloads/collation/manifest.json for the form.',
    details: { path },
    cause,
  });
}

async function readMember(directory: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(directory, name));
  } catch (cause) {
    throw new RedoubtError(
      'usage',
      'workload-unreadable',
      `${join(directory, name)} of the workload cannot be read`,
      { remedy: 'Name a folder with a manifest.json and the files it lists.', cause },
    );
  }
}
