import { versionWord } from '../launch.ts';
import { shown } from '../inventory/bundle-inventory.ts';
import type { FileFault } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** "The bundle is a tarball of fully statically linked binaries." */
export function staticFaults({ inventory, major }: MajorFiles): readonly FileFault[] {
  return ['initdb', 'postgres'].flatMap((name): readonly FileFault[] => {
    const path = `/${versionWord(major)}/${name}`;
    const found = inventory.elves.find((elf) => elf.path === path)?.elf;
    if (found?.kind === 'foreign') return [];
    if (found?.facts.linkage === 'static' || found?.facts.linkage === 'static-pie') return [];
    if (found === undefined) {
      const isThere = inventory.tree.entry(path) !== undefined;
      return isThere ? [fault(path, 'is no ELF program', [])] : [];
    }
    const { interpreter, needed } = found.facts;
    const why = [
      ...(interpreter === undefined ? [] : [`asks for the loader ${interpreter}`]),
      ...(needed.length === 0 ? [] : [`needs ${needed.join(', ')}`]),
    ];
    return [fault(path, why.length === 0 ? 'is a library' : why.join(' and '), needed)];
  });
}

function fault(path: string, why: string, needed: readonly string[]): FileFault {
  return {
    code: 'not-static',
    message: `${shown(path)} is not statically linked: it ${why}`,
    details: { path: shown(path), needed },
  };
}
