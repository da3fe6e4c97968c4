import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

import { RedoubtError } from '../error.ts';
import { splitStatements } from './sql-statements.ts';
import type { Workload, WorkloadScript } from './workload.ts';

/** A line of its own: what stands before it makes the base, what follows is captured. */
export const workMarker = '-- redoubt: work';

const markerLine = /^[ \t]*--[ \t]*redoubt:[ \t]*work[ \t]*\r?$/gm;

/**
 * Reads a workload that is one file of SQL statements, split by {@link workMarker}; without that line all of it is
 * captured. The server sees the file's folder as `/redoubt/workload`. Throws `workload-unreadable`,
 * `workload-marker-twice` or `workload-empty` (usage), or what {@link splitStatements} throws.
 */
export async function loadWorkloadFile(path: string): Promise<Workload> {
  const file = resolve(path);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new RedoubtError('usage', 'workload-unreadable', `the workload ${path} cannot be read`, {
      remedy: 'Name a file of SQL statements.',
      cause,
    });
  });
  const text = bytes.toString('utf8');
  const [marker, second] = text.matchAll(markerLine);
  if (second !== undefined)
    throw new RedoubtError('usage', 'workload-marker-twice', `${path} has the line "${workMarker}" twice`, {
      remedy: 'What is captured begins at one place.',
    });
  const workStart = marker === undefined ? 0 : marker.index + marker[0].length;
  const name = basename(file);
  const script = (part: string): readonly WorkloadScript[] => {
    const statements = splitStatements(part, file);
    return statements.length === 0 ? [] : [{ name, sinceMajor: 0, statements }];
  };
  // Line breaks alone remain of the setup, so that errors in the work name the file's own lines.
  const work = script(text.slice(0, workStart).replaceAll(/[^\n]/g, '') + text.slice(workStart));
  if (work.length === 0)
    throw new RedoubtError('usage', 'workload-empty', `${path} has no statement to capture`, {
      remedy: marker === undefined ? 'Write one.' : `Write the statements to capture behind "${workMarker}".`,
    });
  return {
    name,
    directory: dirname(file),
    scale: 'full',
    parameters: {},
    settings: { setup: {}, work: {} },
    setup: script(text.slice(0, workStart)),
    work,
    digest: createHash('sha256').update(bytes).digest('hex'),
  };
}
