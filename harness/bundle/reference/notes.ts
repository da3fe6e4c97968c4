import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Bundle } from '../open.ts';
import { borrowedHeadersNote, manifestPath } from './manifest.ts';
import { resolveInRoot } from './root-files.ts';

/** Far more than a manifest of ours takes. */
const mostBytes = 2 ** 20;

/**
 * What a reader of a verdict must know of a reference bundle: the majors whose walredo is built from another major's
 * headers. Nothing for any other bundle. The bundle is not trusted: of what it says, only numbers of majors are passed on.
 */
export async function bundleNotes({ directory, layout }: Bundle): Promise<readonly string[]> {
  if (layout !== 'chroot' || (await resolveInRoot(directory, manifestPath)) !== `/${manifestPath}`) return [];
  const path = join(directory, manifestPath);
  if ((await stat(path)).size > mostBytes) return [];
  const text = await readFile(path, 'utf8');
  const noted = [...text.matchAll(/"note": "(\d{1,2}): built from \d{1,2}'s headers/g)];
  return noted.map(([, major]) => borrowedHeadersNote(Number(major)));
}
