import { posix } from 'node:path';

import { versionWord } from '../launch.ts';
import { shown } from '../inventory/bundle-inventory.ts';
import { resolveFile } from '../inventory/resolve-path.ts';
import type { FileFault } from './file-fault.ts';
import { filesNamed, type MajorFiles } from './major-files.ts';

/** What initdb reads (`set_input` in initdb.c, 14 to 18), and the server on every start. */
const requiredFiles: readonly string[] = [
  'information_schema.sql',
  'pg_hba.conf.sample',
  'pg_ident.conf.sample',
  'postgresql.conf.sample',
  'snowball_create.sql',
  'sql_features.txt',
  'system_constraints.sql',
  'system_functions.sql',
  'system_views.sql',
  'timezonesets/Default',
  'extension/plpgsql.control',
];

/** The folder of a major's share files, by the one that every initdb begins with; undefined when there is none. */
export function shareFolder(files: MajorFiles): string | undefined {
  const [catalogs] = filesNamed(files, 'postgres.bki');
  return catalogs === undefined ? undefined : posix.dirname(catalogs);
}

/** The share files that initdb and the server read are there, those of extensions and text search as well. */
export function shareFaults(files: MajorFiles): readonly FileFault[] {
  const { inventory, server, major } = files;
  const { tree } = inventory;
  if (server === undefined) return [];
  const folder = shareFolder(files);
  if (folder === undefined)
    return [missing('postgres.bki', `initdb of ${versionWord(major)} begins with it`)];
  const faults: FileFault[] = [];
  const head = /^# PostgreSQL (\d+)/.exec(textOf(tree, `${folder}/postgres.bki`))?.[1];
  if (head !== String(major)) {
    faults.push({
      code: 'share-file-of-other-major',
      message: `${shown(folder)}/postgres.bki is of PostgreSQL ${head ?? 'no major'}, the server of ${server.facts.version}`,
      details: { path: shown(`${folder}/postgres.bki`), found: head ?? '' },
    });
  }
  const absent = requiredFiles.filter((name) => resolveFile(tree, `${folder}/${name}`) === undefined);
  faults.push(
    ...absent.map((name) => missing(shown(`${folder}/${name}`), `initdb of ${versionWord(major)} reads it`)),
    ...stopWordFaults(tree, folder),
    ...extensionFaults(tree, `${folder}/extension`),
  );
  return faults;
}

type Tree = MajorFiles['inventory']['tree'];

/** `StopWords=danish` in the script that initdb runs. */
function stopWordFaults(tree: Tree, folder: string): readonly FileFault[] {
  const script = textOf(tree, `${folder}/snowball_create.sql`);
  const names = new Set([...script.matchAll(/StopWords=(\w+)/g)].map(([, name = '']) => name));
  return [...names]
    .map((name) => `${folder}/tsearch_data/${name}.stop`)
    .filter((path) => resolveFile(tree, path) === undefined)
    .map((path) => missing(shown(path), 'snowball_create.sql, which initdb runs, names it'));
}

/** An extension needs a script that makes its default version, or one that makes another and a way from there. */
function extensionFaults(tree: Tree, folder: string): readonly FileFault[] {
  const entry = tree.entry(folder);
  const names = entry?.kind === 'directory' ? entry.names : [];
  return names.flatMap((name) => {
    const [, extension] = /^([\w-]+)\.control$/.exec(name) ?? [];
    const control = textOf(tree, `${folder}/${name}`);
    const [, version] = /^\s*default_version\s*=\s*'([^']*)'/m.exec(control) ?? [];
    if (extension === undefined || version === undefined || /^\s*directory\s*=/m.test(control)) return [];
    const scripts = names.filter((each) => each.startsWith(`${extension}--`) && each.endsWith('.sql'));
    const steps = scripts.map((each) => each.slice(extension.length + 2, -'.sql'.length).split('--'));
    const reached = new Set(steps.filter(({ length }) => length === 1).map(([made = '']) => made));
    // A version found later may open a way from it: at most as many rounds as there are steps.
    for (let round = 0; round < steps.length; round++) {
      for (const [from = '', to] of steps) if (to !== undefined && reached.has(from)) reached.add(to);
    }
    return reached.has(version)
      ? []
      : [
          missing(
            shown(`${folder}/${extension}--${version}.sql`),
            `${name} has the default version ${version}`,
          ),
        ];
  });
}

function textOf(tree: Tree, path: string): string {
  const real = resolveFile(tree, path);
  const content = real === undefined ? undefined : tree.content(real);
  return content?.kind === 'text' ? content.text : '';
}

function missing(path: string, why: string): FileFault {
  return { code: 'share-file-missing', message: `${path} is missing: ${why}`, details: { path } };
}
