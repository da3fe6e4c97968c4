import { versionWord } from '../launch.ts';
import { shown } from '../inventory/bundle-inventory.ts';
import { resolveFile } from '../inventory/resolve-path.ts';
import type { FileFault } from './file-fault.ts';
import type { MajorFiles } from './major-files.ts';

/** "The directory structure is part of the interface": the names by which a pageserver starts the bundle. */
export function layoutFaults({ inventory, major }: MajorFiles): readonly FileFault[] {
  const word = versionWord(major);
  switch (inventory.layout) {
    case 'chroot':
      return [...programFaults(inventory.tree.entry, '/LAUNCHER'), ...inoutFaults(inventory.tree.entry)];
    case 'static':
      return ['initdb', 'postgres'].flatMap((name) =>
        programFaults(inventory.tree.entry, `/${word}/${name}`),
      );
    case 'pg-install':
      return [
        ...['initdb', 'postgres'].flatMap((name) =>
          programFaults(inventory.tree.entry, `/${word}/bin/${name}`),
        ),
        ...['lib', 'share']
          .map((name) => `/${word}/${name}`)
          .filter((path) => inventory.tree.entry(path)?.kind !== 'directory')
          .map((path) => missing(path, 'folder')),
      ];
  }
}

/** A shell for `popen(3)` and an entry for the uid that runs the bundle: a chroot has none but its own. */
export function accountFaults({ inventory, processes, host }: MajorFiles): readonly FileFault[] {
  if (inventory.layout === 'static') return [];
  const tree = host ?? inventory.tree;
  const where = inventory.layout === 'chroot' ? 'the bundle' : 'the host';
  const faults: FileFault[] = [];
  const shell = resolveFile(processes.tree, '/bin/sh');
  const entry = shell === undefined ? undefined : processes.tree.entry(shell);
  if (entry?.kind !== 'file' || (entry.mode & 0o111) === 0) {
    faults.push({
      code: 'shell-missing',
      message: `${where} has no /bin/sh that can be run: initdb starts the server and \`locale -a\` through one (popen)`,
      details: { path: 'bin/sh' },
    });
  }
  const passwd = tree.content(resolveFile(tree, '/etc/passwd') ?? '/etc/passwd');
  const text = passwd.kind === 'text' ? passwd.text : '';
  if (!/^[^:\n]+:[^:\n]*:65534:/m.test(text)) {
    faults.push({
      code: 'account-missing',
      message: `/etc/passwd of ${where} has no entry for uid 65534, as which it is run: initdb fails with "could not look up effective user ID 65534"`,
      details: { path: 'etc/passwd', found: text === '' ? 'no such file' : text.trim().split('\n') },
    });
  }
  return faults;
}

type Look = MajorFiles['inventory']['tree']['entry'];

function programFaults(look: Look, path: string): readonly FileFault[] {
  const entry = look(path);
  if (entry?.kind !== 'file') return [missing(path, 'plain file')];
  if ((entry.mode & 0o111) !== 0) return [];
  return [
    {
      code: 'file-not-executable',
      message: `${shown(path)} cannot be run: its mode is ${entry.mode.toString(8).padStart(4, '0')}, and the interface names it as a program`,
      details: { path: shown(path), mode: entry.mode.toString(8) },
    },
  ];
}

function missing(path: string, what: string): FileFault {
  return {
    code: 'file-missing',
    message: `${shown(path)} is missing: the interface has a ${what} of that name`,
    details: { path: shown(path) },
  };
}

/** It may be there, as an empty folder for mounting on. */
function inoutFaults(look: Look): readonly FileFault[] {
  const entry = look('/inout');
  if (entry === undefined || (entry.kind === 'directory' && entry.names.length === 0)) return [];
  const what =
    entry.kind === 'directory' ? `holds ${entry.names.slice(0, 3).join(', ')}` : `is a ${entry.kind}`;
  return [
    {
      code: 'inout-occupied',
      message: `/inout is reserved, and the bundle's own ${what}`,
      details: { path: 'inout', names: entry.kind === 'directory' ? entry.names : [] },
    },
  ];
}
