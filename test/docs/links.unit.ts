import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { test } from '@japa/runner';

import { pages, repository, textOf } from './support/pages.ts';

/** A page without its blocks of code, in which nothing is a link or a heading. */
function proseOf(page: string): string {
  return textOf(page).replaceAll(/^```[^]*?^```/gm, '');
}

/** The names by which a page's headings are linked, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.group('the pages', () => {
  test('link to files and headings that there are', ({ assert }) => {
    for (const page of pages) {
      for (const [, target = ''] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? page : relative('', join(dirname(page), file));
        assert.isTrue(existsSync(join(repository, path)), `${page} links to ${target}`);
        if (anchor !== undefined) assert.include(anchorsOf(path), anchor, `${page} links to ${target}`);
      }
    }
  });

  test('of docs/ are each in its table of contents', ({ assert }) => {
    const contents = textOf('docs/README.md');
    for (const page of pages.filter((each) => each.startsWith('docs/') && each !== 'docs/README.md'))
      assert.include(contents, `](${relative('docs', page)})`, page);
  });

  test('name only files of the tree that there are', ({ assert }) => {
    for (const page of pages) {
      for (const [, path = ''] of textOf(page).matchAll(
        /`((?:harness|suites|corpora|reports|test|bench)\/[\w./-]*[\w/])`/g,
      )) {
        if (path.startsWith('reports/out')) continue;
        assert.isTrue(existsSync(join(repository, path)), `${page} names ${path}`);
      }
    }
  });
});
