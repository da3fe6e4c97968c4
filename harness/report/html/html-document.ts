import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { printable } from '../printable.ts';
import { browserCode } from './browser-code.ts';
import { cspHash, escapeHtml } from './embed.ts';

/** Where styles and scripts of pages lie. */
export const browserFolder = join(import.meta.dirname, '../../../reports/html');

/** Files of `reports/html/style`, in the order in which their rules must follow one another. */
const styles = [
  'colours',
  'base',
  'verdict',
  'sections',
  'suspects',
  'tables',
  'matrix',
  'findings',
  'checks',
  'drift',
  'times',
  'explorer',
  'page-regions',
  'hex-dump',
  'print',
];

export interface HtmlDocument {
  readonly title: string;
  /** The script that fills the page. */
  readonly entry: string;
  /** What can be read before, and without, any script. */
  readonly body: string;
  readonly data: readonly string[];
  /** Whether it is shown by `redoubt open`, which it may ask for more. */
  readonly isServed?: boolean;
}

/** A page of Redoubt's: style and script within it, and a policy that lets nothing else run or load. */
export function htmlDocument({ title, entry, body, data, isServed = false }: HtmlDocument): string {
  const style = styles
    .map((name) => readFileSync(join(browserFolder, 'style', `${name}.css`), 'utf8'))
    .join('\n');
  const script = browserCode(entry);
  const policy = `default-src 'none'; style-src ${cspHash(style)}; script-src ${cspHash(script)}; base-uri 'none'; form-action 'none'${isServed ? "; connect-src 'self'" : ''}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(printable(title))}</title>
<style>${style}</style>
</head>
<body${isServed ? ' data-served' : ''}>
${body}
<main id="view" tabindex="-1"><noscript><p class="notice">The rest of this report needs JavaScript; <code>report.json</code> beside it says the same.</p></noscript></main>
${data.join('\n')}
<script>${script}</script>
</body>
</html>
`;
}
