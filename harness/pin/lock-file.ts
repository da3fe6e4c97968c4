import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

import { RedoubtError } from '../error.ts';
import { publishBeside } from '../host/publish-beside.ts';
import { systemError } from '../host/system-error.ts';
import { type BundleLock, lockSchemaVersion } from './bundle-lock.ts';
import { lockSchema } from './lock-schema.ts';

/** Where a project has its lock file, in the folder where the command is typed. */
export const defaultLockPath = 'bundle.lock.json';

const repin = 'Take it from version control again, or make it anew: redoubt pin --report DIR.';

/** The text of a lock file: JSON with `integrity`, a digest over all the rest, in the same bytes for the same contents. */
export function lockText(lock: BundleLock): string {
  return `${JSON.stringify({ integrity: integrityOf(lock), ...lock }, null, 2)}\n`;
}

/** Writes a lock file, whole or not at all. */
export async function writeLock(path: string, lock: BundleLock): Promise<void> {
  await publishBeside(path, (partial) => writeFile(partial, lockText(lock)));
}

/** Reads a lock file. Throws `lock-missing`, or what {@link parseLock} throws. */
export async function readLock(path: string): Promise<BundleLock> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'EISDIR') throw systemError(`cannot read ${path}`, error);
    throw new RedoubtError('usage', 'lock-missing', `${path}: there is no such lock file`, {
      remedy: 'Name another with --lock, or make it: redoubt pin --report DIR.',
      details: { path },
    });
  });
  return parseLock(text, path);
}

/**
 * Checks the text of a lock file. Throws (usage) `lock-invalid` for what is no lock file, `lock-newer` for one of a newer
 * Redoubt, `lock-edited` when its contents are not those that `redoubt pin` wrote.
 */
export function parseLock(text: string, path: string): BundleLock {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refusal(path, 'lock-invalid', `it is not JSON (${String(cause)})`, cause);
  }
  const { integrity, ...contents } = isRecord(value) ? value : {};
  const version = contents['schemaVersion'];
  if (typeof version === 'number' && version > lockSchemaVersion) {
    throw new RedoubtError(
      'usage',
      'lock-newer',
      `${path} has schema version ${String(version)}, this Redoubt reads up to ${String(lockSchemaVersion)}`,
      { remedy: 'Use the Redoubt that wrote it.', details: { path } },
    );
  }
  if (typeof integrity !== 'string') throw refusal(path, 'lock-invalid', 'it has no integrity');
  const actual = integrityOf(contents);
  if (integrity !== actual)
    throw edited(path, `its integrity is ${integrity}, that of its contents ${actual}`);
  // Of a name that stands twice a reader takes the last one, and a reviewer may see the first.
  if (withoutLayout(text) !== JSON.stringify(value)) throw edited(path, 'something stands in it twice');
  const parsed = lockSchema.safeParse(contents);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusal(path, 'lock-invalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** JSON without the blanks between its words. */
function withoutLayout(text: string): string {
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}

/** Over the contents with their keys in order: how the file is laid out does not count. */
export function integrityOf(contents: object): string {
  return `sha256-${createHash('sha256').update(JSON.stringify(contents, sortedKeys)).digest('hex')}`;
}

function sortedKeys(_: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function edited(path: string, why: string): RedoubtError {
  return refusal(path, 'lock-edited', `it was edited after redoubt pin wrote it: ${why}`);
}

function refusal(path: string, code: string, why: string, cause?: unknown): RedoubtError {
  return new RedoubtError('usage', code, `${path} cannot be relied on: ${why}`, {
    remedy: repin,
    details: { path },
    cause,
  });
}
