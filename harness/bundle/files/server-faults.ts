import { versionWord } from '../launch.ts';
import type { FileFault } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** One of the bundle's files is the major's server: else nothing can be said of what that needs. */
export function serverFaults({ inventory, major, server }: MajorFiles): readonly FileFault[] {
  if (server !== undefined) return [];
  const found = [...inventory.servers.values()].map(({ facts }) => facts.version);
  return [
    {
      code: 'server-not-found',
      message: `no program of the bundle says that it is a server of PostgreSQL ${String(major)}, so that nothing can be said of what ${versionWord(major)} needs (${
        found.length === 0 ? 'none is a server of any major' : `there are ${found.join(', ')}`
      })`,
      details: { found },
    },
  ];
}
