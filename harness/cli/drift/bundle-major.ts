import { RedoubtError } from '../../error.ts';
import { libraryFolders } from '../../host/composition/library-folders.ts';
import type { Progress } from '../../host/progress.ts';
import { givenBundle } from './given-bundle.ts';

/**
 * The major whose server is to be put on the libraries of two environments: that of the libraries which a bundle among them
 * is asked for, `major` or its newest. Undefined where any will do. Throws `two-majors` (usage) for bundles that have no
 * major in common.
 */
export async function majorOfBundles(
  names: readonly string[],
  major: number | undefined,
  progress: Progress,
): Promise<number | undefined> {
  const majors = new Set<number>();
  for (const name of names) {
    const own = await majorOfBundle(name, major, progress);
    if (own !== undefined) majors.add(own);
  }
  const [first, second] = [...majors];
  if (second === undefined) return first;
  throw new RedoubtError(
    'usage',
    'two-majors',
    `the newest majors of ${names.join(' and ')} are ${String(first)} and ${String(second)}: no server is of both`,
    { remedy: 'Name one with --pg.' },
  );
}

async function majorOfBundle(
  name: string,
  major: number | undefined,
  progress: Progress,
): Promise<number | undefined> {
  const bundle = await givenBundle(name, progress).catch((error: unknown) => {
    if (error instanceof RedoubtError && error.kind === 'usage') return undefined;
    throw error;
  });
  if (bundle?.layout !== 'chroot') return undefined;
  const folders = await libraryFolders(bundle.directory, major);
  return folders?.major ?? major;
}
