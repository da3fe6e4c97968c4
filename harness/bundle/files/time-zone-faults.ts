import { posix } from 'node:path';

import { shown } from '../inventory/bundle-inventory.ts';
import { resolveFile, resolveFolder } from '../inventory/resolve-path.ts';
import { type FileFault, someOf } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';
import { shareFolder } from './share-faults.ts';

/** Without these no server starts. */
const always: readonly string[] = ['GMT', 'UTC'];

/**
 * The folder of the time zones that a server reads: its own among the share files, or the one that was compiled in
 * (`--with-system-tzdata`); as the programs see it. Undefined when there is none.
 */
export function zoneFolder(files: MajorFiles): string | undefined {
  const { server, processes } = files;
  const share = shareFolder(files);
  const own =
    share === undefined
      ? undefined
      : resolveFolder(processes.tree, posix.join('/', processes.prefix, share, 'timezone'));
  if (own !== undefined) return own;
  const compiled = server?.facts.paths.find(
    (path) => /zoneinfo|tzdata|timezone/.test(path) && resolveFolder(processes.tree, path) !== undefined,
  );
  return compiled;
}

/** The time zones are there, and among them every one that the sets of abbreviations name. */
export function timeZoneFaults(files: MajorFiles): readonly FileFault[] {
  const { server, processes, inventory } = files;
  if (server === undefined) return [];
  const folder = zoneFolder(files);
  const place = inventory.layout === 'pg-install' ? 'neither the bundle nor the host has' : 'the bundle has';
  if (folder === undefined) {
    const system = /'--with-system-tzdata=([^']*)'/.exec(server.facts.configuration ?? '')?.[1];
    return [
      {
        code: 'time-zone-missing',
        message: `${place} ${inventory.layout === 'pg-install' ? 'the' : 'no'} time zones of ${shown(server.path)}: no folder timezone among its share files${
          system === undefined ? '' : `, and none at the place that is compiled in instead of ${system}`
        }`,
        details: { compiledIn: server.facts.paths.filter((path) => /zoneinfo|tzdata/.test(path)) },
      },
    ];
  }
  const absent = [...new Set([...always, ...abbreviatedZones(files)])].filter((zone) => {
    const real = resolveFile(processes.tree, `${folder}/${zone}`);
    return real === undefined || processes.tree.content(real).kind !== 'time-zone';
  });
  if (absent.length === 0) return [];
  return [
    {
      code: 'time-zone-missing',
      message: `the time zones in ${shown(folder)} lack ${someOf(absent)}, which ${
        absent.some((zone) => always.includes(zone)) ? 'every server reads' : 'timezonesets names'
      }`,
      details: { folder: shown(folder), zones: absent },
    },
  ];
}

/** `ABBREVIATION Area/City` lines of the sets of abbreviations (timezonesets/*.txt and the named sets). */
function abbreviatedZones(files: MajorFiles): readonly string[] {
  const { tree } = files.inventory;
  const sets = `${shareFolder(files) ?? ''}/timezonesets`;
  const content = tree.content(`${sets}/Default`);
  const text = content.kind === 'text' ? content.text : '';
  return [...text.matchAll(/^[A-Z]+\s+([A-Z]\w+\/[\w/+-]+)/gm)].map(([, zone = '']) => zone);
}
