import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '../../..');

/** What users and maintainers read, relative to the repository. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'corpora/tapes/README.md',
  ...readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export function textOf(page: string): string {
  return readFileSync(join(repository, page), 'utf8');
}

/** The commands of a page's shell blocks, without comments; one that goes on in the next line is one. */
export function commandsOf(page: string): readonly string[] {
  const blocks = [...textOf(page).matchAll(/^```sh\n([^]*?)^```/gm)];
  return blocks
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line.startsWith('./redoubt'));
}

/** Commands that stand in a page without being for a shell as they are: transcripts, and names that only a reader has. */
export function shownCommandsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^(?:\$ )?(\.\/redoubt .*)$/gm)].map(([, line = '']) =>
    line.replace(/\s+#.*$/, '').trim(),
  );
}
