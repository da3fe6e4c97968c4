import { isOfMajor, shown } from '../inventory/bundle-inventory.ts';
import type { FileFault } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** "The minimum Linux kernel version is 5.10." */
const minimumKernel = [5, 10, 0];

/** Every program and library is a whole ELF file of 64-bit x86-64, and asks for no newer kernel than the interface does. */
export function machineFaults({ inventory, major }: MajorFiles): readonly FileFault[] {
  const damaged = inventory.damaged
    .filter(({ path }) => isOfMajor(inventory, major, path))
    .map(({ path, reason }): FileFault => ({
      code: 'elf-damaged',
      message: `${shown(path)} begins like a program and is damaged: ${reason}`,
      details: { path: shown(path), reason },
    }));
  const wrong = inventory.elves
    .filter(({ path }) => isOfMajor(inventory, major, path))
    .flatMap(({ path, elf }): readonly FileFault[] => {
      const { bits, byteOrder, machine } = elf.identity;
      if (elf.kind === 'foreign') {
        const found = `${machine}, ${String(bits)} bits, ${byteOrder}`;
        return [
          {
            code: 'elf-machine',
            message: `${shown(path)} is for another machine: ${found}, not x86-64, 64 bits, little-endian`,
            details: { path: shown(path), found },
          },
        ];
      }
      const { kernelFloor } = elf.facts;
      if (kernelFloor === undefined || !isNewer(kernelFloor)) return [];
      return [
        {
          code: 'elf-kernel-floor',
          message: `${shown(path)} asks for Linux ${kernelFloor} or newer in its ABI note; the interface promises ${minimumKernel.slice(0, 2).join('.')}`,
          details: { path: shown(path), kernelFloor },
        },
      ];
    });
  return [...damaged, ...wrong];
}

function isNewer(version: string): boolean {
  const parts = version.split('.').map(Number);
  const at = minimumKernel.findIndex((part, index) => (parts[index] ?? 0) !== part);
  return at >= 0 && (parts[at] ?? 0) > (minimumKernel[at] ?? 0);
}
