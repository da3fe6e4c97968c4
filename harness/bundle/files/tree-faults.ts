import { posix } from 'node:path';

import { shown } from '../inventory/bundle-inventory.ts';
import { resolvePath } from '../inventory/resolve-path.ts';
import type { FileFault } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** What the harness, as a pageserver, puts into a chroot bundle's root. */
const provided = /^\/(dev\/(null|zero|urandom)|inout(\/.*)?)$/;
const setUserOrGroupId = 0o6000;

/** Every link leads to something inside; nothing is setuid or setgid; there are files, folders and links only. */
export function treeFaults({ entries, inventory }: MajorFiles): readonly FileFault[] {
  return entries.flatMap(([path, entry]): readonly FileFault[] => {
    switch (entry.kind) {
      case 'directory':
        return [];
      case 'special':
        return [
          {
            code: 'file-special',
            message: `${shown(path)} is a device, pipe or socket; a bundle has files, folders and links`,
            details: { path: shown(path) },
          },
        ];
      case 'file':
        return (entry.mode & setUserOrGroupId) === 0
          ? []
          : [
              {
                code: 'file-set-user-id',
                message: `${shown(path)} is ${(entry.mode & 0o4000) === 0 ? 'setgid' : 'setuid'} (mode ${entry.mode.toString(8)})`,
                details: { path: shown(path), mode: entry.mode.toString(8) },
              },
            ];
      case 'symlink':
        return linkFaults(inventory, path, entry.target);
    }
  });
}

function linkFaults(
  { tree, layout }: MajorFiles['inventory'],
  path: string,
  target: string,
): readonly FileFault[] {
  const details = { path: shown(path), target };
  const isAbsolute = target.startsWith('/');
  const climbs = posix.normalize(`.${posix.dirname(path)}/${target}`).startsWith('..');
  if (climbs || (isAbsolute && layout !== 'chroot')) {
    return [
      {
        code: 'link-outside',
        message: `${shown(path)} is a link to ${target}, which lies outside of the bundle`,
        details,
      },
    ];
  }
  const absolute = isAbsolute ? posix.normalize(target) : posix.join(posix.dirname(path), target);
  if (layout === 'chroot' && provided.test(absolute)) return [];
  if (resolvePath(tree, path).kind === 'found') return [];
  return [
    {
      code: isAbsolute ? 'link-outside' : 'link-dangling',
      message: `${shown(path)} is a link to ${target}, which the bundle does not hold${
        isAbsolute ? ': where the link was made it led to a file of that machine' : ''
      }`,
      details,
    },
  ];
}
