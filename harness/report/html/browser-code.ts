import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

import { RedoubtError } from '../../error.ts';

interface BrowserModule {
  readonly number: number;
  readonly code: string;
}

const importStatement = /^import\s+(?:\{([^}]*)\}\s+from\s+)?'([^']+)';?/gm;
const exportStatement = /^export (?=(?:async function|function|class|const) (\w+))/gm;
const otherExport = /^export .*/m;
/** What a browser would not take for a part of the script that it stands in. */
const endOfScript = /<\/script|<!--/i;

/**
 * A TypeScript module with all that it imports as one script without imports, types taken out: what a page needs that is
 * opened from a file. Each module keeps a scope of its own. Only named imports and exports are understood.
 * @throws RedoubtError `browser-code` naming the file that holds anything else.
 */
export function browserCode(entry: string): string {
  const modules = new Map<string, BrowserModule>();
  const order: string[] = [];
  const visit = (path: string): BrowserModule => {
    const known = modules.get(path);
    if (known !== undefined) return known;
    const exported: string[] = [];
    const code = stripTypeScriptTypes(readFileSync(path, 'utf8'))
      .replaceAll(importStatement, (_, names: string | undefined, from: string) => {
        if (!from.startsWith('.')) throw notUnderstood(path, `the import of ${from}`);
        const { number } = visit(join(dirname(path), from));
        return names === undefined
          ? ''
          : `const {${names.replaceAll(/\s+as\s+/g, ': ')}} = $${String(number)};`;
      })
      .replaceAll(exportStatement, (_, name: string) => {
        exported.push(name);
        return '';
      });
    const left = otherExport.exec(code) ?? endOfScript.exec(code);
    if (left !== null) throw notUnderstood(path, left[0]);
    const made = { number: order.length, code };
    order.push(
      `const $${String(made.number)} = (() => {\n${code.trim()}\nreturn { ${exported.join(', ')} };\n})();`,
    );
    modules.set(path, made);
    return made;
  };
  visit(entry);
  return `'use strict';\n${order
    .join('\n')
    .replaceAll(/^[ \t]+$/gm, '')
    .replaceAll(/\n{2,}/g, '\n')}\n`;
}

function notUnderstood(path: string, what: string): RedoubtError {
  return new RedoubtError('infrastructure', 'browser-code', `${path}: ${what} cannot be put into a page`);
}
