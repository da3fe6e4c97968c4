import { posix } from 'node:path';

import { isBelow, shown } from '../inventory/bundle-inventory.ts';
import { type FileFault, someOf } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** Every module that the catalogs and extensions load by its name (`$libdir/NAME`) is there, and every conversion of libc. */
export function moduleFaults(files: MajorFiles): readonly FileFault[] {
  const { server } = files;
  if (server === undefined) return [];
  const mentions = Map.groupBy(mentionedModules(files), ({ module }) => module);
  const held = new Set(
    [...files.inventory.entries.keys()].filter((path) => isBelow(path, server.home)).map(fileName),
  );
  const absent = [...mentions].filter(([module]) => !held.has(`${module}.so`));
  return [
    ...absent.map(([module, places]): FileFault => ({
      code: 'module-missing',
      message: `the module ${module}.so is missing, which ${someOf(places.map(({ path }) => shown(path)))} would load`,
      details: { module, mentionedBy: places.map(({ path }) => shown(path)) },
    })),
    ...conversionFaults(files),
  ];
}

function fileName(path: string): string {
  return posix.basename(path);
}

interface Mention {
  readonly module: string;
  readonly path: string;
}

function mentionedModules({ inventory, server }: MajorFiles): readonly Mention[] {
  return [...inventory.entries].flatMap(([path]) => {
    if (server === undefined || !isBelow(path, server.home)) return [];
    if (!/\/(postgres\.bki|snowball_create\.sql|[^/]+\.control)$/.test(path)) return [];
    const content = inventory.tree.content(path);
    if (content.kind !== 'text') return [];
    const names = [...content.text.matchAll(/\$libdir\/([\w-]+)/g)].map(([, module = '']) => module);
    return [...new Set(names)].map((module) => ({ module, path }));
  });
}

/** `module FROM// TO// NAME COST` of gconv-modules (iconvconfig(8)): NAME.so lies beside it. */
function conversionFaults({ entries, inventory }: MajorFiles): readonly FileFault[] {
  return entries.flatMap(([path, entry]): readonly FileFault[] => {
    if (entry.kind !== 'file' || !/\/gconv-modules(\.d\/[^/]+\.conf)?$/.test(path)) return [];
    const content = inventory.tree.content(path);
    if (content.kind !== 'text') return [];
    const folder = path.includes('/gconv-modules.d/')
      ? posix.dirname(posix.dirname(path))
      : posix.dirname(path);
    const names = [...content.text.matchAll(/^module\s+\S+\s+\S+\s+(\S+)/gm)].map(([, name = '']) => name);
    const absent = [...new Set(names)].filter(
      (name) => inventory.tree.entry(`${folder}/${name}.so`) === undefined,
    );
    if (absent.length === 0) return [];
    return [
      {
        code: 'conversion-missing',
        message: `${shown(path)} names conversions whose modules are missing beside it: ${someOf(absent.map((name) => `${name}.so`))}`,
        details: { path: shown(path), modules: absent },
      },
    ];
  });
}
