import { isOfMajor, shown } from '../inventory/bundle-inventory.ts';
import { resolveFile } from '../inventory/resolve-path.ts';
import type { FileFault } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** The program that a script names after `#!` is there: the kernel looks for it in the bundle's own root. */
export function scriptFaults({ inventory, major, processes }: MajorFiles): readonly FileFault[] {
  const place = inventory.layout === 'pg-install' ? 'the host does not have' : 'the bundle does not hold';
  return inventory.scripts
    .filter(({ path }) => isOfMajor(inventory, major, path))
    .flatMap(({ path, interpreter }): readonly FileFault[] => {
      const real = resolveFile(processes.tree, interpreter);
      const entry = real === undefined ? undefined : processes.tree.entry(real);
      if (entry?.kind === 'file' && (entry.mode & 0o111) !== 0) return [];
      return [
        {
          code: 'script-interpreter-missing',
          message: `${shown(path)} is a script for ${interpreter === '' ? 'no program' : interpreter}, which ${place}`,
          details: { path: shown(path), interpreter },
        },
      ];
    });
}
